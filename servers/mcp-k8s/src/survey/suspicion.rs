//! Which namespaces of a cluster are worth a closer look: by what lacks, never by what a text says.

use super::misled;
use super::rows::BadRow;
use evidence::fact::Body;
use evidence::fact::event::Event;
use evidence::fact::meta::condition;
use evidence::fact::network::{Ingress, Service};
use evidence::fact::workload::{Job, Workload};
use std::collections::{BTreeMap, BTreeSet};

/// What weighs how much. A workload without its pods is the clearest sign; a Service that leads nowhere is often meant so.
const WORKLOAD_SHORT: u32 = 10;
const BAD_POD: u32 = 5;
const JOB_FAILED: u32 = 5;
const NAMESPACE_GOING: u32 = 3;
const SERVICE_DEAD: u32 = 2;
const SERVICE_MISLED: u32 = 2;
const ENTRANCE_BROKEN: u32 = 5;
const CONTROLLER_COMPLAINS: u32 = 1;

/// What controllers say of objects that fail without any pod showing it: a CronJob that starts nothing, an autoscaler that
/// cannot compute.
pub(super) const COMPLAINTS: [(&str, &[&str]); 2] = [
    (
        "CronJob",
        &[
            "UnparseableSchedule",
            "UnParseableCronJobSchedule",
            "UnknownTimeZone",
            "InvalidSchedule",
            "TooManyMissedTimes",
            "MissSchedule",
            "FailedCreate",
        ],
    ),
    (
        "HorizontalPodAutoscaler",
        &[
            "FailedGetScale",
            "FailedGetResourceMetric",
            "FailedGetExternalMetric",
            "FailedGetPodsMetric",
            "FailedGetObjectMetric",
            "FailedGetContainerResourceMetric",
            "AmbiguousSelector",
        ],
    ),
];
/// Without the name service everything else fails, which must not hide it.
const NAMES_DEAD: u32 = 1000;

/// What was found out about the cluster at first glance.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Suspicion {
    /// How suspicious each namespace is; those that are not have no entry.
    pub(crate) weights: BTreeMap<String, u32>,
    /// Pods that are not well of which nothing tells the namespace.
    pub(crate) homeless: Vec<String>,
}

impl Suspicion {
    /// The suspicious namespaces, the most suspicious first.
    pub(crate) fn ranked(&self) -> Vec<&str> {
        let mut ranked: Vec<(&str, u32)> =
            self.weights.iter().map(|(namespace, weight)| (namespace.as_str(), *weight)).collect();
        ranked.sort_by_key(|(namespace, weight)| (std::cmp::Reverse(*weight), *namespace));
        ranked.into_iter().map(|(namespace, _)| namespace).collect()
    }

    /// Adds a pod that is not well, once its namespace is known.
    pub(crate) fn add_pod(&mut self, namespace: &str) {
        *self.weights.entry(namespace.to_owned()).or_default() += BAD_POD;
    }
}

/// Kinds of which all were read, so that what was not seen of them is not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// EndpointSlices: a Service without any has none.
    pub(crate) endpoints: bool,
    /// Services: what an Ingress names and is not among them is missing.
    pub(crate) services: bool,
}

/// Weighs what was seen.
pub(crate) fn weigh<'a>(
    facts: impl Iterator<Item = &'a Body> + Clone,
    rows: &[BadRow],
    known: Known,
) -> Suspicion {
    let mut suspicion = Suspicion::default();
    for fact in facts.clone() {
        let weight = match fact {
            Body::Workload(workload) if is_short(workload) => WORKLOAD_SHORT,
            Body::Job(job) if has_failed(job) => JOB_FAILED,
            Body::Namespace(namespace) if namespace.phase == "Terminating" => NAMESPACE_GOING,
            _ => continue,
        };
        let entity = fact.entity();
        let is_namespace = entity.kind == "Namespace";
        let namespace = if is_namespace { entity.name } else { entity.namespace };
        *suspicion.weights.entry(namespace).or_default() += weight;
    }
    if known.endpoints {
        for service in dead_services(facts.clone()) {
            let namespace = &service.meta.namespace;
            let names = namespace == "kube-system" && service.meta.name == "kube-dns";
            let weight = if names { NAMES_DEAD } else { SERVICE_DEAD };
            *suspicion.weights.entry(namespace.clone()).or_default() += weight;
        }
    }
    for service in misled::services(facts.clone()) {
        *suspicion.weights.entry(service.meta.namespace.clone()).or_default() += SERVICE_MISLED;
    }
    if known.services {
        for ingress in broken_entrances(facts.clone()) {
            let namespace = ingress.meta.namespace.clone();
            *suspicion.weights.entry(namespace).or_default() += ENTRANCE_BROKEN;
        }
    }
    let complained: BTreeSet<&str> = facts
        .clone()
        .filter_map(|fact| match fact {
            Body::Event(it) if complains(it) => Some(it.subject.namespace.as_str()),
            _ => None,
        })
        .collect();
    for namespace in complained {
        *suspicion.weights.entry(namespace.to_owned()).or_default() += CONTROLLER_COMPLAINS;
    }
    house(&mut suspicion, facts, rows);
    suspicion
}

