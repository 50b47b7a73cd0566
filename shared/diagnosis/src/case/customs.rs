//! Custom objects that operators act on, and what they say of themselves.

use super::Case;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::Condition;
use evidence::fact::object::Object;

/// Kinds of Kubernetes itself that stand at the top of owners.
const BUILT_IN: [&str; 10] = [
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
    "Node",
    "Service",
];

/// Conditions that are good when they are True.
const GOOD: [&str; 7] =
    ["Ready", "Available", "Reconciled", "Synced", "Healthy", "ReconcileSuccess", "Running"];

/// Conditions that are bad when they are True.
const BAD: [&str; 8] = [
    "Degraded",
    "Failed",
    "Failure",
    "Error",
    "HasErrors",
    "NotReady",
    "ReconcileError",
    "Stalled",
];

/// Of a `NotReady` that only says that it is being made, as Strimzi's is.
const STARTING: &str = "Creating";

impl Case {
    /// Custom objects at the top of what owns pods or workloads.
    pub fn operated(&self) -> Vec<Entity> {
        let pods = self.roots().cloned();
        let workloads = self.workloads().map(|it| self.root_of(&it.meta, &it.kind));
        let mut operated: Vec<Entity> =
            pods.chain(workloads).filter(|it| !BUILT_IN.contains(&it.kind.as_str())).collect();
        operated.sort();
        operated.dedup();
        operated
    }

    /// A custom object by kind, namespace and name, in whatever version.
    pub fn custom(&self, name: &Entity) -> Option<Seen<'_, Object>> {
        self.objects().find(|it| it.it.meta.entity(&it.it.kind) == *name)
    }
}

/// What an object says is wrong with itself: the first condition that is bad and says why.
pub fn complaint(object: &Object) -> Option<&Condition> {
    object.conditions.iter().find(|it| {
        let bad = (GOOD.contains(&it.kind.as_str()) && it.status == "False")
            || (BAD.contains(&it.kind.as_str()) && it.status == "True" && it.reason != STARTING);
        bad && !it.message.is_empty()
    })
}
