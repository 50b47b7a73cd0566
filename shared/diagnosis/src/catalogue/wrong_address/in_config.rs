//! A name that is nobody's, or a port that a Service does not have, in a ConfigMap whose hosts were read.

use crate::case::Case;
use crate::case::calls::FailedCall;
use crate::case::complaints::Complaint;
use crate::case::destinations::Destination;
use crate::case::peers::peers_in;
use crate::case::touching::{MAKING, edited_lately};
use crate::case::words::peer::Peer;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::workload::Workload;

/// The name stands in one ConfigMap that the container reads, and another Service is called almost so.
pub(super) fn wrong_host(
    case: &Case,
    complaint: &Complaint<'_>,
    peer: &Peer,
    absent: &Entity,
) -> Option<Judgement> {
    let (container, namespace) = (&complaint.container, complaint.namespace());
    let told = case.configured_destinations(&container.pod.it.spec, container.spec, namespace);
    let names = |it: &Destination<'_>| peers_in(it.place).iter().any(|it| it.host == peer.host);
    let mut naming = told.iter().filter(|it| names(it));
    let found = naming.next()?;
    if naming.any(|it| it.config.exhibit != found.config.exhibit) {
        return None;
    }
    let (root, subject) = (complaint.root().clone(), found.config.meta.entity("ConfigMap"));
    let says = format!("{} of {subject} names {}", found.key, peer.host);
    let Some(meant) = case.alike_service(absent) else {
        return since_edited(case, complaint, found, absent);
    };
    let name = meant.meta.entity("Service");
    let proofs = vec![
        complaint.cite(),
        Cite::quoting(found.config.exhibit, says.clone(), found.place),
        Cite::new(meant.exhibit, format!("{name} is there, and {absent} is not")),
    ];
    Some(Judgement::Proven(Finding {
        field: Some(format!("data.{}", found.key)),
        value: Some(found.place.to_owned()),
        statement: format!(
            "{root} calls in vain because {says}, and there is no {absent}, only {name}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        subject,
    }))
}

/// Somebody put the name there lately, and nobody complained of it before.
fn since_edited(
    case: &Case,
    complaint: &Complaint<'_>,
    found: &Destination<'_>,
    absent: &Entity,
) -> Option<Judgement> {
    let (meta, field) = (&found.config.it.meta, format!("data.{}", found.key));
    let (touch, at) = edited_lately(case, meta).filter(|(it, _)| it.fields.contains(&field))?;
    if complaint.line.first.is_none_or(|first| first + MAKING < at) {
        return None;
    }
    // Of a program that is there the Service is missing.
    let is_its_name = |it: Seen<'_, Workload>| it.meta.name == absent.name;
    let is_there = case.workloads_in(&absent.namespace).any(is_its_name);
    if is_there || !case.knows_workloads(&absent.namespace) {
        return None;
    }
    let (root, subject) = (complaint.root().clone(), meta.entity("ConfigMap"));
    let since = format!("{} of {subject}, which {} changed at {at}", found.key, touch.manager);
    Some(Judgement::Proven(Finding {
        value: Some(found.place.to_owned()),
        statement: format!(
            "{root} calls {absent} in vain since the name stands in {since}: there is none."
        ),
        proofs: vec![
            complaint.cite(),
            Cite::quoting(found.config.exhibit, since.clone(), found.place),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        field: Some(field),
        subject,
    }))
}

/// The Service and the port stand in one ConfigMap that the container reads.
pub(super) fn wrong_port(case: &Case, call: &FailedCall<'_>, why: &str) -> Option<Judgement> {
    let (complaint, number) = (&call.complaint, call.called_port()?);
    let (container, namespace) = (&complaint.container, complaint.namespace());
    let told = case.configured_destinations(&container.pod.it.spec, container.spec, namespace);
    let names = |it: &Destination<'_>| {
        peers_in(it.place).iter().any(|peer| {
            let service = case.service_of(peer, namespace);
            peer.port == Some(number)
                && service.is_some_and(|it| it.exhibit == call.service.exhibit)
        })
    };
    let mut naming = told.iter().filter(|it| names(it));
    let found = naming.next()?;
    if naming.any(|it| it.config.exhibit != found.config.exhibit) {
        return None;
    }
    let (root, subject) = (complaint.root().clone(), found.config.meta.entity("ConfigMap"));
    let service = call.service.meta.entity("Service");
    let has: Vec<String> = call.service.it.ports.iter().map(|it| it.port.to_string()).collect();
    let says = format!("{} of {subject} names {}", found.key, found.place);
    Some(Judgement::Proven(Finding {
        field: Some(format!("data.{}", found.key)),
        value: Some(found.place.to_owned()),
        statement: format!(
            "{root} calls in vain because {why}; it has the address from {} of {subject}.",
            found.key
        ),
        proofs: vec![
            complaint.cite(),
            Cite::quoting(found.config.exhibit, says, found.place),
            Cite::new(call.service.exhibit, format!("{service} has the ports {}", has.join(", "))),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        subject,
    }))
}
