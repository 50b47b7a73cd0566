//! Custom objects that operators act on, and what they say of themselves.

use super::Case;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::Condition;
use evidence::fact::object::Object;
use evidence::fact::workload::Autoscaler;

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

/// Kinds that act on what programs need, with the field that names it: what they fail at shows in no pod.
const ACTING: [(&str, &str); 4] = [
    ("ClusterSecretStore", ""),
    ("ExternalSecret", "spec.target.name"),
    ("ScaledObject", "spec.scaleTargetRef.name"),
    ("SecretStore", ""),
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

    /// Custom objects that lately say they are not as asked, where users report a trouble in words that name them, or what
    /// they act on.
    pub fn missed_customs(&self) -> Vec<(Seen<'_, Object>, &Condition)> {
        let is_missed = |it: &Seen<'_, Object>| {
            let kind = ACTING.iter().find(|(kind, _)| *kind == it.it.kind);
            kind.is_some_and(|(_, target)| {
                let target = it.it.fields.get(*target).unwrap_or(&it.it.meta.name);
                self.is_meant(&it.it.meta.name) || self.is_meant(target)
            })
        };
        let missed = self.objects().filter(|it| self.reported && is_missed(it));
        let complaining = missed.filter_map(|it| Some((it, complaint(it.it)?)));
        complaining
            .filter(|(_, condition)| condition.since.is_none() || self.is_news(condition.since))
            .collect()
    }

    /// Whether KEDA made no autoscaler of an object, as far as autoscalers were seen.
    pub fn is_unborn(&self, object: &Object) -> bool {
        let name = object.meta.entity("ScaledObject");
        let made = |it: Seen<'_, Autoscaler>| it.it.meta.owner.as_ref() == Some(&name);
        object.kind == "ScaledObject"
            && self.looked("HorizontalPodAutoscaler", &object.meta.namespace)
            && !self.autoscalers().any(made)
    }

    /// The ExternalSecrets that a store is to fill.
    pub fn kept_in(&self, store: &Entity) -> Vec<Entity> {
        let of = |it: &Object| {
            let named = |field: &str| it.fields.get(&format!("spec.secretStoreRef.{field}"));
            // The kind may be left out: `SecretStoreRef` of external-secrets.io/v1.
            let kind = named("kind").map_or("SecretStore", String::as_str);
            let near = store.namespace.is_empty() || store.namespace == it.meta.namespace;
            it.kind == "ExternalSecret"
                && kind == store.kind
                && near
                && named("name") == Some(&store.name)
        };
        let kept = self.objects().filter(|it| of(it.it));
        kept.map(|it| it.it.meta.entity("ExternalSecret")).collect()
    }

    /// Whether the question is about what bears this name, or its words stand in it.
    fn is_meant(&self, name: &str) -> bool {
        self.asked_object().is_some_and(|it| it.name == name) || self.asks_in_words_of(name)
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
