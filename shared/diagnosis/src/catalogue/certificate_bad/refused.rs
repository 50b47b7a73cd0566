//! Clients of an Ingress say in the words of their TLS library that its certificate has ended.

use super::ended::UNSEEN;
use crate::case::Case;
use crate::case::disputes::{Dispute, whom};
use crate::case::outlived::Outlived;
use crate::case::words::said::{Said, Tls};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::question::Question;

/// Whether a client says so.
fn is_expired(said: &Said) -> bool {
    matches!(said, Said::TlsFailed { why: Tls::Expired, .. })
}

/// Those who may be content, and all Ingresses: another one may serve the host with another Secret.
pub(super) fn ask(case: &Case) -> Vec<Question> {
    let mut questions = case.ask_others(is_expired);
    if case.disputes(is_expired).iter().any(|it| one(case, it).is_some()) {
        questions.push(Question::Objects { kind: "Ingress".to_owned(), namespace: String::new() });
    }
    questions
}

pub(super) fn all(case: &Case) -> Vec<Judgement> {
    case.disputes(is_expired).iter().filter_map(|it| one(case, it)).collect()
}

fn one(case: &Case, dispute: &Dispute<'_>) -> Option<Judgement> {
    let host = &dispute.complaints.first()?.said.peer()?.host;
    let (ingress, secret) = case.served_with(host)?;
    // Who shows an old one although a good one is there needs a start, and no new certificate: DLV-03.
    let shows_old = |it: &Outlived<'_>| dispute.accused.as_ref() == Some(&it.server);
    if case.outlived_certificates().iter().any(shows_old) {
        return None;
    }
    let served = ingress.meta.entity("Ingress");
    let victims = dispute.victims();
    let turns = if victims.len() == 1 { "turns" } else { "turn" };
    let mut proofs = dispute.cites();
    proofs.push(Cite::new(ingress.exhibit, format!("{served} serves {host} with {secret}")));
    let mut explains = vec![served.clone()];
    explains.extend(victims.iter().cloned());
    let (strength, doubts) = match case.looked("Ingress", "") {
        true if dispute.is_shared() => (Strength::Conclusive, Vec::new()),
        true => (Strength::Strong, Vec::new()),
        false => (Strength::Suggestive, vec![Cite::new(ingress.exhibit, UNSEEN)]),
    };
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{} {turns} away from {served} because the certificate of {secret} has ended.",
            whom(&victims)
        ),
        proofs,
        doubts,
        strength,
        explains,
        subject: secret,
    }))
}
