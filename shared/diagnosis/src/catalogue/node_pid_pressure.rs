//! A node runs out of process ids, and its kubelet says so.

use crate::case::Case;
use crate::case::pressure::PIDS;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-06",
    title: "a node runs out of process ids",
    category: Category::Node,
    proves: "the node's PIDPressure condition is True",
    refutes: "the condition is False, or the kubelet's threshold is absurd",
    confused_with: &["RUN-17", "NODE-03"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.pressed(&PIDS).into_iter().map(Judgement::Proven).collect()
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find which pod of {subject} makes so many processes or threads, and limit it (podPidsLimit)."
        ),
        command: format!("kubectl describe node {}", subject.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("PIDPressure of {subject} is False."),
    }]
}
