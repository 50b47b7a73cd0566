//! The API server has more requests than it takes, and turns some away.

use crate::case::Case;
use crate::case::hurting::Hurt;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement};
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "API-01",
    title: "the API server is overloaded",
    category: Category::Admission,
    proves: "the API server rejects requests by priority and fairness since a moment, or its slowest answers take a second and more, and longer than before",
    refutes: "it rejects none, or etcd is why it is slow",
    confused_with: &["API-02", "ADM-09"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.used_up(&[Signal::ApiserverRejected, Signal::ApiserverLatency], says)
}

fn says(hurt: &Hurt<'_>) -> String {
    format!("{} is overloaded: {}.", hurt.entity, hurt.told.says())
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find the client behind the flow schema that {subject} turns away, and have it ask less often."
        ),
        command: "kubectl get --raw /debug/api_priority_and_fairness/dump_priority_levels"
            .to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: format!("{subject} rejects no requests."),
    }]
}
