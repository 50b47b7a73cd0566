//! The nodes that a pod could use are cordoned.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-06",
    title: "the nodes that it could use are cordoned",
    category: Category::Scheduling,
    proves: "the scheduler says `were unschedulable`, and the cordoned nodes are the ones that every other rule allows",
    refutes: "only nodes that the pod could not use anyway are cordoned",
    confused_with: &["SCH-01", "SCH-05"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let stuck: Vec<_> =
        case.unplaced().into_iter().filter(|it| it.binding == Constraint::Cordon).collect();
    let Some(first) = stuck.first() else { return Vec::new() };
    let mut cordoned: Vec<_> = stuck.iter().flat_map(|it| case.nodes_but_for(it)).collect();
    cordoned.sort_by_key(|node| node.exhibit);
    cordoned.dedup_by_key(|node| node.exhibit);
    let Some(node) = cordoned.first() else { return Vec::new() };
    let subject: Entity = node.meta.entity("Node");
    let roots: Vec<Entity> = stuck.iter().map(|it| it.root.clone()).collect();
    let mut proofs = first.cites.clone();
    for node in cordoned.iter().take(3) {
        proofs.push(Cite::new(node.exhibit, format!("{}: cordoned", node.meta.entity("Node"))));
    }
    let more = match cordoned.len() {
        1 => String::new(),
        nodes => format!(" and {} more", nodes - 1),
    };
    vec![Judgement::Proven(Finding {
        field: Some("spec.unschedulable".to_owned()),
        value: Some("true".to_owned()),
        statement: format!(
            "{} cannot be scheduled because {subject}{more}, which it could use, is cordoned.",
            first.root
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: roots,
        subject,
    })]
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find out why {subject} is cordoned (an upgrade or a drain in progress?); if it is done, uncordon it."
        ),
        command: format!("kubectl uncordon {}", subject.name),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The pending pods are scheduled.".to_owned(),
    }]
}
