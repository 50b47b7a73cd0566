//! A node in cells.

use super::{Cell, cell, wide};
use evidence::fact::meta::condition;
use evidence::fact::node::Node;

pub(super) fn cells(it: &Node) -> Vec<Cell> {
    let ready = match condition(&it.conditions, "Ready").map(|it| it.status.as_str()) {
        Some("True") => "Ready",
        Some("False") => "NotReady",
        _ => "Unknown",
    };
    let cordoned = if it.unschedulable { ",cordoned" } else { "" };
    let taints: Vec<String> =
        it.taints.iter().map(|taint| format!("{}:{}", taint.key, taint.effect)).collect();
    let may = |what: &str| it.allocatable.get(what).cloned().unwrap_or_default();
    vec![
        cell("STATUS", format!("{ready}{cordoned}")),
        cell("CPU", may("cpu")),
        cell("MEMORY", may("memory")),
        cell("PODS", may("pods")),
        cell("TAINTS", taints.join(",")),
        wide("KUBELET", &it.kubelet),
    ]
}
