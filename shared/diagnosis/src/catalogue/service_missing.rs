//! A workload calls a Service that does not exist.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::fact::event::Line;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-05",
    title: "a Service that it calls does not exist",
    category: Category::Network,
    proves: "a container's log says that a name has no address, the name is a Service's, and there is no such Service",
    refutes: "the Service exists: then it is the name service that fails",
    confused_with: &["DNS-01", "NET-08"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = Vec::new();
    for log in case.logs() {
        let pod = Entity::new("Pod", &log.namespace, &log.pod);
        let Some(seen) = case.pod(&pod).seen() else { continue };
        let root = case.root_of(&seen.meta, "Pod");
        for line in log.it.lines.iter().rev() {
            let Some((namespace, name)) = unresolved(line, &log.namespace) else { continue };
            let subject = Entity::new("Service", &namespace, &name);
            if !case.service(&namespace, &name).is_absent() || known(&judgements, &subject) {
                continue;
            }
            let proofs = vec![Cite::quoting(
                log.exhibit,
                format!("{pod} finds no address for {name}"),
                &line.text,
            )];
            judgements.push(Judgement::Proven(Finding {
                field: None,
                value: None,
                statement: format!(
                    "{root} fails because it calls {subject}, which does not exist."
                ),
                proofs,
                doubts: Vec::new(),
                strength: Strength::Strong,
                explains: vec![root.clone(), subject.clone()],
                subject,
            }));
        }
    }
    judgements
}

fn known(judgements: &[Judgement], subject: &Entity) -> bool {
    judgements
        .iter()
        .any(|it| matches!(it, Judgement::Proven(finding) if finding.subject == *subject))
}

/// The Service whose name a line says has no address: its namespace and name. Names with dots that are not a Service's
/// lie outside the cluster.
fn unresolved(line: &Line, from: &str) -> Option<(String, String)> {
    let text = line.text.as_str();
    // Go's resolver, Python's and libc's, Node's, Java's.
    let host = if let Some((_, rest)) = text.split_once("lookup ") {
        if !text.contains("no such host") {
            return None;
        }
        rest.split([' ', ':']).next()?
    } else if let Some((_, rest)) = text.split_once("getaddrinfo ENOTFOUND ") {
        rest.split([' ', ':']).next()?
    } else if let Some((_, rest)) = text.split_once("UnknownHostException: ") {
        rest.split([' ', ':']).next()?
    } else if let Some((_, rest)) = text.split_once("could not translate host name \"") {
        rest.split('"').next()?
    } else {
        return None;
    };
    let mut parts = host.trim_end_matches('.').split('.');
    let name = parts.next().filter(|it| is_label(it))?;
    match (parts.next(), parts.next()) {
        (None, _) => Some((from.to_owned(), name.to_owned())),
        (Some(namespace), None | Some("svc")) if is_label(namespace) => {
            Some((namespace.to_owned(), name.to_owned()))
        }
        _ => None,
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 63
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Create {subject} again from its source, or correct the name by which it is called."
        ),
        command: format!("kubectl -n {} get services", subject.namespace),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("kubectl -n {} get service {} finds it.", subject.namespace, subject.name),
    }]
}
