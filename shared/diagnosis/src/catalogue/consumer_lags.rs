//! A consumer does not keep up with its messages.

use crate::case::Case;
use crate::case::hurting::Hurt;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement};
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-09",
    title: "a consumer does not keep up",
    category: Category::Dependency,
    proves: "the messages that a consumer group has not read grow to three times what is usual and beyond",
    refutes: "they stay as many, or fewer",
    confused_with: &["DEP-10", "PERF-01"],
    depth: Depth::Symptom,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.used_up(&[Signal::QueueLag], says)
}

fn says(hurt: &Hurt<'_>) -> String {
    format!("{} does not keep up: {}.", hurt.entity, hurt.told.says())
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "See whether {subject} fails, waits for something else, or gets more messages than before; then give it more replicas, up to its partitions."
        ),
        command: "kafka-consumer-groups.sh --describe --all-groups".to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: format!("{subject} has few messages left to read."),
    }]
}
