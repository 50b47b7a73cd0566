//! What selectors pick, selectors in words, and which nodes reach which volumes.

use super::Case;
use super::unplaced::{Unplaced, holds};
use evidence::fact::meta::Selector;
use evidence::fact::network::Service;
use evidence::fact::node::Node;
use evidence::fact::storage::Volume;
use std::collections::BTreeMap;

/// A selector as kubectl would take it: `app=web,tier in (a,b)`.
pub fn words(selector: &Selector) -> String {
    let labels = selector.labels.iter().map(|(key, value)| format!("{key}={value}"));
    let further = selector.requirements.iter().map(|it| {
        let (key, operator) = (&it.key, &it.operator);
        match it.values.as_slice() {
            [] => format!("{key} {operator}"),
            values => format!("{key} {operator} {}", values.join("/")),
        }
    });
    let all: Vec<String> = labels.chain(further).collect();
    if all.is_empty() { "any labels".to_owned() } else { all.join(",") }
}

/// Whether a Service's selector picks pods of its namespace with these labels; none where it has no selector.
pub fn selects(service: &Service, labels: &BTreeMap<String, String>) -> bool {
    let mut wanted = service.selector.iter();
    !service.selector.is_empty() && wanted.all(|(key, value)| labels.get(key) == Some(value))
}

impl Case {
    /// Whether no workload of a namespace can have been overlooked.
    pub fn knows_workloads(&self, namespace: &str) -> bool {
        ["Deployment", "StatefulSet", "DaemonSet"].iter().all(|it| self.looked(it, namespace))
    }

    /// Whether a volume can be reached from a node.
    pub fn reaches(&self, volume: &Volume, node: &Node) -> bool {
        volume.node_affinity.is_empty() || volume.node_affinity.iter().any(|it| holds(it, node))
    }
}

impl Unplaced<'_> {
    /// The claims that the pod mounts.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        let volumes = self.pod.it.spec.volumes.iter();
        volumes
            .filter(|it| it.object.kind == "PersistentVolumeClaim")
            .map(|it| it.object.name.as_str())
    }
}
