//! How a cause leads to its symptoms: over owners, mounts, nodes, selection and routes.

use super::Found;
use super::roots::Root;
use super::symptoms::{Symptom, is_ready};
use crate::case::Case;
use crate::case::containers::all_read_by;
use crate::finding::Cite;
use crate::seen::{Presence, Seen};
use evidence::entity::Entity;
use evidence::fact::pod::{Pod, State};
use std::collections::BTreeSet;

/// One step, with the facts that show it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edge {
    pub(super) cause: (Entity, Option<String>),
    pub(super) effect: (Entity, Option<String>),
    pub(super) relation: &'static str,
    pub(super) cites: Vec<Cite>,
}

/// Steps shown of each kind; a report is no inventory.
const MOST: usize = 3;

/// From the cause to what callers notice.
pub(super) fn from(case: &Case, root: &Root<'_>, symptoms: &[Symptom]) -> Vec<Edge> {
    let mut edges = Vec::new();
    let found = root.found;
    let mut broken: Vec<&Entity> =
        root.reached.iter().filter(|it| it.kind != "Service" && it.kind != "Ingress").collect();
    // What it breaks itself before what that breaks.
    broken.sort_by_key(|it| !found.finding.explains.contains(it));
    for workload in broken
        .into_iter()
        .filter(|it| **it != found.finding.subject || case.pods_of(it).next().is_some())
        .take(MOST)
    {
        edges.extend(to_pod(case, root, workload));
    }
    for symptom in symptoms
        .iter()
        .filter(|it| it.entity.kind == "Service" && root.reached.contains(&it.entity))
        .take(MOST)
    {
        edges.extend(to_service(case, found, symptom));
        edges.extend(to_ingress(case, symptom));
    }
    edges
}

/// The cause, one pod that shows it, and the workload that lacks that pod.
fn to_pod(case: &Case, root: &Root<'_>, workload: &Entity) -> Vec<Edge> {
    let mut edges = Vec::new();
    let found = root.found;
    let subject = &found.finding.subject;
    let mode = Some(found.mode.id.to_owned());
    let sick = case.pods_of(workload).find(|pod| state(pod).is_some() && !is_ready(pod.it));
    let sick = sick.or_else(|| case.pods_of(workload).find(|pod| state(pod).is_some()));
    let Some(pod) = sick else {
        if subject != workload {
            edges.push(Edge {
                cause: (subject.clone(), mode),
                effect: (workload.clone(), None),
                relation: told(case, found, workload, workload),
                cites: found.finding.proofs.iter().take(1).cloned().collect(),
            });
        }
        return edges;
    };
    let shown = state(&pod);
    let name = pod.meta.entity("Pod");
    if name == *subject {
        return edges;
    }
    let says = format!("{name}: {}", shown.clone().unwrap_or_default());
    let cite = Cite::new(pod.exhibit, says);
    // What the cluster itself lacks is between: the cause breaks that, and that the workload.
    let direct = found.finding.explains.contains(workload);
    let between = case.rests_on(workload).into_iter().filter(|_| !direct);
    let between = between.into_iter().find(|it| it != subject && root.reached.contains(it));
    let (cause, relation) = match between {
        Some(between) => ((between, None), "is needed by"),
        None if subject == workload => ((subject.clone(), mode), "owns"),
        None => ((subject.clone(), mode), told(case, found, workload, &name)),
    };
    edges.push(Edge {
        cause,
        effect: (name.clone(), shown.clone()),
        relation,
        cites: vec![cite.clone()],
    });
    if subject != workload {
        let cites = vec![cite];
        edges.push(Edge {
            cause: (name, shown),
            effect: (workload.clone(), None),
            relation: "is a pod of",
            cites,
        });
    }
    edges
}

/// What a pod shows, in the kubelet's or scheduler's one word; none where it is ready.
fn state(pod: &Seen<'_, Pod>) -> Option<String> {
    for status in &pod.it.containers {
        match &status.state {
            Some(State::Waiting { reason, .. }) if !reason.is_empty() => {
                return Some(reason.clone());
            }
            Some(State::Terminated(ended)) if ended.exit_code != 0 => {
                return Some(ended.reason.clone());
            }
            _ => {}
        }
    }
    let unready = pod.it.conditions.iter().find(|it| {
        it.status == "False"
            && matches!(it.kind.as_str(), "PodScheduled" | "Ready")
            && !it.reason.is_empty()
    });
    if let Some(condition) = unready {
        return Some(condition.reason.clone());
    }
    pod.it.containers.iter().find_map(|it| it.last.as_ref()).map(|it| it.reason.clone())
}

fn to_service(case: &Case, found: &Found, symptom: &Symptom) -> Vec<Edge> {
    let service = &symptom.entity;
    if *service == found.finding.subject {
        return Vec::new();
    }
    let Presence::Present(seen) = case.service(&service.namespace, &service.name) else {
        return Vec::new();
    };
    let behind: BTreeSet<Entity> = case
        .workloads_behind(&seen)
        .map(|it| it.meta.entity(&it.kind))
        .chain(case.selected_by(&seen).map(|pod| case.root_of(&pod.meta, "Pod")))
        .collect();
    behind
        .into_iter()
        .take(1)
        .map(|workload| Edge {
            cause: (workload, None),
            effect: (service.clone(), Some(symptom.what.clone())),
            relation: "is selected by",
            cites: symptom.cites.clone(),
        })
        .collect()
}

