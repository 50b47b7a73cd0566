//! How nodes do: what is wrong with them, how full they are, and which pods they carry.

use crate::usage::{self, Amount};
use evidence::fact::meta::condition;
use evidence::fact::node::Node;
use evidence::fact::pod::Pod;
use jiff::Timestamp;
use mcp::age::{age, ago};
use std::collections::BTreeMap;

/// Taints that say what a condition says already.
const BY_CONDITION: &str = "node.kubernetes.io/";
/// Taints that are named.
const MOST_TAINTS: usize = 4;

/// What pods a node carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// What those that have not ended request.
    pub(crate) requested: Amount,
    /// Pods that have not ended.
    pub(crate) pods: u64,
    /// Pods by phase; a pod that is being deleted is `Terminating`, one that runs and is not ready `NotReady`.
    pub(crate) phases: BTreeMap<String, u64>,
}

impl Load {
    /// Counts one pod more.
    pub(crate) fn add(&mut self, pod: &Pod) {
        let has_ended = matches!(pod.phase.as_str(), "Succeeded" | "Failed");
        if !has_ended {
            self.requested = self.requested.plus(usage::requests(&pod.spec));
            self.pods += 1;
        }
        let ready = condition(&pod.conditions, "Ready").is_some_and(|it| it.status == "True");
        let phase = match pod.phase.as_str() {
            _ if pod.meta.deleted.is_some() => "Terminating",
            "Running" if !ready => "NotReady",
            phase => phase,
        };
        *self.phases.entry(phase.to_owned()).or_default() += 1;
    }

    /// Pods that are other than running and ready: `2 NotReady, 1 Pending`.
    pub(crate) fn unwell(&self) -> String {
        let other = self.phases.iter().filter(|(phase, _)| *phase != "Running");
        let each: Vec<String> = other.map(|(phase, count)| format!("{count} {phase}")).collect();
        each.join(", ")
    }
}

/// `Ready`, `NotReady` or `Unknown`, and whether it is cordoned.
pub(crate) fn status(node: &Node) -> String {
    let ready = match condition(&node.conditions, "Ready").map(|it| it.status.as_str()) {
        Some("True") => "Ready",
        Some("False") => "NotReady",
        _ => "Unknown",
    };
    let cordoned = if node.unschedulable { ",cordoned" } else { "" };
    format!("{ready}{cordoned}")
}

/// Taints that no condition explains.
pub(crate) fn taints(node: &Node) -> String {
    let own = node.taints.iter().filter(|it| !it.key.starts_with(BY_CONDITION));
    let all: Vec<String> = own.map(|it| format!("{}:{}", it.key, it.effect)).collect();
    match all.len() {
        0..=MOST_TAINTS => all.join(","),
        count => format!(
            "{} and {} more",
            all.get(..MOST_TAINTS).unwrap_or(&all).join(","),
            count - MOST_TAINTS
        ),
    }
}

/// One line: status, what is requested of what it has, pods. `load` is none where pods could not be read.
pub(crate) fn row(node: &Node, load: Option<&Load>, now: Timestamp) -> Vec<String> {
    let has = Amount::of(&node.allocatable);
    let most = node.allocatable.get("pods").map(String::as_str).unwrap_or("?");
    let unknown = || "?".to_owned();
    vec![
        node.meta.name.clone(),
        status(node),
        load.map_or_else(unknown, |it| {
            of(usage::cpu(it.requested.cpu), usage::cpu(has.cpu), it.requested.cpu, has.cpu)
        }),
        load.map_or_else(unknown, |it| {
            of(
                usage::memory(it.requested.memory),
                usage::memory(has.memory),
                it.requested.memory,
                has.memory,
            )
        }),
        load.map_or_else(unknown, |it| format!("{}/{most}", it.pods)),
        load.map(Load::unwell).unwrap_or_default(),
        taints(node),
        age(now, node.meta.created),
    ]
}

/// The columns of [`row`].
pub(crate) const COLUMNS: [&str; 8] =
    ["NODE", "STATUS", "CPU REQUESTED", "MEMORY REQUESTED", "PODS", "NOT RUNNING", "TAINTS", "AGE"];

/// `1.2 of 4, 30%`.
fn of(used: String, all: String, number: u64, whole: u64) -> String {
    format!("{used} of {all}, {}", usage::share(number, Some(whole)))
}

/// One node as fields and values. `beat` is when its kubelet last renewed its lease.
pub(crate) fn fields(
    node: &Node,
    load: Option<&Load>,
    beat: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Vec<String>> {
    let mut fields = Vec::new();
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            fields.push(vec![name.to_owned(), value]);
        }
    };
    add("status", status(node));
    add("heartbeat", ago(now, beat));
    for it in &node.conditions {
        let is_good = if it.kind == "Ready" { "True" } else { "False" };
        if it.status != is_good {
            let since = age(now, it.since);
            add(
                &format!("condition {}", it.kind),
                format!("{} for {since} {}", it.status, it.reason),
            );
        }
    }
    for it in &node.taints {
        let value = if it.value.is_empty() { String::new() } else { format!("={}", it.value) };
        add(
            "taint",
            format!("{}{value}:{} {}", it.key, it.effect, ago(now, it.since)).trim_end().to_owned(),
        );
    }
    for (name, value) in COLUMNS.iter().zip(row(node, load, now)).skip(2).take(4) {
        add(&name.to_lowercase(), value);
    }
    add(
        "ephemeral storage",
        node.allocatable.get("ephemeral-storage").cloned().unwrap_or_default(),
    );
    add("kubelet", node.kubelet.clone());
    add("age", age(now, node.meta.created));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_that_has_ended_takes_no_room() {
        let mut load = Load::default();
        for phase in ["Running", "Succeeded", "Pending"] {
            load.add(&Pod { phase: phase.to_owned(), ..Pod::default() });
        }
        assert_eq!(load.pods, 2);
        assert_eq!(load.unwell(), "1 NotReady, 1 Pending, 1 Succeeded");
    }
}
