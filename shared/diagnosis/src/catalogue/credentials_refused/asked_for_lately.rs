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

/// Words by which databases are told to ask for one: Redis' and Valkey's, and mongod's.
const WORDS: [&str; 2] = ["--requirepass", "--auth"];

/// By what a container is told what to ask for.
enum Told<'a> {
    Variable(&'a EnvVar),
    /// In which list of the container, and the word.
    Word(&'static str, &'static str),
}

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
    let (container, told) = newest.it.template.containers.iter().find_map(|now| {
        let then = then.iter().find(|it| it.name == now.name)?;
        Some((now.name.as_str(), otherwise(now, then)?))
    })?;
    // Where both have it from there, the client was not started again.
    if matches!(told, Told::Variable(variable) if reads(case, &client, accused, variable)) {
        return None;
    }
    let (field, name) = match told {
        Told::Variable(variable) => (format!("env[{}]", variable.name), variable.name.as_str()),
        Told::Word(list, word) => (list.to_owned(), word),
    };
    let mut proofs = dispute.cites();
    let says = format!("{accused}: the revision of {at} sets {name} otherwise");
    proofs.push(Cite::new(newest.exhibit, says));
    Some(Judgement::Proven(Finding {
        field: Some(format!("spec.template.spec.containers[{container}].{field}")),
        value: None,
        statement: format!(
            "{client} fails because {accused} refuses it since its revision of {at}, which sets {name} otherwise."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: dispute.victims(),
        subject: accused.clone(),
    }))
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

/// What tells a container of its password: the variable for one, or a word of its command or arguments, that one has and the
/// other has not, or has otherwise.
fn otherwise<'a>(now: &'a Container, then: &'a Container) -> Option<Told<'a>> {
    let is_password = |it: &&EnvVar| PASSWORDS.iter().any(|part| it.name.contains(part));
    let lacks = |it: &&EnvVar, of: &Container| !of.env.contains(*it);
    let set = now.env.iter().filter(is_password).find(|it| lacks(it, then));
    let gone = || then.env.iter().filter(is_password).find(|it| lacks(it, now));
    let lists = [("command", &now.command, &then.command), ("args", &now.args, &then.args)];
    let word = || {
        lists.iter().find_map(|(list, now, then)| {
            let is_new = |it: &&&str| asks(now, it) && !asks(then, it);
            Some(Told::Word(list, WORDS.iter().find(is_new)?))
        })
    };
    set.or_else(gone).map(Told::Variable).or_else(word)
}

/// Whether a list of words has one, alone or with its value, or a script in it does.
fn asks(words: &[String], word: &str) -> bool {
    words.iter().flat_map(|it| it.split(&[' ', '=', '\n'])).any(|it| it == word)
}
