//! A server refuses all of its clients, which it served before: users or rights are gone on its side.

use crate::case::Case;
use crate::case::disputes::Dispute;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement, Strength};
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-02",
    title: "the users or rights that its clients need are gone on its side",
    category: Category::Dependency,
    proves: "the logs of several clients say now that the same server refuses who they are, or what they may do",
    refutes: "other clients are served: then one client's own credentials are wrong",
    confused_with: &["DEP-01", "DEP-06"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn is_refused(said: &Said) -> bool {
    matches!(said, Said::Unauthenticated { .. })
}

/// A refusal by a store, for the API server and HTTP servers forbid as well.
fn is_forbidden(said: &Said) -> bool {
    matches!(said, Said::Forbidden { what } if what.starts_with("use ") || what.is_empty())
}

fn ask(case: &Case) -> Vec<Question> {
    let mut questions = case.ask_others(is_refused);
    questions.extend(case.ask_others(is_forbidden));
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = case
        .disputes(is_refused)
        .iter()
        .filter_map(|it| one(it, "refuses the credentials that it is given"))
        .collect();
    // A right is the server's to give, also where there is one client; but a store must have said so.
    for dispute in case.disputes(is_forbidden) {
        let by_store = dispute.complaints.iter().all(|it| it.store.is_some());
        if by_store || dispute.is_shared() {
            judgements.extend(one(&dispute, "forbids what it is asked to do"));
        }
    }
    judgements
}

fn one(dispute: &Dispute<'_>, what: &str) -> Option<Judgement> {
    let forbids = what.starts_with("forbids") && dispute.content.is_empty();
    if !dispute.is_shared() && !forbids {
        return None;
    }
    dispute.charge(what, Strength::Strong)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find out who changed the users and grants of {subject}, and restore what its clients need."
        ),
        command: format!(
            "kubectl -n {} logs {}/{} --tail=100",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The clients' logs no longer say that they are refused.".to_owned(),
    }]
}