/// Where nothing in the cluster measures, every autoscaler says so, in every namespace.
fn complains(event: &Event) -> bool {
    event.warning
        && !event.message.contains("could not find the requested resource")
        && COMPLAINTS.iter().any(|(kind, reasons)| {
            event.subject.kind == *kind && reasons.contains(&event.reason.as_str())
        })
}

/// It lacks pods, or its rollout does not move.
pub(crate) fn is_short(workload: &Workload) -> bool {
    let says = |kind: &str, status: &str| {
        condition(&workload.conditions, kind).is_some_and(|it| it.status == status)
    };
    workload.desired > 0
        && (workload.ready < workload.desired
            || says("Progressing", "False")
            || says("ReplicaFailure", "True"))
}

/// It has given up.
pub(crate) fn has_failed(job: &Job) -> bool {
    condition(&job.conditions, "Failed").is_some_and(|it| it.status == "True")
}

/// Services that select pods and have no ready one.
pub(crate) fn dead_services<'a>(
    facts: impl Iterator<Item = &'a Body> + Clone,
) -> impl Iterator<Item = &'a Service> {
    let alive: BTreeSet<(&str, &str)> = facts
        .clone()
        .filter_map(|fact| match fact {
            Body::Endpoints(it) if it.ready > 0 => {
                Some((it.namespace.as_str(), it.service.as_str()))
            }
            _ => None,
        })
        .collect();
    facts
        .filter_map(move |fact| match fact {
            Body::Service(it) => Some(it),
            _ => None,
        })
        .filter(move |it| {
            !it.selector.is_empty()
                && it.kind != "ExternalName"
                && !alive.contains(&(it.meta.namespace.as_str(), it.meta.name.as_str()))
        })
}

/// Ingresses with a rule whose Service does not exist.
fn broken_entrances<'a>(
    facts: impl Iterator<Item = &'a Body> + Clone,
) -> impl Iterator<Item = &'a Ingress> {
    let services: BTreeSet<(&str, &str)> = facts
        .clone()
        .filter_map(|fact| match fact {
            Body::Service(it) => Some((it.meta.namespace.as_str(), it.meta.name.as_str())),
            _ => None,
        })
        .collect();
    facts
        .filter_map(|fact| match fact {
            Body::Ingress(it) => Some(it),
            _ => None,
        })
        .filter(move |ingress| {
            let namespace = ingress.meta.namespace.as_str();
            ingress.routes.iter().any(|it| {
                // Words of controllers for something that is no Service.
                let other = it.port == "use-annotation"
                    || it.service.is_empty()
                    || it.service.starts_with("cm-acme-http-solver-");
                !other && !services.contains(&(namespace, it.service.as_str()))
            })
        })
}

/// Finds the namespace of each bad row: that of the one workload whose name its own begins with.
fn house<'a>(suspicion: &mut Suspicion, facts: impl Iterator<Item = &'a Body>, rows: &[BadRow]) {
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for fact in facts {
        match fact {
            Body::Workload(it) => {
                owners.entry(&it.meta.name).or_default().insert(&it.meta.namespace);
            }
            Body::Job(it) => {
                owners.entry(&it.meta.name).or_default().insert(&it.meta.namespace);
            }
            _ => {}
        }
    }
    for row in rows {
        let owned = owner_names(&row.name).find_map(|name| owners.get(name));
        // Several namespaces may have a workload of this name: then those that lack pods, which weigh already.
        let lacking = |namespace: &&&str| suspicion.weights.contains_key(**namespace);
        let namespace = match owned {
            Some(owned) if owned.len() == 1 => owned.first(),
            Some(owned) => owned.iter().find(lacking),
            None => None,
        };
        match namespace {
            Some(namespace) => {
                let namespace = (*namespace).to_owned();
                suspicion.add_pod(&namespace);
            }
            None => suspicion.homeless.push(row.name.clone()),
        }
    }
}

