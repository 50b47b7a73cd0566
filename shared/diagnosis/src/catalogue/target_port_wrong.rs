//! A Service sends to a port on which its pods do not listen.

use crate::case::Case;
use crate::case::ports::is_named;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::network::Service;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-02",
    title: "the Service sends to a port on which its pods do not listen",
    category: Category::Network,
    proves: "ready pods are behind the Service, none of its target ports is among the ports that they declare or are probed on; callers that are refused prove it whole",
    refutes: "some port of the Service fits: pods may listen without declaring",
    confused_with: &["NET-01", "NET-03"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.services().filter_map(|service| one(case, service)).collect()
}

fn one(case: &Case, service: Seen<'_, Service>) -> Option<Judgement> {
    let mismatch = case.mismatch(service)?;
    if is_named(mismatch.port) {
        return None; // A name that is missing is NET-03.
    }
    let entity = service.meta.entity("Service");
    let target = match mismatch.port.target.as_str() {
        "" => mismatch.port.port.to_string(),
        target => target.to_owned(),
    };
    let declared = mismatch.declared.join(", ");
    let pod = mismatch.pod.meta.entity("Pod");
    let mut proofs = vec![
        Cite::new(
            service.exhibit,
            format!("{entity} sends port {} to {target}", mismatch.port.port),
        ),
        Cite::new(mismatch.pod.exhibit, format!("{pod} is ready and declares {declared}")),
    ];
    let mut explains = vec![entity.clone()];
    let refused = case.refused_by(service);
    for (caller, cite) in &refused {
        explains.push(caller.clone());
        proofs.push(cite.clone());
    }
    let strength = if refused.is_empty() { Strength::Strong } else { Strength::Conclusive };
    let field = if mismatch.port.name.is_empty() {
        format!("spec.ports[{}].targetPort", mismatch.port.port)
    } else {
        format!("spec.ports[{}].targetPort", mismatch.port.name)
    };
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value: Some(target.clone()),
        statement: format!("{entity} sends to port {target}, while its pods listen on {declared}."),
        proofs,
        doubts: Vec::new(),
        strength,
        explains,
        subject: entity,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Set targetPort of {subject} to the port on which its pods listen, in its source."
        ),
        command: kubectl::object("edit", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Callers are no longer refused.".to_owned(),
    }]
}
