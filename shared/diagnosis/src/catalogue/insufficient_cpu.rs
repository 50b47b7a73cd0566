//! No node has enough free cpu for what a pod requests.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-01",
    title: "no node has enough free cpu",
    category: Category::Scheduling,
    proves: "the scheduler says `Insufficient cpu`, and the nodes that every rule allows are the full ones",
    refutes: "a rule keeps the pod from nodes that have room: then the rule is the cause",
    confused_with: &["SCH-02", "SCH-05", "SCH-06", "ADM-01"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.lacking("cpu").into_iter().map(Judgement::Proven).collect()
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Lower the cpu request of {subject} if it is more than it needs, or add a node."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
