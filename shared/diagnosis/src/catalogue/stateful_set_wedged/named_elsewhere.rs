//! A log misses a pod's name below a headless Service that is there, while its StatefulSet names another one.
//!
//! The controller of StatefulSets makes `serviceName` the `subdomain` of its pods, and the controller of EndpointSlices writes
//! their host names for the Service of that name alone: below any other one they have no names.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::peers::member;
use crate::case::selecting::selects;
use crate::case::words::said::Said;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::{Presence, Seen};
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::fact::workload::Workload;

/// A name that is missed.
struct Missed<'a> {
    complaint: &'a Complaint<'a>,
    host: &'a str,
    service: Seen<'a, Service>,
}

pub(super) fn judge(
    case: &Case,
    complaints: &[Complaint<'_>],
    workload: Seen<'_, Workload>,
) -> Option<Judgement> {
    let it = workload.it;
    let set = it.meta.entity("StatefulSet");
    let mut missed: Vec<Missed<'_>> =
        complaints.iter().filter_map(|complaint| missed_by(case, it, complaint)).collect();
    let governed = governed(case, it);
    // Who calls from outside, where the names are below the right kind of Service, may have the wrong name himself.
    missed.retain(|it| governed == Some(false) || *it.complaint.root() == set);
    // The names that its own program looks for count most.
    missed.sort_by_key(|it| *it.complaint.root() != set);
    let first = missed.first()?;
    let (service, host) = (first.service, first.host);
    let name = service.meta.entity("Service");
    let below = match it.service.as_str() {
        "" => "no Service".to_owned(),
        below => Entity::new("Service", &set.namespace, below).to_string(),
    };
    let mut proofs: Vec<Cite> = missed.iter().take(2).map(|it| it.complaint.cite()).collect();
    proofs.push(Cite::new(workload.exhibit, format!("the serviceName of {set} names {below}")));
    proofs.push(Cite::new(
        service.exhibit,
        format!("{name} is headless and picks its pods, and gives them no names"),
    ));
    let mut explains: Vec<Entity> = missed.iter().map(|it| it.complaint.root().clone()).collect();
    explains.sort();
    explains.dedup();
    // Where it names another that does give names, its own setting may be the wrong one.
    let is_field = governed == Some(false);
    Some(Judgement::Proven(Finding {
        field: is_field.then(|| "spec.serviceName".to_owned()),
        value: is_field.then(|| it.service.clone()),
        statement: format!(
            "{} finds no address for {host} because {set} names its pods below {below}, and not below {name}.",
            first.complaint.root()
        ),
        proofs,
        doubts: Vec::new(),
        strength: if is_field { Strength::Conclusive } else { Strength::Strong },
        explains,
        subject: set,
    }))
}

/// Whether the Service that a StatefulSet names is one that is there to give its pods names: headless, and before them. None
/// where nobody looked.
fn governed(case: &Case, it: &Workload) -> Option<bool> {
    if it.service.is_empty() {
        return Some(false);
    }
    match case.service(&it.meta.namespace, &it.service) {
        Presence::Present(named) => Some(named.headless && selects(named.it, &it.template_labels)),
        Presence::Absent => Some(false),
        Presence::Unknown => None,
    }
}

/// The name that a complaint misses, where it is that of a pod of this StatefulSet below a headless Service before it which
/// it does not name.
fn missed_by<'a>(
    case: &'a Case,
    it: &Workload,
    complaint: &'a Complaint<'a>,
) -> Option<Missed<'a>> {
    let Said::NameNotFound { name: Some(peer) } = &complaint.said else { return None };
    let host = peer.host.as_str();
    let member = member(host, complaint.namespace())?;
    let set = &it.meta;
    if member.set != set.name || member.namespace != set.namespace || member.service == it.service {
        return None;
    }
    // One that is not there has no name anyway.
    let pod = Entity::new("Pod", member.namespace, member.pod);
    let live = case.pod(&pod).seen().is_some_and(|it| it.meta.deleted.is_none());
    if !live && member.number >= it.desired {
        return None;
    }
    let service = case.service(member.namespace, member.service).seen()?;
    let gives = service.headless && selects(service.it, &it.template_labels);
    gives.then_some(Missed { complaint, host, service })
}
