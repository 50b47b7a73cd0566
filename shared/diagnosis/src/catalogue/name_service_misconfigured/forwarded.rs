//! A zone of its own that CoreDNS forwards to a server that does not answer, since its Corefile was changed, and of which
//! somebody misses a name: a log says so, or a trouble is reported while CoreDNS goes on saying that it was asked in vain.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::corefile::forwarded;
use crate::case::touching::data_toucher;
use crate::case::words::forward;
use crate::case::words::said::Said;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::question::Question;

/// The log of CoreDNS, where somebody misses a name of such a zone.
pub(super) fn ask(case: &Case) -> Option<Question> {
    let missed = missed(case);
    let in_zone = |name: &str| case.corefiles().any(|it| forwarded(&it.corefile, name).is_some());
    if !missed.iter().any(|(_, name)| in_zone(name)) {
        return None;
    }
    let server = case.all_containers().find(|it| case.answers_names(&it.pod.meta))?;
    Some(server.ask_for_log(false))
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
    let missed = missed(case);
    for log in case.logs() {
        let pod = Entity::new("Pod", &log.it.namespace, &log.it.pod);
        let Some(server) = case.pod(&pod).seen().filter(|it| case.answers_names(&it.meta)) else {
            continue;
        };
        for line in log.it.lines.iter().rev() {
            let Some(failed) = forward::failed(&line.text) else { continue };
            let current = line.last.is_none_or(|it| it >= case.window.start);
            let found = case.corefiles().find_map(|it| {
                let zone = forwarded(&it.corefile, &failed.name)?;
                zone.servers.contains(&failed.server).then_some((it, zone))
            });
            let Some((config, zone)) = found.filter(|_| current) else { continue };
            let subject = config.meta.entity("ConfigMap");
            let of_zone = |name: &str| forwarded(&config.corefile, name).as_ref() == Some(&zone);
            let victims: Vec<&Entity> =
                missed.iter().filter(|(_, name)| of_zone(name)).map(|(victim, _)| victim).collect();
            let changed = data_toucher(&config.it.meta).and_then(|it| it.at).filter(|at| {
                let later = config.it.meta.created.is_none_or(|made| *at > made);
                later && case.is_news(Some(*at))
            });
            // A server that did not answer and was always asked is another's trouble.
            let Some(changed) = changed else { continue };
            // What nobody misses harms nobody.
            let goes_on = |it: &Complaint<'_>| {
                it.log.exhibit == log.exhibit
                    && it.said.peer().is_some_and(|it| it.host == failed.server)
                    && it.since >= Some(changed)
            };
            let strength = if !victims.is_empty() {
                Strength::Strong
            } else if case.reported && case.complaints().iter().any(goes_on) {
                Strength::Suggestive
            } else {
                continue;
            };
            let mut explains = vec![case.root_of(&server.meta, "Pod")];
            for victim in victims {
                if !explains.contains(victim) {
                    explains.push(victim.clone());
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
                strength,
                explains,
                subject,
            }));
        }
    }
    None
}
