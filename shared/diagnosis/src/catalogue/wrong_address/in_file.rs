//! A port that a Service does not have, in a file that a ConfigMap was given: the words are the log's, the value is not read.

use crate::case::Case;
use crate::case::calls::FailedCall;
use crate::case::peers::peers_in;
use crate::case::touching::{MAKING, changed_data, data_toucher};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::fact::access::Config;
use evidence::fact::meta::Touch;
use evidence::fact::pod::State;

/// A call to a port that a Service does not have, where the only thing that can have brought it is one ConfigMap.
pub(super) fn wrong_port(case: &Case, call: &FailedCall<'_>, why: &str) -> Option<Judgement> {
    let complaint = &call.complaint;
    let (config, touch) = changed(case, call)?;
    let (root, subject) = (complaint.root().clone(), config.meta.entity("ConfigMap"));
    let at = touch.at.map(|at| format!(" at {at}")).unwrap_or_default();
    let service = call.service.meta.entity("Service");
    let has: Vec<String> = call.service.it.ports.iter().map(|it| it.port.to_string()).collect();
    let container = &complaint.container;
    let mounts = format!(
        "{}: container {} has {subject} as files, and names {service} in no setting",
        container.pod.meta.entity("Pod"),
        container.spec.name
    );
    Some(Judgement::Proven(Finding {
        field: Some(changed_data(touch)),
        value: None,
        statement: format!(
            "{root} calls in vain because {why}; it has the address from {subject}, which was changed{at}."
        ),
        proofs: vec![
            complaint.cite(),
            Cite::new(call.service.exhibit, format!("{service} has the ports {}", has.join(", "))),
            Cite::new(config.exhibit, format!("{subject} was changed by {}{at}", touch.manager)),
            Cite::new(container.pod.exhibit, mounts),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        subject,
    }))
}

/// The one ConfigMap among the container's files that was changed lately, before it started and before it first complained;
/// none where its own settings name the Service, or its newest revision changed more than that it was started again.
fn changed<'a>(case: &'a Case, call: &FailedCall<'_>) -> Option<(Seen<'a, Config>, &'a Touch)> {
    let complaint = &call.complaint;
    let container = &complaint.container;
    let Some(State::Running { since: Some(started) }) = container.status.state else { return None };
    let spec = container.spec;
    let values = spec.env.iter().filter_map(|it| it.value.as_deref());
    let words = spec.args.iter().chain(&spec.command).map(String::as_str);
    let means = |value: &str| {
        peers_in(value).iter().any(|it| {
            let service = case.service_of(it, complaint.namespace());
            service.is_some_and(|it| it.exhibit == call.service.exhibit)
        })
    };
    if values.chain(words).any(means) || is_revised(case, call) {
        return None;
    }
    let mut found: Option<(Seen<'a, Config>, &'a Touch)> = None;
    for volume in container.mounted().filter_map(|it| it.volume) {
        let object = &volume.object;
        if object.kind != "ConfigMap" {
            continue;
        }
        let config = case.config("ConfigMap", complaint.namespace(), &object.name).seen()?;
        let Some(touch) = data_toucher(&config.it.meta) else { continue };
        let made = config.it.meta.created;
        let later = |at| made.is_none_or(|made| at > made + MAKING);
        let before = |at| at <= started && complaint.since.is_none_or(|since| at <= since);
        if !touch.at.is_some_and(|at| later(at) && before(at) && case.is_news(Some(at))) {
            continue;
        }
        if found.is_some_and(|it| it.0.exhibit != config.exhibit) {
            return None; // Of two nobody can tell which one holds it.
        }
        found = Some((config, touch));
    }
    found
}

/// Whether the container's newest revision, which is news, runs something else or is told something else.
fn is_revised(case: &Case, call: &FailedCall<'_>) -> bool {
    let container = &call.complaint.container;
    let mut revisions = case.revisions_of(container.root).into_iter();
    let (Some(newest), Some(before)) = (revisions.next(), revisions.next()) else { return false };
    let mut then = before.it.template.containers.iter();
    let same = then.find(|it| it.name == container.spec.name).is_some_and(|then| {
        let now = container.spec;
        then.image == now.image
            && then.env == now.env
            && then.args == now.args
            && then.command == now.command
    });
    case.is_news(newest.it.meta.created) && !same
}
