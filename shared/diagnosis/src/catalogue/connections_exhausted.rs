//! A server takes no more connections.

use crate::case::Case;
use crate::case::disputes::Dispute;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement, Strength};
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-04",
    title: "it takes no more connections",
    category: Category::Dependency,
    proves: "clients' logs repeat now, in the server's own words, that all of its connections are in use",
    refutes: "a client's own pool is exhausted: that says nothing of the server",
    confused_with: &["RUN-20", "DEP-02", "RUN-11"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn is_full(said: &Said) -> bool {
    matches!(said, Said::TooManyConnections { .. })
}

fn ask(case: &Case) -> Vec<Question> {
    case.ask_others(is_full)
}

fn judge(case: &Case) -> Vec<Judgement> {
    case.disputes(is_full).iter().filter_map(one).collect()
}

fn one(dispute: &Dispute<'_>) -> Option<Judgement> {
    // The server names the cause itself; who opens the connections, it does not say.
    dispute
        .charge("takes no more connections: all that it may have are in use", Strength::Conclusive)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find the client that holds most connections of {subject}: pool size times replicas must stay below the server's limit. Lower pools, or put a pooler before it."
        ),
        command: format!(
            "kubectl -n {} logs {}/{} --tail=100",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Clients connect again, and the number of connections stays below the limit."
            .to_owned(),
    }]
}
