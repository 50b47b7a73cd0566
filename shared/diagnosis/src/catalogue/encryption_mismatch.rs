//! Of a client and a server, one speaks TLS and the other does not.

mod own_rules;
mod retuned;
mod turned_away;

use crate::case::Case;
use crate::case::certificates::serves_ingresses;
use crate::case::complaints::Complaint;
use crate::case::disputes::Dispute;
use crate::case::peers::peers_in;
use crate::case::retuned::remedy as remedy_of_settings;
use crate::case::words::said::{Said, Tls};
use crate::case::words::tls::is_to_upstream;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement, Strength};
use crate::kubectl;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-07",
    title: "one side speaks TLS and the other does not",
    category: Category::Dependency,
    proves: "a client's log repeats now that the other side does not speak TLS, or takes nothing else; where PostgreSQL's rules, changed just before, say so, its ConfigMap is to change; or a store's own log says so of those who call it since its newest revision was started with other arguments, where a trouble is reported",
    refutes: "both speak it, and the certificate is at fault",
    confused_with: &["DEP-12", "DEP-01", "NET-02", "NET-08", "ING-02"],
    depth: Depth::Object,
    stands_alone: true,
    ask,
    judge,
    remedy,
};

fn is_mismatch(said: &Said) -> bool {
    matches!(said, Said::TlsFailed { why: Tls::NotSpoken, .. })
}

fn ask(case: &Case) -> Vec<Question> {
    let mut questions = case.ask_others(is_mismatch);
    questions.extend(case.disputes(is_mismatch).iter().flat_map(|it| own_rules::ask(case, it)));
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let disputes = case.disputes(is_mismatch);
    disputes.iter().filter_map(|it| one(case, it)).chain(turned_away::judge(case)).collect()
}

fn one(case: &Case, dispute: &Dispute<'_>) -> Option<Judgement> {
    // What a controller of Ingresses speaks to whom, the Ingresses tell it: ING-02.
    let told = |it: &Complaint<'_>| {
        serves_ingresses(&it.container.spec.image) && is_to_upstream(&it.line.text)
    };
    // One whose address was changed has a wrong one: NET-08.
    let changed = |it: &Complaint<'_>| case.rescheme(it).is_some();
    let mut dispute = dispute.clone();
    dispute.complaints.retain(|it| !told(it) && !changed(it) && !turned_away::is_of_server(it));
    // Who is answered by another program than it means learns that it speaks no TLS: NET-02.
    let misled = dispute.service.is_some_and(|it| case.misleads(it));
    if misled || dispute.complaints.is_empty() {
        return None;
    }
    if let Some(judgement) = own_rules::one(case, &dispute) {
        return Some(judgement);
    }
    if let Some(judgement) = retuned::one(case, &dispute) {
        return Some(judgement);
    }
    if dispute.is_shared() {
        return dispute.charge(retuned::HOW, Strength::Strong);
    }
    let first = dispute.complaints.first()?;
    let accused = dispute.accused.as_ref()?;
    let (container, subject) = (&first.container, first.root().clone());
    // The variable by which it names the server says how it speaks to it.
    let names = |value: &str| {
        peers_in(value).iter().any(|it| {
            let service = case.service_of(it, first.namespace());
            service.map(|it| it.exhibit) == dispute.service.map(|it| it.exhibit)
        })
    };
    let variable = dispute
        .service
        .and_then(|_| container.spec.env.iter().find(|it| it.value.as_deref().is_some_and(names)));
    let mut proofs = dispute.cites();
    proofs.extend(dispute.content.iter().take(1).cloned());
    Some(Judgement::Proven(Finding {
        field: variable.map(|it| container.field(&format!("env[{}]", it.name))),
        value: variable.and_then(|it| it.value.clone()),
        statement: format!(
            "{subject} fails because of it and {accused} one speaks TLS and the other does not."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if subject.kind == "ConfigMap" && finding.field.as_deref() != Some(own_rules::FIELD) {
        return remedy_of_settings(subject);
    }
    if subject.kind == "ConfigMap" {
        return vec![Remedy {
            action: format!(
                "Undo the change of pg_hba.conf in the source of {subject}, or give the server TLS and its clients an sslmode that uses it; then have the server read its rules again."
            ),
            command: kubectl::object("get", subject, "-o yaml"),
            risk: "medium".to_owned(),
            reversible: true,
            verify: "The server's log says `no pg_hba.conf entry` no more.".to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "Bring scheme, port and TLS mode in the source of {subject} in line with the other side."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The client connects.".to_owned(),
    }]
}