fn to_ingress(case: &Case, symptom: &Symptom) -> Vec<Edge> {
    let service = &symptom.entity;
    case.ingresses()
        .filter(|it| {
            it.meta.namespace == service.namespace
                && it.it.routes.iter().any(|route| route.service == service.name)
        })
        .take(1)
        .map(|ingress| {
            let name = ingress.meta.entity("Ingress");
            let says = format!("{name} routes to {service}");
            Edge {
                cause: (service.clone(), Some(symptom.what.clone())),
                effect: (name, None),
                relation: "is routed to by",
                cites: vec![Cite::new(ingress.exhibit, says)],
            }
        })
        .collect()
}

/// What the cause does to a workload, or to a pod of it: to what it reaches through others it does nothing itself.
fn told(case: &Case, found: &Found, workload: &Entity, effect: &Entity) -> &'static str {
    let finding = &found.finding;
    let limits = matches!(finding.subject.kind.as_str(), "ResourceQuota" | "LimitRange");
    let by_name = finding.field.as_deref() == Some("metadata.name");
    if by_name || limits && !finding.explains.contains(workload) {
        return "affects";
    }
    relation(case, &finding.subject, effect)
}

/// Whether a workload reads a ConfigMap or Secret; what is no workload, or was not seen, may.
fn is_read(case: &Case, config: &Entity, reader: &Entity) -> bool {
    let Some(workload) = case.workload(reader).seen() else { return true };
    let spec = &workload.it.template;
    let mut objects = all_read_by(spec);
    // Templates of kinds of its own are not told.
    spec.containers.is_empty() || objects.any(|it| it.kind == config.kind && it.name == config.name)
}

/// Whether a pod, or one of a workload's, is on a node. What only calls such a pod is elsewhere.
fn runs(case: &Case, node: &Entity, effect: &Entity) -> bool {
    let here = |pod: &Pod| pod.spec.node_name == node.name;
    match effect.kind.as_str() {
        "Pod" => case.pod(effect).seen().is_some_and(|it| here(it.it)),
        _ => case.pods_of(effect).any(|it| here(it.it)),
    }
}

fn relation(case: &Case, cause: &Entity, effect: &Entity) -> &'static str {
    let leads = || {
        let service = case.service(&cause.namespace, &cause.name).seen();
        service.is_some_and(|it| {
            case.workloads_behind(it.it).any(|it| it.meta.entity(&it.kind) == *effect)
        })
    };
    match (cause.kind.as_str(), effect.kind.as_str()) {
        ("Node", _) if runs(case, cause, effect) => "runs",
        ("ResourceQuota" | "LimitRange", _) => "limits",
        ("ConfigMap" | "Secret", _) if !is_read(case, cause, effect) => "affects",
        ("ConfigMap" | "Secret", _) => "configures",
        ("PersistentVolumeClaim" | "PersistentVolume", _) => "is mounted by",
        ("StorageClass", _) => "provisions for",
        ("ServiceAccount", _) => "is the identity of",
        ("Service", _) if leads() => "leads to",
        ("Service", _) => "is called by",
        // A policy isolates pods of its own namespace; others miss what those would answer.
        ("NetworkPolicy", _) if cause.namespace == effect.namespace => "isolates",
        ("Job" | "CronJob", "Deployment" | "StatefulSet" | "DaemonSet") => "is awaited by",
        ("ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration", _) => "admits",
        _ => "affects",
    }
}

#[cfg(test)]
mod tests {
    use super::relation;
    use crate::case::Case;
    use crate::engine::symptoms::trial;
    use evidence::entity::Entity;
    use evidence::scope::{Scope, Window};

    #[test]
    fn a_node_runs_what_is_on_it() {
        let pod = "[{pod: {meta: {namespace: shop, name: web-1}, spec: {node_name: node-1}}}]";
        let case = trial::case(pod, None);
        let pod = Entity::new("Pod", "shop", "web-1");
        for (node, verb) in [("node-1", "runs"), ("node-2", "affects")] {
            assert_eq!(relation(&case, &Entity::new("Node", "", node), &pod), verb);
        }
    }

    #[test]
    fn a_policy_isolates_nobody_in_another_namespace() {
        let as_of = "2026-11-21T12:00:00Z".parse().unwrap();
        let case = Case::open("why?", Scope::default(), as_of, Window { start: as_of, end: as_of });
        let caller = Entity::new("Deployment", "shop", "web");
        for (namespace, verb) in [("shop", "isolates"), ("kube-system", "affects")] {
            let policy = Entity::new("NetworkPolicy", namespace, "default");
            assert_eq!(relation(&case, &policy, &caller), verb);
        }
    }
}
