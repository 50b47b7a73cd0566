//! A mesh's proxies turn requests away because a circuit breaker is open.

use crate::case::Case;
use crate::case::hurting::Hurt;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement};
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "MESH-03",
    title: "a circuit breaker turns its requests away",
    category: Category::Network,
    proves: "proxies answer for it with the flag UO since a moment",
    refutes: "none do",
    confused_with: &["RUN-04", "PERF-01"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.used_up(&[Signal::MeshOverflow], says)
}

fn says(hurt: &Hurt<'_>) -> String {
    format!(
        "{} is not reached because a circuit breaker before it is open: {}.",
        hurt.entity,
        hurt.told.says()
    )
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Compare connectionPool in the DestinationRule of {subject} with the requests that it gets."
        ),
        command: "kubectl get destinationrules --all-namespaces".to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: format!("No request to {subject} is answered with the flag UO."),
    }]
}
