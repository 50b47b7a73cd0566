//! A server whose newest revision brought another password, or asks for one at all, while its client is as it was.

use crate::case::Case;
use crate::case::containers::read_by;
use crate::case::disputes::Dispute;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::fact::spec::{Container, EnvVar};
use evidence::question::Question;

/// Parts of names of variables by which images of databases are told what to ask for: the official ones and Bitnami's.
const PASSWORDS: [&str; 4] = ["PASSWORD", "REQUIREPASS", "_AUTH", "ALLOW_EMPTY"];

/// The revisions of the server that refuses, where it is one that keeps them apart.
pub(super) fn ask(disputes: &[Dispute<'_>], case: &Case) -> Vec<Question> {
    let mut questions = Vec::new();
    for accused in disputes.iter().filter_map(|it| it.accused.as_ref()) {
        if accused.kind == "StatefulSet" && case.revisions_of(accused).is_empty() {
            let (kind, namespace) = ("ControllerRevision".to_owned(), accused.namespace.clone());
            questions.push(Question::Objects { kind, namespace });
        }
    }
    questions
}

/// The server's newest revision is news, began before the first refusal and after its client's, and sets a password
/// otherwise than the one before.
pub(super) fn one(case: &Case, dispute: &Dispute<'_>) -> Option<Judgement> {
    let accused = dispute.accused.as_ref().filter(|_| dispute.content.is_empty())?;
    let client = dispute.complaints.first()?.root().clone();
    let (newest, before) = case.two_newest(accused)?;
    let at = case.revised_at(newest).filter(|at| case.is_news(Some(*at)))?;
    let late = dispute.began().is_some_and(|it| it < at);
    if late || case.template_made(&client).is_none_or(|own| own >= at) {
        return None;
    }
    let then = &before.it.template.containers;
    let (container, variable) = newest.it.template.containers.iter().find_map(|now| {
        let then = then.iter().find(|it| it.name == now.name)?;
        Some((now.name.as_str(), otherwise(now, then)?))
    })?;
    if reads(case, &client, accused, variable) {
        return None; // Both have it from there: the client was not started again.
    }
    let variable = variable.name.as_str();
    let says = format!("{accused}: the revision of {at} sets {variable} otherwise");
    let mut proofs = dispute.cites();
    proofs.push(Cite::new(newest.exhibit, says));
    Some(proven(accused, client, container, variable, at.to_string(), proofs))
}

/// Whether a client has its own variables from where the server has this one.
fn reads(case: &Case, client: &Entity, server: &Entity, variable: &EnvVar) -> bool {
    let (Some(workload), Some(from)) = (case.workload(client).seen(), &variable.from) else {
        return false;
    };
    let mut own = read_by(&workload.it.template);
    client.namespace == server.namespace
        && own.any(|it| it.kind == from.kind && it.name == from.name)
}

/// The variable for a password that one has and the other has not, or has otherwise.
fn otherwise<'a>(now: &'a Container, then: &'a Container) -> Option<&'a EnvVar> {
    let is_password = |it: &&EnvVar| PASSWORDS.iter().any(|part| it.name.contains(part));
    let lacks = |it: &&EnvVar, of: &Container| !of.env.contains(*it);
    let set = now.env.iter().filter(is_password).find(|it| lacks(it, then));
    let gone = || then.env.iter().filter(is_password).find(|it| lacks(it, now));
    set.or_else(gone)
}

fn proven(
    accused: &Entity,
    client: Entity,
    container: &str,
    variable: &str,
    at: String,
    proofs: Vec<Cite>,
) -> Judgement {
    Judgement::Proven(Finding {
        field: Some(format!("spec.template.spec.containers[{container}].env[{variable}]")),
        value: None,
        statement: format!(
            "{client} fails because {accused} refuses it since its revision of {at}, which sets {variable} otherwise."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![client],
        subject: accused.clone(),
    })
}
