//! The nodes that a pod may use hold as many pods or volumes as they can.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, joined};
use evidence::entity::Entity;
use evidence::fact::node::Node;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-15",
    title: "the nodes that it could use hold no more pods or volumes",
    category: Category::Scheduling,
    proves: "the scheduler says `Too many pods` or `exceed max volume count`, and the nodes that every rule allows are the full ones",
    refutes: "a rule keeps the pod from nodes that have room: then the rule is the cause",
    confused_with: &["SCH-01", "SCH-06"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    // Several workloads before the same full nodes are one fault: rule R6.
    joined(case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)))
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Finding> {
    let what = match unplaced.binding {
        Constraint::PodCount => "pods",
        Constraint::VolumeCount => "volumes",
        _ => return None,
    };
    let mut nodes = case.nodes_for(unplaced.pod.it);
    // Of some the scheduler may have said that they lack something else.
    if what == "pods" && nodes.iter().any(|it| is_full(case, it)) {
        nodes.retain(|it| is_full(case, it));
    }
    let subject: Entity = nodes.first()?.meta.entity("Node");
    let more = match nodes.len() {
        1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    let most = nodes.first().and_then(|it| it.it.allocatable.get(what)).cloned();
    let limit = most.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    let mut finding = unplaced.finding(format!(
        "{} cannot be scheduled because {subject}{more}, which it could use, may hold no more {what}{limit}.",
        unplaced.root
    ));
    if what == "pods" {
        finding.field = Some("status.allocatable[pods]".to_owned());
        finding.value = most;
    }
    for node in nodes.iter().take(3) {
        let most = node.it.allocatable.get(what).map_or("an unknown number of", String::as_str);
        let says = format!("{}: may hold {most} {what}", node.meta.entity("Node"));
        finding.proofs.push(Cite::new(node.exhibit, says));
    }
    finding.subject = subject;
    Some(finding)
}

/// Whether as many pods were seen on a node as it may hold.
fn is_full(case: &Case, node: &Node) -> bool {
    let name = &node.meta.name;
    let on = case
        .pods()
        .filter(|it| it.spec.node_name == *name && it.phase != "Succeeded" && it.phase != "Failed");
    node.allocatable
        .get("pods")
        .and_then(|it| it.parse::<usize>().ok())
        .is_some_and(|most| on.count() >= most)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Add a node beside {subject}, or remove what nobody needs; a kubelet's maxPods and a machine's number of disks are set when it is made."
        ),
        command: format!("kubectl describe node {}", subject.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pending pods are scheduled.".to_owned(),
    }]
}
