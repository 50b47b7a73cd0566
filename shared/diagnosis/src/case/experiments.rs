//! Experiments that disturb pods on purpose, and which: rule R11.
//!
//! Conditions and records are those of `api/v1alpha1/common_types.go` of Chaos Mesh.

use super::Case;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::object::Object;
use evidence::fact::pod::{Pod, State};
use std::collections::{BTreeMap, BTreeSet};

/// An experiment that disturbs pods now.
#[derive(Clone, Debug)]
pub struct Experiment<'a> {
    /// What was seen of it.
    pub object: Seen<'a, Object>,
    /// What makes it: a schedule or a workflow, else itself.
    pub maker: Entity,
    /// The objects at the top of the owners of the pods that it disturbs.
    pub victims: BTreeSet<Entity>,
}

impl Experiment<'_> {
    /// What it does, in its own one word; empty where its kind says it all.
    pub fn action(&self) -> &str {
        let action = self.object.it.fields.get("spec.action").map_or("", String::as_str);
        let plain = |c: char| c.is_ascii_lowercase() || c == '-' || c == '_';
        if action.chars().all(plain) { action } else { "" }
    }
}

/// Actions that are done once: they leave the experiment as it was when they are over.
const ONCE: [&str; 2] = ["pod-kill", "container-kill"];

impl Case {
    /// The experiments that disturb pods now.
    pub fn experiments(&self) -> Vec<Experiment<'_>> {
        let mut experiments = Vec::new();
        if !self.rules.experiments {
            return experiments;
        }
        for object in self.objects().filter(|it| it.api_version.starts_with("chaos-mesh.org/")) {
            let says = |kind: &str| {
                condition(&object.it.conditions, kind).is_some_and(|it| it.status == "True")
            };
            let over = says("Paused") || says("AllRecovered") || object.meta.deleted.is_some();
            if !says("AllInjected") || over {
                continue;
            }
            let maker = self.root_of(&object.it.meta, &object.it.kind);
            let experiment = Experiment { object, maker, victims: self.disturbed(object.it) };
            let old = object.meta.created.is_some_and(|at| at < self.window.start);
            let done = old && ONCE.contains(&experiment.action());
            if !done && !experiment.victims.is_empty() {
                experiments.push(experiment);
            }
        }
        experiments
    }

    /// What it says that it has chosen; where that was not seen, what its selector picks.
    fn disturbed(&self, object: &Object) -> BTreeSet<Entity> {
        let mut victims = BTreeSet::new();
        for (key, id) in &object.fields {
            let Some(record) = key
                .strip_prefix("status.experiment.containerRecords[")
                .and_then(|it| it.strip_suffix("].id"))
            else {
                continue;
            };
            let phase = format!("status.experiment.containerRecords[{record}].phase");
            let mut parts = id.split('/');
            let (Some(namespace), Some(name)) = (parts.next(), parts.next()) else { continue };
            let injected = object.fields.get(&phase).is_none_or(|it| it == "Injected");
            let pod = self.pod(&Entity::new("Pod", namespace, name)).seen();
            if let Some(pod) = pod.filter(|_| injected) {
                victims.insert(self.root_of(&pod.meta, "Pod"));
            }
        }
        if victims.is_empty() {
            victims = self.selected_for(object);
        }
        victims
    }

    fn selected_for(&self, object: &Object) -> BTreeSet<Entity> {
        let mut namespaces: Vec<&str> = Vec::new();
        let mut labels: BTreeMap<&str, &str> = BTreeMap::new();
        let mut others = false;
        for (key, value) in &object.fields {
            let Some(rest) = key.strip_prefix("spec.selector.") else { continue };
            if rest.starts_with("namespaces[") {
                namespaces.push(value);
            } else if let Some(label) = rest.strip_prefix("labelSelectors.") {
                labels.insert(label, value);
            } else {
                others = true;
            }
        }
        if namespaces.is_empty() {
            namespaces.push(&object.meta.namespace);
        }
        // Other selectors narrow the choice in a way that is not read here.
        if labels.is_empty() || others {
            return BTreeSet::new();
        }
        let picks = |namespace: &str, of: &BTreeMap<String, String>| {
            namespaces.contains(&namespace)
                && labels.iter().all(|(key, value)| of.get(*key).is_some_and(|it| it == value))
        };
        let pods = self.pods().filter(|it| picks(&it.meta.namespace, &it.meta.labels));
        let mut victims: BTreeSet<Entity> = pods.map(|it| self.root_of(&it.meta, "Pod")).collect();
        let workloads =
            self.workloads().filter(|it| picks(&it.meta.namespace, &it.template_labels));
        victims.extend(workloads.map(|it| self.root_of(&it.meta, &it.kind)));
        victims
    }

    /// Whether an object's pods fail in a way that no disturbance of a running pod brings about.
    pub fn fails_before_running(&self, root: &Entity) -> bool {
        self.pods_of(root).any(|pod| {
            condition(&pod.it.conditions, "PodScheduled").is_some_and(|it| it.status == "False")
                || waits_for_what_it_is(pod.it)
        })
    }
}

fn waits_for_what_it_is(pod: &Pod) -> bool {
    let before = [
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    ];
    pod.containers.iter().any(|status| match &status.state {
        Some(State::Waiting { reason, .. }) => before.contains(&reason.as_str()),
        _ => false,
    })
}
