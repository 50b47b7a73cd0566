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
pub(crate) const PROBLEMS: [&str; 11] = [
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
    for node in case.nodes() {
        let conditions = node.it.conditions.iter();
        let bad = conditions.clone().find(|condition| match condition.kind.as_str() {
            "Ready" => condition.status != "True",
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
