//! Pods that no scheduler has looked at: it would have placed them, or said why not.

use super::Case;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::pod::Pod;
use jiff::SignedDuration;

/// A scheduler that runs looks at a new pod within seconds; a restart of it takes less than this.
const PATIENCE: SignedDuration = SignedDuration::from_mins(2);
/// What the scheduler writes on a claim whose volume waits for its first consumer.
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

impl Case {
    /// Pods that wait and that the scheduler of that name (empty for the default one) has said nothing about, each with
    /// the object at the top of its owners. None where it has placed a pod that is younger.
    pub fn unnoticed(&self, scheduler: &str) -> Vec<(Entity, Seen<'_, Pod>)> {
        let mut unnoticed: Vec<(Entity, Seen<'_, Pod>)> = Vec::new();
        for pod in self.pods().filter(|it| it.spec.scheduler == scheduler && self.is_unnoticed(it))
        {
            let root = self.root_of(&pod.meta, "Pod");
            if !unnoticed.iter().any(|(known, _)| *known == root) {
                unnoticed.push((root, pod));
            }
        }
        let oldest = unnoticed.iter().filter_map(|(_, pod)| pod.meta.created).min();
        let works = self.pods().any(|pod| {
            // A kubelet starts the pods of its own files without any scheduler.
            let static_one = pod.meta.owner.as_ref().is_some_and(|it| it.kind == "Node");
            !static_one
                && pod.spec.scheduler == scheduler
                && pod.meta.created >= oldest
                && condition(&pod.it.conditions, "PodScheduled").is_some()
        });
        if works { Vec::new() } else { unnoticed }
    }

    /// Whether the scheduler has chosen a node for a claim that a pod mounts: it says no more before the volume is there.
    fn has_chosen(&self, pod: &Pod) -> bool {
        let mounted = pod.spec.volumes.iter().map(|it| &it.object);
        let mut claims = mounted.filter(|it| it.kind == "PersistentVolumeClaim");
        claims.any(|it| {
            let claim = self.claim(&pod.meta.namespace, &it.name).seen();
            claim.is_some_and(|it| it.it.meta.annotations.contains_key(SELECTED_NODE))
        })
    }

    fn is_unnoticed(&self, pod: &Pod) -> bool {
        let waited = pod.meta.created.is_some_and(|at| self.as_of.duration_since(at) >= PATIENCE);
        pod.phase == "Pending"
            && pod.meta.deleted.is_none()
            && pod.spec.node_name.is_empty()
            && pod.containers.is_empty()
            && pod.spec.gates.is_empty()
            && condition(&pod.conditions, "PodScheduled").is_none()
            && !self.has_chosen(pod)
            && waited
            && self
                .events_of(&pod.meta.entity("Pod"), &["FailedScheduling", "Scheduled"])
                .next()
                .is_none()
    }
}
