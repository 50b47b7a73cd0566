//! Nodes that came, went, were cordoned or fell ill.

use super::{Change, Told, Window, change};
use crate::survey::reading::Desk;
use crate::translate::event::one;
use crate::translate::node::node;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{EVENTS, NODES};
use evidence::fact::Body;
use evidence::fact::event::Event;
use evidence::fact::node::Node;
use k8s_openapi::api::core::v1 as api;

/// The taint of a cordoned node.
const CORDONED: &str = "node.kubernetes.io/unschedulable";
/// What happened to nodes that are gone or look as before: reasons of events, and our words.
const SAID: [(&str, &str); 3] =
    [("DeletingNode", "removed"), ("Rebooted", "rebooted"), ("RemovingNode", "removed")];

/// Changes of nodes, wherever in the cluster the question is asked.
pub(super) async fn read(desk: &Desk, window: Window<'_>) -> Told {
    let mut changes = Vec::new();
    let mut bodies = Vec::new();
    let visit = |it: api::Node| {
        let node = node(it);
        let found = of(&node, window);
        if !found.is_empty() {
            changes.extend(found);
            bodies.push(Body::Node(node));
        }
    };
    let options =
        ListOptions { fields: "involvedObject.kind=Node".to_owned(), ..ListOptions::default() };
    let mut gone = Vec::new();
    let (kind, said_of) = (NODES, EVENTS);
    let (mut reading, heard) = tokio::join!(
        desk.each(&kind, Reach::Cluster, ListOptions::default(), visit),
        desk.each(&said_of, Reach::Cluster, options, |it: api::Event| gone
            .extend(said(one(it), window))),
    );
    reading.bodies = bodies;
    changes.extend(gone);
    Told { changes, readings: vec![reading, heard], ..Told::default() }
}

fn said(event: Event, window: Window<'_>) -> Option<Change> {
    let (_, what) = SAID.iter().find(|(reason, _)| *reason == event.reason)?;
    let at = window.holds(event.last)?;
    let details = vec![event.message];
    let bad = *what == "rebooted";
    Some(Change { details, bad, ..change(at, event.subject, *what, event.component) })
}

fn of(node: &Node, window: Window<'_>) -> Vec<Change> {
    let subject = || node.meta.entity("Node");
    let mut changes = Vec::new();
    if let Some(at) = window.holds(node.meta.created) {
        changes.push(change(at, subject(), "joined", ""));
    }
    for it in &node.conditions {
        let Some(at) = window.holds(it.since) else { continue };
        let is_good = (it.kind == "Ready") == (it.status == "True");
        let is_new = window.holds(node.meta.created).is_some();
        let what = match (it.kind.as_str(), is_good) {
            ("Ready", true) => "ready again".to_owned(),
            ("Ready", false) => format!("not ready: {}", it.reason),
            (kind, false) => format!("{kind}: {}", it.reason),
            (kind, true) => format!("{kind} is over"),
        };
        if !(is_good && is_new) {
            let details = if is_good || it.message.is_empty() {
                Vec::new()
            } else {
                vec![it.message.clone()]
            };
            changes.push(Change { bad: !is_good, details, ..change(at, subject(), what, "") });
        }
    }
    for taint in &node.taints {
        let Some(at) = window.holds(taint.since) else { continue };
        if taint.key == CORDONED {
            changes.push(change(at, subject(), "cordoned", cordoner(node)));
        }
    }
    changes
}

/// Who set `spec.unschedulable`.
fn cordoner(node: &Node) -> String {
    let mut touches = node.meta.touches.iter().rev();
    let by = touches.find(|it| it.fields.iter().any(|field| field == "spec.unschedulable"));
    by.map(|it| it.manager.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said_of(from: serde_json::Value) -> Vec<String> {
        let node = node(serde_json::from_value(from).unwrap());
        let window =
            Window { reach: Reach::Cluster, since: "2026-11-02T11:00:00Z".parse().unwrap() };
        of(&node, window).iter().map(|it| format!("{} by {}", it.what, it.actor)).collect()
    }

    #[test]
    fn a_cordon_is_known_by_its_taint_and_its_writer() {
        let said = said_of(
            json!({"metadata": {"name": "n1", "managedFields": [{"manager": "kubectl-cordon",
                "time": "2026-11-02T11:30:00Z", "fieldsV1": {"f:spec": {"f:unschedulable": {}}}}]},
            "spec": {"unschedulable": true, "taints": [{"key": "node.kubernetes.io/unschedulable",
                "effect": "NoSchedule", "timeAdded": "2026-11-02T11:30:00Z"}]}}),
        );
        assert_eq!(said, ["cordoned by kubectl-cordon"]);
    }

    #[test]
    fn a_node_that_joins_says_so_once() {
        let at = "2026-11-02T11:30:00Z";
        let said = said_of(json!({"metadata": {"name": "n1", "creationTimestamp": at},
            "status": {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": at},
                {"type": "DiskPressure", "status": "False", "lastTransitionTime": at}]}}));
        assert_eq!(said, ["joined by "]);
    }

    #[test]
    fn a_lost_node_is_not_ready() {
        let said = said_of(
            json!({"metadata": {"name": "n1"}, "status": {"conditions": [{"type": "Ready",
            "status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": "2026-11-02T11:30:00Z"}]}}),
        );
        assert_eq!(said, ["not ready: NodeStatusUnknown by "]);
    }
}
