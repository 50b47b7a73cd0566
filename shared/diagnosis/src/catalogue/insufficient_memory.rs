//! No node has enough free memory for what a pod requests.

use crate::case::Case;
use crate::case::unplaced::{Constraint, Unplaced};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-02",
    title: "no node has enough free memory",
    category: Category::Scheduling,
    proves: "the scheduler says `Insufficient memory`, and the nodes that every rule allows are the full ones",
    refutes: "a rule keeps the pod from nodes that have room: then the rule is the cause",
    confused_with: &["SCH-01", "SCH-05", "SCH-06", "ADM-01"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    if unplaced.binding != Constraint::Resource("memory".to_owned()) {
        return None;
    }
    let subject = unplaced.root.clone();
    let wanted = unplaced.requests("memory");
    let asks = match wanted.as_slice() {
        [] => "more memory".to_owned(),
        [(_, one)] => format!("{one} of memory"),
        several => {
            let list: Vec<&str> = several.iter().map(|(_, it)| it.as_str()).collect();
            format!("{} of memory", list.join(" + "))
        }
    };
    let container = wanted.first().map(|(name, _)| name.as_str());
    Some(Judgement::Proven(Finding {
        field: container.map(|name| unplaced.field(name, "resources.requests.memory")),
        value: wanted.first().map(|(_, it)| it.clone()),
        statement: format!(
            "{subject} cannot be scheduled because a pod of it requests {asks}, and no node that it may use has that much free."
        ),
        proofs: unplaced.with_nodes(case, "memory"),
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Lower the memory request of {subject} if it is more than it needs, or add a node."
        ),
        command: format!(
            "kubectl -n {} describe {}/{}",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
