//! Pods that a kubelet put out for what they wrote themselves: such a pod's node is well, and its successor fills up too.
//!
//! The sentences are those of `pkg/kubelet/eviction/eviction_manager.go`.

use super::Case;
use super::words::names::{between, name};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::pod::{Pod, State};
use jiff::Timestamp;

/// What a pod wrote more into than it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// An emptyDir with a size limit.
    Volume {
        /// The volume.
        name: String,
        /// Its size limit.
        limit: String,
    },
    /// The node's disk, by a container with a limit.
    Container {
        /// The container.
        name: String,
        /// Its limit of `ephemeral-storage`.
        limit: String,
    },
}

/// A pod that was evicted for what it wrote itself.
#[derive(Clone, Debug)]
pub struct Eviction<'a> {
    /// The object at the top of the pod's owners.
    pub root: Entity,
    /// The pod.
    pub pod: Seen<'a, Pod>,
    /// What it filled.
    pub over: Over,
    /// When, where that is known.
    pub at: Option<Timestamp>,
}

impl Eviction<'_> {
    /// Cites the kubelet's sentence.
    pub fn cite(&self) -> Cite {
        let says = format!("{} was evicted", self.pod.meta.entity("Pod"));
        Cite::quoting(self.pod.exhibit, says, &self.pod.it.message)
    }
}

impl Case {
    /// Pods that were evicted for what they wrote themselves within the time that was asked about, of workloads that
    /// nobody changed since.
    pub fn evictions(&self) -> Vec<Eviction<'_>> {
        let evicted = self.pods().filter(|it| it.phase == "Failed" && it.reason == "Evicted");
        let mut evictions = Vec::new();
        for pod in evicted {
            let Some(over) = over(&pod.it.message).or_else(|| over_in_all(pod.it)) else {
                continue;
            };
            let at = ended(pod.it);
            let recent = at.is_none_or(|at| at >= self.window.start);
            let root = self.root_of(&pod.meta, "Pod");
            let old = self.rules.current_state && !recent;
            if old || self.was_changed_since(&root, pod) {
                continue;
            }
            evictions.push(Eviction { root, pod, over, at });
        }
        evictions
    }

    /// Whether younger pods are of another revision, which their labels tell: it may have mended that.
    fn was_changed_since(&self, root: &Entity, evicted: Seen<'_, Pod>) -> bool {
        let mut younger = self.pods_of(root).filter(|it| it.meta.created > evicted.meta.created);
        younger.any(|it| !of_revision(it.it).eq(of_revision(evicted.it)))
    }
}

/// The labels of a pod, but those that tell it from others of its revision.
fn of_revision(pod: &Pod) -> impl Iterator<Item = (&String, &String)> {
    const OWN: [&str; 4] = [
        "controller-uid",
        "job-name",
        "apps.kubernetes.io/pod-index",
        "statefulset.kubernetes.io/pod-name",
    ];
    let labels = pod.meta.labels.iter();
    labels
        .filter(|(key, _)| !OWN.contains(&key.as_str()) && !key.starts_with("batch.kubernetes.io/"))
}

fn ended(pod: &Pod) -> Option<Timestamp> {
    let told = condition(&pod.conditions, "DisruptionTarget").and_then(|it| it.since);
    let ends = pod.containers.iter().filter_map(|it| match &it.state {
        Some(State::Terminated(ended)) => ended.finished,
        _ => None,
    });
    told.or_else(|| ends.max()).or(pod.started)
}

/// `Usage of EmptyDir volume "scratch" exceeds the limit "256Mi". `, `Container web exceeded its local ephemeral storage
/// limit "1Gi". `
fn over(message: &str) -> Option<Over> {
    let limit = |before: &str| between(message, before, "\"").and_then(name);
    if let Some(volume) = between(message, "Usage of EmptyDir volume \"", "\"") {
        let limit = limit("exceeds the limit \"")?;
        return Some(Over::Volume { name: name(volume)?, limit });
    }
    let container = between(message, "Container ", " exceeded its local ephemeral storage limit")?;
    let limit = limit("local ephemeral storage limit \"")?;
    Some(Over::Container { name: name(container)?, limit })
}

/// `Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. `, where one container alone has a limit.
fn over_in_all(pod: &Pod) -> Option<Over> {
    let before = "Pod ephemeral local storage usage exceeds the total limit of containers ";
    let limit = between(&pod.message, before, ". ")?.trim_end_matches('.');
    let containers = pod.spec.containers.iter().filter(|it| !it.init || it.sidecar);
    let mut limited = containers.filter(|it| it.limits.contains_key("ephemeral-storage"));
    let (one, None) = (limited.next()?, limited.next()) else { return None };
    Some(Over::Container { name: name(&one.name)?, limit: name(limit)? })
}

#[cfg(test)]
mod tests {
    use super::{Over, over};

    #[test]
    fn tells_what_a_pod_filled_itself() {
        let volume = Over::Volume { name: "scratch".into(), limit: "256Mi".into() };
        let text = "Usage of EmptyDir volume \"scratch\" exceeds the limit \"256Mi\". ";
        assert_eq!(over(text), Some(volume));
        let container = Over::Container { name: "web".into(), limit: "1Gi".into() };
        let text = "Container web exceeded its local ephemeral storage limit \"1Gi\". ";
        assert_eq!(over(text), Some(container));
        assert_eq!(over("The node was low on resource: ephemeral-storage."), None);
    }
}
