//! A node has no route to the pods of others.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::engine::symptoms::is_ready;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::node::Node;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-07",
    title: "the network of a node is not set up",
    category: Category::Node,
    proves: "the node's NetworkUnavailable condition is True",
    refutes: "the condition is False",
    confused_with: &["NODE-02", "CNI-01"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// The taint that the node controller puts beside the condition.
const TAINT: &str = "node.kubernetes.io/network-unavailable";

fn judge(case: &Case) -> Vec<Judgement> {
    case.nodes().filter_map(|node| one(case, node)).collect()
}

fn one(case: &Case, node: Seen<'_, Node>) -> Option<Judgement> {
    let bad =
        condition(&node.it.conditions, "NetworkUnavailable").filter(|it| it.status == "True")?;
    let subject = node.meta.entity("Node");
    if !case.is_ready_node(&node.meta.name) {
        return None; // Its kubelet says more.
    }
    let mut explains: Vec<Entity> = vec![subject.clone()];
    let on_it =
        case.pods().filter(|pod| pod.it.spec.node_name == node.meta.name && !is_ready(pod.it));
    explains.extend(on_it.map(|pod| case.root_of(&pod.meta, "Pod")));
    let kept_away = case.unplaced().into_iter();
    explains.extend(
        kept_away.filter(|it| it.binding == Constraint::Taint(TAINT.to_owned())).map(|it| it.root),
    );
    explains.sort();
    explains.dedup();
    let why = match bad.reason.as_str() {
        // The cloud's route controller: a full route table, or no rights to it.
        "NoRouteCreated" => "the cloud made no route to its pods",
        _ => "its network plugin says so",
    };
    let says = format!("{subject}: NetworkUnavailable is True ({})", bad.reason);
    Some(Judgement::Proven(Finding {
        field: Some("status.conditions[NetworkUnavailable]".to_owned()),
        value: Some("True".to_owned()),
        statement: format!("The network of {subject} is not set up: {why}."),
        proofs: vec![Cite::quoting(node.exhibit, says, &bad.message)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Read the log of the network plugin or the cloud controller manager about {subject}: a full route table, missing rights, a plugin that does not run there."
        ),
        command: format!("kubectl describe node {}", subject.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("NetworkUnavailable of {subject} is False."),
    }]
}
