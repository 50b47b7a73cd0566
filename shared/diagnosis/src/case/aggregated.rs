//! APIs that a server other than the API server answers for: which of them do not answer, and what that breaks.
//!
//! The conditions are those of `kube-aggregator/pkg/controllers/status`; an autoscaler's words those of
//! `pkg/controller/podautoscaler/metrics`; a namespace's those of `pkg/controller/namespace/deletion`.

use super::Case;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::{Condition, condition};
use evidence::fact::object::Object;
use evidence::fact::workload::Workload;

/// An aggregated API, and what needs it.
#[derive(Clone, Debug)]
pub struct Aggregated<'a> {
    /// Its APIService.
    pub api: Seen<'a, Object>,
    /// What it says of its availability.
    pub available: &'a Condition,
    /// The Service that answers for it.
    pub service: Entity,
    /// What cannot do its work without it, as that says itself.
    pub broken: Vec<(Entity, Cite)>,
}

impl Case {
    /// The aggregated APIs that something misses, available or not.
    pub fn missed_apis(&self) -> Vec<Aggregated<'_>> {
        let mut missed = self.aggregated();
        missed.retain(|it| !it.broken.is_empty());
        missed
    }

    /// The APIs that a Service answers for.
    fn aggregated(&self) -> Vec<Aggregated<'_>> {
        let mut all = Vec::new();
        for api in self.objects().filter(|it| it.kind == "APIService") {
            let Some(available) = condition(&api.it.conditions, "Available") else { continue };
            let field = |name: &str| api.it.fields.get(name).map(String::as_str);
            // An API of the API server itself has no Service.
            let Some(service) = field("spec.service.name") else { continue };
            let namespace = field("spec.service.namespace").unwrap_or_default();
            let service = Entity::new("Service", namespace, service);
            let broken = self.misses(field("spec.group").unwrap_or_default());
            all.push(Aggregated { api, available, service, broken });
        }
        all
    }

    /// APIs that are registered and do not answer because the workload that answers for them has no ready pod.
    pub fn silent_apis(&self) -> Vec<(Aggregated<'_>, Seen<'_, Workload>)> {
        let mut silent = Vec::new();
        for api in self.aggregated().into_iter().filter(|it| it.available.status == "False") {
            let down = self.down_behind(&api);
            silent.extend(down.map(|it| (api, it)));
        }
        silent
    }

    /// The workload that answers for an API and has no ready pod.
    pub fn down_behind<'a>(&'a self, api: &Aggregated<'a>) -> Option<Seen<'a, Workload>> {
        let Entity { namespace, name, .. } = &api.service;
        let service = self.service(namespace, name).seen()?;
        self.workloads_behind(service.it).find(|it| it.desired > 0 && it.ready == 0)
    }

    /// Whether a workload that may answer for an aggregated API has no ready pod: such a server speaks TLS, at 443.
    pub fn may_silence_an_api(&self) -> bool {
        self.services().any(|service| {
            service.it.ports.iter().any(|it| it.port == 443)
                && self.workloads_behind(service.it).any(|it| it.desired > 0 && it.ready == 0)
        })
    }

    /// Whether anything says that an aggregated API does not answer.
    pub fn misses_an_api(&self) -> bool {
        GROUPS.iter().any(|(group, _)| !self.misses(group).is_empty())
            || self.namespaces().any(|it| undiscovered(&it.conditions).is_some())
    }

    /// What says that it cannot do its work without an API group.
    pub fn misses(&self, group: &str) -> Vec<(Entity, Cite)> {
        let mut broken = Vec::new();
        if let Some((_, words)) = GROUPS.iter().find(|(it, _)| *it == group) {
            let blind = self.blind_autoscalers().into_iter();
            let told = blind.filter(|it| it.condition.message.contains(words));
            broken.extend(told.map(|it| (it.entity(), it.cite())));
        }
        for namespace in self.namespaces() {
            let Some(failure) = undiscovered(&namespace.it.conditions) else { continue };
            if !group.is_empty() && names_group(&failure.message, group) {
                let entity = namespace.meta.entity("Namespace");
                let says = format!("{entity}: {}", failure.reason);
                broken.push((entity, Cite::quoting(namespace.exhibit, says, &failure.message)));
            }
        }
        broken
    }

    /// APIs that something misses and that nobody has registered, by the name that their APIService would have.
    pub fn unregistered_apis(&self) -> Vec<(Entity, Vec<(Entity, Cite)>)> {
        let mut unregistered = Vec::new();
        if !self.looked("APIService", "") {
            return unregistered;
        }
        for (group, _) in GROUPS {
            let registered = self.objects().any(|it| {
                it.kind == "APIService"
                    && it.it.fields.get("spec.group").is_some_and(|it| it == group)
            });
            let broken: Vec<(Entity, Cite)> =
                self.misses(group).into_iter().filter(|(_, it)| says_unserved(it)).collect();
            if !registered && !broken.is_empty() {
                unregistered
                    .push((Entity::new("APIService", "", &format!("v1beta1.{group}")), broken));
            }
        }
        unregistered
    }

    /// Whether this workload is what answers for an API.
    pub fn answers_for(&self, workload: &Entity, api: &Aggregated<'_>) -> bool {
        if workload.namespace != api.service.namespace {
            return false;
        }
        match self.service(&api.service.namespace, &api.service.name).seen() {
            Some(service) => {
                self.workloads_behind(service.it).any(|it| it.meta.entity(&it.kind) == *workload)
            }
            None => workload.name == api.service.name,
        }
    }
}

/// The groups that autoscalers ask, and their words where one does not answer.
const GROUPS: [(&str, &str); 3] = [
    ("metrics.k8s.io", "unable to fetch metrics from resource metrics API"),
    ("custom.metrics.k8s.io", "unable to fetch metrics from custom metrics API"),
    ("external.metrics.k8s.io", "unable to fetch metrics from external metrics API"),
];

/// The API server knows no such API; one that is registered and does not answer is `currently unable`.
fn says_unserved(cite: &Cite) -> bool {
    cite.excerpt.contains("could not find the requested resource")
}

fn undiscovered(conditions: &[Condition]) -> Option<&Condition> {
    condition(conditions, "NamespaceDeletionDiscoveryFailure").filter(|it| it.status == "True")
}

/// The group stands before a version: `external.metrics.k8s.io/v1beta1` is not of `metrics.k8s.io`.
fn names_group(message: &str, group: &str) -> bool {
    message.match_indices(&format!("{group}/v")).any(|(at, _)| {
        let before = message.get(..at).and_then(|it| it.chars().next_back());
        before.is_none_or(|it| !it.is_ascii_alphanumeric() && it != '.' && it != '-')
    })
}

#[cfg(test)]
mod tests {
    use super::names_group;

    #[test]
    fn a_group_is_no_part_of_a_longer_one() {
        let said =
            "complete list of server APIs: external.metrics.k8s.io/v1beta1: stale GroupVersion";
        assert!(names_group(said, "external.metrics.k8s.io"));
        assert!(!names_group(said, "metrics.k8s.io"));
    }
}
