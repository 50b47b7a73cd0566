//! Nodes that are not ready, under pressure, or reported broken by node-problem-detector. A cordon alone is no symptom:
//! rule R3.

use super::workloads::is_ready;
use super::{Gravity, Symptom};
use crate::case::Case;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::meta::Condition;
use evidence::fact::node::Node;

/// Conditions of a node that are bad when they are `True`.
pub(crate) const PRESSURES: [&str; 4] =
    ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];

/// Conditions that node-problem-detector sets, bad when they are `True`. It never takes some of them back, so that an
/// old one counts only where pods of the node fail.
/// See <https://github.com/kubernetes/node-problem-detector/tree/master/config>.
pub const PROBLEMS: [&str; 11] = [
    "ContainerRuntimeUnhealthy",
    "CorruptDockerOverlay2",
    "FilesystemCorruptionProblem",
    "FrequentContainerdRestart",
    "FrequentDockerRestart",
    "FrequentKubeletRestart",
    "FrequentUnregisterNetDevice",
    "KernelDeadlock",
    "KubeletUnhealthy",
    "ReadonlyFilesystem",
    "XfsShutdown",
];

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for node in case.nodes().filter(|it| case.bears_on_scope(it)) {
        let conditions = node.it.conditions.iter();
        let bad = conditions.clone().find(|condition| match condition.kind.as_str() {
            "Ready" => condition.status != "True" && !case.is_passing(&node),
            kind => PRESSURES.contains(&kind) && condition.status == "True",
        });
        let Some(bad) = bad.or_else(|| conditions.clone().find(|it| is_problem(case, &node, it)))
        else {
            continue;
        };
        let entity = node.meta.entity("Node");
        let what = format!("{} is {}", bad.kind, bad.status);
        let cite = Cite::quoting(node.exhibit, format!("{entity}: {what}"), &bad.message);
        let gravity = if bad.kind == "Ready" { Gravity::Down } else { Gravity::Partial };
        symptoms.push(Symptom { entity, what, since: bad.since, gravity, cites: vec![cite] });
    }
}

/// Whether a condition is one of node-problem-detector's, is new, or has victims.
pub(crate) fn is_problem(case: &Case, node: &Seen<'_, Node>, condition: &Condition) -> bool {
    let known = PROBLEMS.contains(&condition.kind.as_str()) && condition.status == "True";
    let new = condition.since.is_some_and(|since| since >= case.window.start);
    let victims = || {
        case.pods().any(|pod| {
            pod.spec.node_name == node.meta.name && pod.phase != "Failed" && !is_ready(pod.it)
        })
    };
    known && (!case.rules.baseline || new || victims())
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    const NODE: &str = r#"
- node:
    meta: {name: n, created: "CREATED"}
    taints: [TAINTS]
    conditions: [{type: Ready, status: "False", reason: KubeletNotReady, message: "cni plugin not initialized", since: "SINCE"}]
- pod:
    meta: {namespace: HOME, name: agent, owner: {kind: DaemonSet, namespace: HOME, name: agent}}
    phase: Pending
    spec: {node_name: n}
"#;

    fn nodes(home: &str, created: &str, taints: &str, since: &str) -> usize {
        let facts = NODE.replace("HOME", home).replace("CREATED", created);
        let facts = facts.replace("TAINTS", taints).replace("SINCE", since);
        seen(&facts, None).iter().filter(|it| it.starts_with("Node")).count()
    }

    const LONG_AGO: &str = "2026-11-01T10:00:00Z";
    const LEAVES: &str = "{key: aws-node-termination-handler/spot-itn, effect: NoSchedule}";

    #[test]
    fn one_that_is_not_ready_is_a_symptom_of_those_whose_pods_it_holds() {
        assert_eq!(nodes("shop", LONG_AGO, "", LONG_AGO), 1);
        assert_eq!(nodes("blog", LONG_AGO, "", LONG_AGO), 0);
    }

    #[test]
    fn one_that_has_just_joined_is_none() {
        assert_eq!(nodes("shop", "2026-11-21T11:59:20Z", "", "2026-11-21T11:59:20Z"), 0);
    }

    #[test]
    fn one_that_is_being_taken_away_is_none_until_it_stays() {
        assert_eq!(nodes("shop", LONG_AGO, LEAVES, "2026-11-21T11:58:00Z"), 0);
        assert_eq!(nodes("shop", LONG_AGO, LEAVES, "2026-11-21T11:00:00Z"), 1);
    }
}
