//! A Service names a port that its pods do not declare.

use crate::case::Case;
use crate::case::ports::is_named;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::network::Service;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-03",
    title: "the Service names a port that its pods do not declare",
    category: Category::Network,
    proves: "the Service's target port is a name, and no container of its ready pods declares a port of that name",
    refutes: "the name is declared",
    confused_with: &["NET-01", "NET-02"],
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
    if !is_named(mismatch.port) {
        return None;
    }
    let entity = service.meta.entity("Service");
    let (target, declared) = (&mismatch.port.target, mismatch.declared.join(", "));
    let pod = mismatch.pod.meta.entity("Pod");
    let label = if mismatch.port.name.is_empty() {
        mismatch.port.port.to_string()
    } else {
        mismatch.port.name.clone()
    };
    Some(Judgement::Proven(Finding {
        field: Some(format!("spec.ports[{label}].targetPort")),
        value: Some(target.clone()),
        statement: format!(
            "{entity} leads nowhere because it sends to the port named {target}, while its pods declare {declared}."
        ),
        proofs: vec![
            Cite::new(
                service.exhibit,
                format!("{entity} sends port {} to the port named {target}", mismatch.port.port),
            ),
            Cite::new(mismatch.pod.exhibit, format!("{pod} is ready and declares {declared}")),
        ],
        doubts: Vec::new(),
        // The endpoint controller resolves names by declaration alone, so there is nothing to doubt.
        strength: Strength::Conclusive,
        explains: vec![entity.clone()],
        subject: entity,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Make the target port of {subject} and the port's name in the pod template agree, in the source of whichever was changed last."
        ),
        command: kubectl::object("edit", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!(
            "kubectl -n {} get endpointslices -l kubernetes.io/service-name={} shows a port.",
            subject.namespace, subject.name
        ),
    }]
}
