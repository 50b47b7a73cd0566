//! A controller of Ingresses does not come up: nginx refuses the configuration that comes of its ConfigMap. One that ran before
//! goes on with what it had, so that this shows at its next start, days later.

use crate::case::Case;
use crate::case::certificates::serves_ingresses;
use crate::case::containers::{Running, named_in_arguments};
use crate::case::touching::{MAKING, changed_data, data_toucher};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::{Line, Log};
use evidence::question::Question;

/// What nginx says of a variable, a log format or a directive that it does not know, where its controller tries what it has
/// written: `nginx -t`, whose output ingress-nginx and NGINX's own controller log.
const UNKNOWN: &str = "nginx: [emerg] unknown ";

/// The ConfigMap of such a controller, and the Ingresses, which may bring configuration of their own.
pub(super) fn ask(case: &Case) -> Vec<Question> {
    let all = |kind: &str, namespace: &str| Question::Objects {
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
    };
    let refused = case.containers().find(|it| refused(case, it).is_some());
    let Some(refused) = refused else { return Vec::new() };
    vec![all("ConfigMap", &refused.pod.it.meta.namespace), all("Ingress", "")]
}

pub(super) fn judge(case: &Case) -> impl Iterator<Item = Judgement> {
    case.containers().filter_map(|it| one(case, &it))
}

fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let (log, line) = refused(case, container)?;
    let (pod, namespace) = (container.pod.it, &container.pod.it.meta.namespace);
    let mut named = named_in_arguments(&pod.spec, namespace);
    let (name, None) = (named.next()?, named.next()) else { return None };
    let config = case.config("ConfigMap", namespace, name).seen()?;
    let touch = data_toucher(&config.it.meta)?;
    let at = touch.at.filter(|at| config.it.meta.created.is_none_or(|it| *at > it + MAKING))?;
    let mut ingresses = case.ingresses();
    let snippet =
        ingresses.any(|it| it.it.meta.annotations.keys().any(|it| it.ends_with("-snippet")));
    if snippet || !case.looked("Ingress", "") {
        return None;
    }
    let subject = Entity::new("ConfigMap", namespace, name);
    let root = container.root.clone();
    // What a newer program no longer knows it read well before.
    if case.template_made(&root).is_none_or(|made| made > at) {
        return None;
    }
    let says = format!("{}: nginx refuses what it is given", pod.meta.entity("Pod"));
    let reads = format!("{subject} is what its arguments name, and was changed at {at}");
    Some(Judgement::Proven(Finding {
        field: Some(changed_data(touch)),
        value: None,
        statement: format!(
            "{root} does not come up because nginx refuses the configuration that comes of {subject}."
        ),
        proofs: vec![
            Cite::quoting(log.exhibit, says, &line.text),
            Cite::new(config.exhibit, reads),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        subject,
    }))
}

fn refused<'a>(case: &'a Case, container: &Running<'a>) -> Option<(Seen<'a, Log>, &'a Line)> {
    if container.status.ready || !serves_ingresses(&container.spec.image) {
        return None;
    }
    let log = case.words_of(container)?;
    let line = log.it.lines.iter().rev().find(|it| it.text.contains(UNKNOWN))?;
    Some((log, line))
}
