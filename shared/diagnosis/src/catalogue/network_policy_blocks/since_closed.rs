//! Errors in words that nobody understands, repeated since policies closed the way to one of those who are called: programs log
//! that a call failed, and not how.

use super::way;
use crate::case::Case;
use crate::case::passage::{Barrier, Passage};
use crate::case::peers::peers_in;
use crate::case::touching::{MAKING, written_last};
use crate::case::troubles::Trouble;
use crate::case::words::peer::Peer;
use crate::finding::{Cite, Finding, Strength};
use crate::seen::Seen;
use evidence::fact::network::Service;
use std::collections::BTreeMap;

/// A way that is closed.
struct Closed<'a> {
    service: Seen<'a, Service>,
    barrier: Barrier<'a>,
    /// What does not get through, in words.
    what: String,
}

pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let complaints = case.complaints();
    let mut troubles = case.troubles();
    troubles.retain(|it| complaints.iter().all(|known| known.root() != it.container.root));
    troubles.iter().filter_map(|it| one(case, it)).collect()
}

fn one(case: &Case, trouble: &Trouble<'_>) -> Option<Finding> {
    let pod = trouble.container.pod;
    let namespace = pod.it.meta.namespace.as_str();
    let told = case.destinations(&pod.it.spec, namespace).into_iter().flat_map(peers_in);
    let closed = told.filter_map(|it| closed(case, trouble, &it, namespace));
    let mut closed: BTreeMap<usize, Closed<'_>> =
        closed.map(|it| (it.service.exhibit, it)).collect();
    let (_, Closed { service, barrier, what }) = closed.pop_first()?;
    let began = barrier.policies.iter().filter_map(|it| written_last(&it.it.meta)).max()?;
    // What it said before cannot come of it.
    let since = trouble.first.is_some_and(|it| it.duration_since(began) >= -MAKING);
    if !closed.is_empty() || !since || !case.is_news(Some(began)) {
        return None;
    }
    let (root, subject) = (trouble.container.root.clone(), case.latest_of(&barrier)?);
    let name = service.meta.entity("Service");
    let field = if barrier.outward { "spec.egress" } else { "spec.ingress" };
    let mut proofs = vec![trouble.cite.clone()];
    let says = format!("{root} is told of {name}");
    proofs.push(Cite::new(pod.exhibit, says));
    proofs.extend(case.cite_barrier(&barrier, &what));
    Some(Finding {
        field: Some(field.to_owned()),
        value: None,
        statement: format!(
            "{root} repeats errors since policies close its way to {name}, one of those that it is told of: no policy allows {what} since {subject} was written at {began}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Suggestive,
        explains: vec![root],
        subject,
    })
}

/// The Service with ready pods that a peer is, where policies close the way to it.
fn closed<'a>(
    case: &'a Case,
    trouble: &Trouble<'a>,
    peer: &Peer,
    namespace: &str,
) -> Option<Closed<'a>> {
    let service = case.service_of(peer, namespace)?;
    let mut ports =
        service.it.ports.iter().filter(|it| peer.port.is_none_or(|port| it.port == port));
    let port = ports.next().filter(|_| ports.next().is_none())?;
    match way(case, trouble.container.pod, service, port)? {
        (Passage::Closed(barrier), what) => Some(Closed { service, barrier, what }),
        (Passage::Open | Passage::Unknown, _) => None,
    }
}
