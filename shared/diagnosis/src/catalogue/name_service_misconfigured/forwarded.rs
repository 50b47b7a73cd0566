//! A zone of its own that CoreDNS forwards to a server that does not answer, since its Corefile was changed.

use super::HOME;
use crate::case::Case;
use crate::case::corefile::forwarded;
use crate::case::words::forward;
use crate::case::words::said::Said;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::question::Question;
use jiff::SignedDuration;

/// How long a change is news.
const NEWS: SignedDuration = SignedDuration::from_hours(24);

/// The log of CoreDNS, where somebody misses a name of such a zone.
pub(super) fn ask(case: &Case) -> Option<Question> {
    let missed = missed(case);
    let in_zone = |name: &str| case.corefiles().any(|it| forwarded(&it.corefile, name).is_some());
    if !missed.iter().any(|(_, name)| in_zone(name)) {
        return None;
    }
    let server = case.all_containers().find(|it| case.answers_names(&it.pod.meta))?;
    Some(Question::Logs {
        namespace: HOME.to_owned(),
        pod: server.pod.meta.name.clone(),
        container: server.spec.name.clone(),
        previous: false,
    })
}

/// Names that logs say get no answer, and who misses them.
fn missed(case: &Case) -> Vec<(Entity, String)> {
    let mut missed = Vec::new();
    for complaint in case.complaints() {
        if let Said::ResolverFailed { name: Some(peer) } | Said::NameNotFound { name: Some(peer) } =
            &complaint.said
        {
            missed.push((complaint.root().clone(), peer.host.clone()));
        }
    }
    missed
}

pub(super) fn judge(case: &Case) -> Option<Judgement> {
    for log in case.logs().filter(|it| it.it.namespace == HOME) {
        for line in log.it.lines.iter().rev() {
            let Some(failed) = forward::failed(&line.text) else { continue };
            let current = line.last.is_none_or(|it| it >= case.window.start);
            let found = case.corefiles().find_map(|it| {
                let zone = forwarded(&it.corefile, &failed.name)?;
                zone.servers.contains(&failed.server).then_some((it, zone))
            });
            let Some((config, zone)) = found.filter(|_| current) else { continue };
            let subject = config.meta.entity("ConfigMap");
            let written = |it: &&evidence::fact::meta::Touch| {
                it.fields.iter().any(|it| it.starts_with("data"))
            };
            let touch = config.it.meta.touches.iter().rfind(written);
            let changed = touch.and_then(|it| it.at).filter(|at| {
                let later = config.it.meta.created.is_none_or(|made| *at > made);
                later && (!case.rules.baseline || case.as_of.duration_since(*at) <= NEWS)
            });
            // A server that did not answer and was always asked is another's trouble.
            let changed = changed?;
            let pod = Entity::new("Pod", &log.it.namespace, &log.it.pod);
            let mut explains: Vec<Entity> =
                case.pod(&pod).seen().map(|it| case.root_of(&it.meta, "Pod")).into_iter().collect();
            let of_zone = |name: &str| forwarded(&config.corefile, name).as_ref() == Some(&zone);
            let victims = missed(case).into_iter().filter(|(_, name)| of_zone(name));
            for (victim, _) in victims {
                if !explains.contains(&victim) {
                    explains.push(victim);
                }
            }
            let says = format!("{pod}: {} does not answer for {}", failed.server, failed.name);
            let sends = format!(
                "{subject}, changed at {changed}, forwards {} to {}",
                zone.name, failed.server
            );
            return Some(Judgement::Proven(Finding {
                field: Some("data.Corefile".to_owned()),
                value: Some(zone.line.clone()),
                statement: format!(
                    "Names of {} are not resolved because {subject} forwards them to {}, which does not answer.",
                    zone.name, failed.server
                ),
                proofs: vec![
                    Cite::quoting(log.exhibit, says, &line.text),
                    Cite::quoting(config.exhibit, sends, &zone.line),
                ],
                doubts: Vec::new(),
                strength: Strength::Strong,
                explains,
                subject,
            }));
        }
    }
    None
}
