//! A Service sends another protocol than the one that its pods speak.

use crate::case::Case;
use crate::case::ports::{is_named, protocol, written};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
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
    Some(Judgement::Proven(Finding {
        field: Some(format!("spec.ports[{label}].protocol")),
        value: Some(wrong.to_owned()),
        statement: format!(
            "{entity} leads nowhere for {right} because its port {number} is {wrong}, while its pods listen on {declared}."
        ),
        proofs: vec![
            Cite::new(service.exhibit, format!("{entity} sends {number}/{wrong}")),
            Cite::new(
                other.pod.exhibit,
                format!("{pod} is ready and declares {declared}; {}", other.sign),
            ),
        ],
        doubts: Vec::new(),
        strength,
        explains: vec![entity.clone()],
        subject: entity,
    }))
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
