//! One client's credentials are refused by what serves others.

mod asked_for_lately;
mod turned_away;

use crate::case::Case;
use crate::case::credentials::Setting;
use crate::case::disputes::Dispute;
use crate::case::expired::own_token;
use crate::case::words::methods::says_no_method;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-01",
    title: "its credentials are refused by what it calls",
    category: Category::Dependency,
    proves: "a client's log says now that its user or password is refused, and no other client says so; or a store's log says so of one client alone, which is not ready and says nothing; or it does not connect since the server's newest revision asks for a password",
    refutes: "other clients are refused too: then the server's side has changed",
    confused_with: &["DEP-02", "DEP-03", "RUN-10"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn is_refused(said: &Said) -> bool {
    matches!(said, Said::Unauthenticated { .. })
}

fn is_unreached(said: &Said) -> bool {
    matches!(said, Said::Unreached { .. })
}

fn ask(case: &Case) -> Vec<Question> {
    let mut questions = case.ask_others(is_refused);
    questions.extend(asked_for_lately::ask(&case.disputes(is_refused), case));
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let disputes = case.disputes(is_refused);
    let mut judgements: Vec<Judgement> = disputes.iter().filter_map(|it| one(case, it)).collect();
    judgements.extend(turned_away::judge(case));
    // Some clients tell of a refusal no more than that they could not connect.
    let unreached = case.disputes(is_unreached);
    judgements.extend(unreached.iter().filter_map(|it| asked_for_lately::one(case, it)));
    judgements
}

fn one(case: &Case, dispute: &Dispute<'_>) -> Option<Judgement> {
    let first = dispute.complaints.first()?;
    if dispute.is_shared() {
        return None;
    }
    // A server that does not know the way in which its clients authenticate says nothing of what they show.
    if says_no_method(&first.line.text) {
        return None;
    }
    // It was right, and its time is over.
    if own_token(first).is_some() {
        return None;
    }
    if let Some(judgement) = asked_for_lately::one(case, dispute) {
        return Some(judgement);
    }
    let client = first.root();
    let setting = case.credentials_of(first);
    let mut proofs = vec![first.cite()];
    proofs.extend(dispute.content.iter().take(1).cloned());
    let server = match (&dispute.service, &dispute.accused) {
        (Some(service), _) => service.meta.entity("Service").to_string(),
        (None, Some(accused)) => accused.to_string(),
        (None, None) => match first.said.peer() {
            Some(peer) => peer.to_string(),
            None => "what it calls".to_owned(),
        },
    };
    let blamed = Finding { explains: dispute.victims(), ..blame(client, &server, setting, proofs) };
    Some(dispute.doubted(case, Judgement::Proven(blamed)))
}

/// The finding that a client shows a server what that refuses.
fn blame(client: &Entity, server: &str, setting: Setting, mut proofs: Vec<Cite>) -> Finding {
    let source = match &setting.subject {
        subject if subject == client => String::new(),
        subject => format!(", which it has from {subject}"),
    };
    proofs.push(setting.cite);
    Finding {
        field: setting.field,
        value: setting.value,
        statement: format!("{client} fails because {server} refuses its credentials{source}."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![client.clone()],
        subject: setting.subject,
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Bring the user and password in the source of {subject} and those of the server in line, and start the client again."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The client's log no longer says that it is refused.".to_owned(),
    }]
}
