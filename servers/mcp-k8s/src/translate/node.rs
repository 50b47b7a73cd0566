//! A node.

use super::meta::{condition, meta, quantities, time};
use evidence::fact::node::{Node, Taint};
use k8s_openapi::api::core::v1 as api;

/// A Node. What its pods request is not known from the node itself.
pub fn node(from: api::Node) -> Node {
    let spec = from.spec.unwrap_or_default();
    let status = from.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default().into_iter();
    Node {
        meta: meta(from.metadata),
        conditions: conditions
            .map(|it| {
                condition(it.type_, it.status, it.reason, it.message, it.last_transition_time)
            })
            .collect(),
        taints: spec.taints.unwrap_or_default().into_iter().map(taint).collect(),
        unschedulable: spec.unschedulable.unwrap_or(false),
        allocatable: quantities(status.allocatable),
        capacity: quantities(status.capacity),
        requested: Default::default(),
        kubelet: status.node_info.map(|info| info.kubelet_version).unwrap_or_default(),
    }
}

fn taint(from: api::Taint) -> Taint {
    Taint {
        key: from.key,
        value: from.value.unwrap_or_default(),
        effect: from.effect,
        since: time(from.time_added),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::fact::meta::condition as find;
    use serde_json::json;

    #[test]
    fn a_lost_node_keeps_its_condition_and_its_taint() {
        let from = json!({"metadata": {"name": "n1"},
            "spec": {"unschedulable": true, "taints": [{"key": "node.kubernetes.io/unreachable",
                "effect": "NoExecute", "timeAdded": "2026-11-01T10:00:00Z"}]},
            "status": {"allocatable": {"cpu": "3920m"}, "capacity": {"cpu": "4"}, "conditions": [{"type": "Ready", "status": "Unknown",
                "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}]}});
        let node = node(serde_json::from_value(from).unwrap());
        assert!(node.unschedulable);
        assert_eq!(node.taints[0].since, Some("2026-11-01T10:00:00Z".parse().unwrap()));
        assert_eq!(find(&node.conditions, "Ready").unwrap().reason, "NodeStatusUnknown");
        assert_eq!(node.allocatable["cpu"], "3920m");
        assert_eq!(node.capacity["cpu"], "4");
    }
}
