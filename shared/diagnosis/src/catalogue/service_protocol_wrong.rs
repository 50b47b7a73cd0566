//! A Service sends another protocol than the one that its pods speak.

use crate::case::Case;
use crate::case::calls::FailedCall;
use crate::case::ports::{OtherProtocol, is_named, protocol, written};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-04",
    title: "the Service's port is of another protocol than its pods'",
    category: Category::Network,
    proves: "the pods declare the Service's target port with another protocol, and a probe, a name or the lookup by name shows that they mean it",
    refutes: "the protocols are the same, or another port of the Service has the pods' one",
    confused_with: &["NET-02", "NET-03"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let selecting = case.services().filter(|it| it.kind != "ExternalName");
    selecting.filter_map(|service| one(case, service)).collect()
}

fn one(case: &Case, service: Seen<'_, Service>) -> Option<Judgement> {
    let other = case.other_protocol(service)?;
    let calls = calls(case, service, &other);
    let entity = service.meta.entity("Service");
    let pod = other.pod.meta.entity("Pod");
    let (number, wrong) = (other.port.port, protocol(&other.port.protocol));
    let (declared, right) = (written(other.declared), protocol(&other.declared.protocol));
    let label = match other.port.name.as_str() {
        "" => number.to_string(),
        name => name.to_owned(),
    };
    // The endpoint controller finds a name only with its protocol: the slices have no such port.
    let strength = if is_named(other.port) { Strength::Conclusive } else { Strength::Strong };
    let mut proofs = vec![
        Cite::new(service.exhibit, format!("{entity} sends {number}/{wrong}")),
        Cite::new(
            other.pod.exhibit,
            format!("{pod} is ready and declares {declared}; {}", other.sign),
        ),
    ];
    proofs.extend(calls.iter().take(2).map(|it| it.complaint.cite()));
    let mut explains: Vec<Entity> = calls.iter().map(|it| it.complaint.root().clone()).collect();
    explains.sort();
    explains.dedup();
    explains.push(entity.clone());
    Some(Judgement::Proven(Finding {
        field: Some(format!("spec.ports[{label}].protocol")),
        value: Some(wrong.to_owned()),
        statement: format!(
            "{entity} leads nowhere for {right} because its port {number} is {wrong}, while its pods listen on {declared}."
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains,
        subject: entity,
    }))
}

/// The calls of that port by its pods' protocol, which fail.
fn calls<'a>(
    case: &'a Case,
    service: Seen<'a, Service>,
    other: &OtherProtocol<'_>,
) -> Vec<FailedCall<'a>> {
    let number = other.port.port;
    let only = service.it.ports.len() == 1;
    let mut calls = case.failed_calls();
    calls.retain(|it| {
        let at = it.complaint.said.peer().and_then(|it| it.port);
        it.service.exhibit == service.exhibit
            && it.pod.is_none() // By a pod's own address it does not pass the Service.
            && at.map_or(only, |it| it == number)
            && it.protocol() == protocol(&other.declared.protocol)
    });
    calls
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Set the protocol of that port of {subject} to its pods' one, in its source."
        ),
        command: kubectl::object("edit", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Callers connect.".to_owned(),
    }]
}
