//! CoreDNS asks itself: its Corefile forwards names to its own address, and its loop plugin ends it.

use crate::case::Case;
use crate::case::corefile::forwards;
use crate::case::words::forward::loops;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::{Line, Log};
use evidence::question::Question;
use std::collections::BTreeSet;

/// The Corefile, and the Service by whose address CoreDNS is asked.
pub(super) fn ask(case: &Case) -> Vec<Question> {
    if said(case).is_none() {
        return Vec::new();
    }
    let home = case.name_home().namespace;
    let all = |kind: &str| Question::Objects { kind: kind.to_owned(), namespace: home.to_owned() };
    ["ConfigMap", "Service"].into_iter().map(all).collect()
}

pub(super) fn judge(case: &Case) -> Option<Judgement> {
    let (root, log, line) = said(case)?;
    let own = own_addresses(case);
    // Where it is the node's resolver that leads back, the Corefile does not tell.
    let (config, forward, address) = case.corefiles().find_map(|it| {
        let forwards = forwards(&it.corefile);
        let found = forwards.iter().find_map(|forward| {
            let address = forward.servers.iter().find(|it| own.contains(*it) || is_loopback(it));
            address.map(|address| (forward.clone(), address.clone()))
        });
        found.map(|(forward, address)| (it, forward, address))
    })?;
    let subject = config.meta.entity("ConfigMap");
    let pod = Entity::new("Pod", &log.it.namespace, &log.it.pod);
    let mut explains = vec![root.clone()];
    for victim in case.unanswered() {
        if !explains.contains(victim.root()) {
            explains.push(victim.root().clone());
        }
    }
    let heard = format!("{pod}: what CoreDNS asks comes back to it");
    let sends = format!("{subject} forwards to {address}, where CoreDNS itself answers");
    Some(Judgement::Proven(Finding {
        field: Some("data.Corefile".to_owned()),
        value: Some(forward.line.clone()),
        statement: format!(
            "{root} ends because {subject} forwards names to {address}, which is CoreDNS itself; no name is resolved."
        ),
        proofs: vec![
            Cite::quoting(log.exhibit, heard, &line.text),
            Cite::quoting(config.exhibit, sends, &forward.line),
        ],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

/// The name server that ended because it found a loop, and where it says so.
fn said(case: &Case) -> Option<(&Entity, Seen<'_, Log>, &Line)> {
    case.containers().find_map(|running| {
        if running.status.ready || !case.answers_names(&running.pod.meta) {
            return None;
        }
        let log = case.words_of(&running)?;
        let line = log.it.lines.iter().rev().find(|line| loops(&line.text))?;
        Some((running.root, log, line))
    })
}

/// Where CoreDNS is asked: the addresses of its Service and of its pods.
fn own_addresses(case: &Case) -> BTreeSet<String> {
    let mut own: BTreeSet<String> = BTreeSet::new();
    own.extend(case.name_service().into_iter().flat_map(|it| it.it.addresses.clone()));
    let pods = case.all_containers().filter(|it| case.answers_names(&it.pod.meta));
    own.extend(pods.map(|it| it.pod.address.clone()).filter(|it| !it.is_empty()));
    own
}

/// Of a pod: whatever the node listens at is elsewhere.
fn is_loopback(address: &str) -> bool {
    address == "localhost"
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
