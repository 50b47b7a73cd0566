//! What selectors pick, selectors in words, and which nodes reach which volumes.

use super::Case;
use super::containers::repository;
use super::unplaced::{Unplaced, holds};
use crate::seen::Seen;
use evidence::fact::meta::{Meta, Selector};
use evidence::fact::network::Service;
use evidence::fact::node::Node;
use evidence::fact::storage::Volume;
use evidence::fact::workload::Workload;
use std::collections::{BTreeMap, BTreeSet};

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

const WORKLOADS: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

impl Case {
    /// The workload that was made lately and is picked by a Service beside the one that was there before, and that one, where the two
    /// run other programs.
    pub fn intruder<'a>(
        &'a self,
        service: Seen<'a, Service>,
    ) -> Option<(Seen<'a, Workload>, Seen<'a, Workload>)> {
        let behind: Vec<_> = self.workloads_behind(service.it).filter(|it| it.ready > 0).collect();
        let [one, other] = behind.as_slice() else { return None };
        let (old, new) =
            if one.meta.created <= other.meta.created { (one, other) } else { (other, one) };
        let later = |it: &Meta| it.created.is_some() && it.created < new.meta.created;
        if !self.is_news(new.meta.created)
            || self.is_news(old.meta.created)
            || !later(&service.meta)
        {
            return None;
        }
        let program = |image: &str| repository(image).rsplit('/').next().map(str::to_owned);
        let programs = |it: &Workload| -> BTreeSet<Option<String>> {
            let containers = it.template.containers.iter().filter(|it| !it.init);
            containers.map(|it| program(&it.image)).collect()
        };
        programs(old.it).is_disjoint(&programs(new.it)).then_some((*new, *old))
    }

    /// Whether no workload of a namespace can have been overlooked.
    pub fn knows_workloads(&self, namespace: &str) -> bool {
        WORKLOADS.iter().all(|it| self.looked(it, namespace))
    }

    /// Whether a look at workloads of these namespaces (none: of any) failed.
    pub fn missed_workloads(&self, namespaces: &[String]) -> bool {
        WORKLOADS.iter().any(|it| self.failed_to_look(it, namespaces))
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