/// What the workload may be called whose pod bears this name: one part less (StatefulSet, DaemonSet, Job), or two
/// (Deployment).
fn owner_names(pod: &str) -> impl Iterator<Item = &str> {
    let one_less = pod.rsplit_once('-').map(|(name, _)| name);
    let two_less = one_less.and_then(|name| name.rsplit_once('-')).map(|(name, _)| name);
    // The longer one first: `web-api-0` is rather of `web-api` than of `web`.
    one_less.into_iter().chain(two_less)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::entity::Entity;
    use evidence::fact::meta::Meta;
    use evidence::fact::network::{Endpoints, Route};

    const ALL: Known = Known { endpoints: true, services: true };

    fn workload(namespace: &str, name: &str, ready: u32) -> Body {
        let meta = Meta { namespace: namespace.into(), name: name.into(), ..Meta::default() };
        Body::Workload(Workload {
            kind: "Deployment".into(),
            meta,
            desired: 2,
            ready,
            ..Workload::default()
        })
    }

    fn row(name: &str) -> BadRow {
        BadRow { name: name.into(), says: "CrashLoopBackOff 0/1".into() }
    }

    #[test]
    fn a_healthy_cluster_is_not_suspicious() {
        let facts = [workload("shop", "web", 2), workload("blog", "web", 2)];
        assert_eq!(weigh(facts.iter(), &[], ALL), Suspicion::default());
    }

    #[test]
    fn the_namespace_that_lacks_most_comes_first() {
        let facts =
            [workload("shop", "web", 1), workload("blog", "a", 0), workload("blog", "b", 0)];
        assert_eq!(weigh(facts.iter(), &[], ALL).ranked(), ["blog", "shop"]);
    }

    #[test]
    fn nothing_hides_a_name_service_that_nobody_answers_for() {
        let meta =
            Meta { namespace: "kube-system".into(), name: "kube-dns".into(), ..Meta::default() };
        let selector = BTreeMap::from([("k8s-app".to_owned(), "kube-dns".to_owned())]);
        let service = Body::Service(Service { meta, selector, ..Service::default() });
        let facts = [workload("shop", "web", 0), service];
        assert_eq!(weigh(facts.iter(), &[], ALL).ranked(), ["kube-system", "shop"]);
    }

    #[test]
    fn a_bad_pod_is_at_home_where_its_workload_is() {
        let facts = [workload("shop", "web-api", 2), workload("blog", "web", 2)];
        let suspicion = weigh(facts.iter(), &[row("web-api-5d8f7c9b6-x2x4z")], ALL);
        assert_eq!(suspicion.ranked(), ["shop"]);
    }

    #[test]
    fn a_pod_that_nothing_places_is_homeless() {
        let suspicion = weigh([].iter(), &[row("naked")], ALL);
        assert_eq!(suspicion.homeless, ["naked"]);
    }

    #[test]
    fn a_service_without_a_ready_pod_is_suspicious_only_where_all_endpoints_were_read() {
        let meta = Meta { namespace: "shop".into(), name: "web".into(), ..Meta::default() };
        let selector = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
        let service = Body::Service(Service { meta, selector, ..Service::default() });
        let endpoints = Body::Endpoints(Endpoints {
            namespace: "shop".into(),
            service: "web".into(),
            ready: 1,
            ..Endpoints::default()
        });
        assert_eq!(weigh([service.clone()].iter(), &[], ALL).ranked(), ["shop"]);
        assert!(
            weigh([service.clone()].iter(), &[], Known { endpoints: false, ..ALL })
                .ranked()
                .is_empty()
        );
        assert!(weigh([service, endpoints].iter(), &[], ALL).ranked().is_empty());
    }

    #[test]
    fn an_ingress_is_broken_only_where_all_services_were_read() {
        let meta =
            |name: &str| Meta { namespace: "shop".into(), name: name.into(), ..Meta::default() };
        let route = Route { service: "web".into(), ..Route::default() };
        let ingress = Ingress { meta: meta("web"), routes: vec![route], ..Ingress::default() };
        let other = Body::Service(Service { meta: meta("cart"), ..Service::default() });
        let facts = [Body::Ingress(ingress.clone()), other];
        assert_eq!(weigh(facts.iter(), &[], ALL).ranked(), ["shop"]);
        let cut = Known { services: false, ..ALL };
        assert!(weigh(facts.iter(), &[], cut).ranked().is_empty());
        // That there is no Service at all breaks it as well.
        assert_eq!(weigh([Body::Ingress(ingress)].iter(), &[], ALL).ranked(), ["shop"]);
    }

    #[test]
    fn what_only_a_controller_complains_of_is_suspicious() {
        let said = |kind: &str, reason: &str, message: &str| {
            Body::Event(Event {
                subject: Entity::new(kind, "shop", "web"),
                warning: true,
                reason: reason.into(),
                message: message.into(),
                ..Event::default()
            })
        };
        let cron_job = said("CronJob", "UnknownTimeZone", "");
        assert_eq!(weigh([cron_job].iter(), &[], ALL).ranked(), ["shop"]);
        let blind = said("HorizontalPodAutoscaler", "FailedGetResourceMetric", "no metrics");
        assert_eq!(weigh([blind].iter(), &[], ALL).ranked(), ["shop"]);
        let unserved = "the server could not find the requested resource";
        let baseline = said("HorizontalPodAutoscaler", "FailedGetResourceMetric", unserved);
        assert!(weigh([baseline].iter(), &[], ALL).ranked().is_empty());
    }
}
