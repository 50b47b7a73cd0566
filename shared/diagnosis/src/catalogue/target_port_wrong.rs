//! A Service sends to a port on which its pods do not listen.

mod listens;

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::misled::Misled;
use crate::case::news::Turn;
use crate::case::ports::{is_named, written};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::network::{Service, ServicePort};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-02",
    title: "the Service sends to a port on which its pods do not listen",
    category: Category::Network,
    proves: "ready pods are behind the Service, none of its target ports is among the ports that they declare or are probed on; callers that are refused prove it whole; or its callers are refused, and the program, which declares no port, is probed at the one by which the Service is called; or its callers are refused at the port that a program declares, whose log names another; or one leads to another container than its callers mean, whom it answers in another protocol; or its ports are the only thing that was changed before those who call it began to repeat an error",
    refutes: "some port of the Service fits: pods may listen without declaring",
    confused_with: &["NET-01", "NET-03", "DEP-07"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let misled = case.misled();
    let elsewhere = misled.iter().map(beside);
    let judgements = case.services().filter_map(|service| one(case, service)).chain(elsewhere);
    let judgements = judgements.chain(listens::judge(case));
    judgements.chain(case.judge_coincidence(Turn::Ports)).collect()
}

/// A port that leads to another program of the same pods.
fn beside(misled: &Misled<'_>) -> Judgement {
    let Misled { service, port, pod, .. } = misled;
    let entity = service.meta.entity("Service");
    let ((beside, led), (server, meant)) = (misled.led, misled.meant);
    let (led, meant) = (written(led), written(meant));
    let mut proofs = vec![
        Cite::new(
            service.exhibit,
            format!("{entity} sends port {} to {}", port.port, target(port)),
        ),
        Cite::new(
            pod.exhibit,
            format!(
                "{}: container {} declares {led}, and container {} {meant}, to which no port of {entity} leads",
                pod.meta.entity("Pod"),
                beside.name,
                server.name
            ),
        ),
    ];
    proofs.extend(misled.complaints.iter().take(2).map(Complaint::cite));
    let mut explains = vec![entity.clone()];
    for complaint in &misled.complaints {
        if !explains.contains(complaint.root()) {
            explains.push(complaint.root().clone());
        }
    }
    Judgement::Proven(Finding {
        field: Some(field(port)),
        value: Some(target(port)),
        statement: format!(
            "{entity} sends port {} to {led} of container {}, which answers callers in another protocol, while container {} listens on {meant}.",
            port.port, beside.name, server.name
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject: entity,
    })
}

fn target(port: &ServicePort) -> String {
    if port.target.is_empty() { port.port.to_string() } else { port.target.clone() }
}

fn field(port: &ServicePort) -> String {
    let name = if port.name.is_empty() { port.port.to_string() } else { port.name.clone() };
    format!("spec.ports[{name}].targetPort")
}

fn one(case: &Case, service: Seen<'_, Service>) -> Option<Judgement> {
    let mismatch = case.mismatch(service)?;
    if is_named(mismatch.port) {
        return None; // A name that is missing is NET-03.
    }
    let entity = service.meta.entity("Service");
    let target = target(mismatch.port);
    let declared = mismatch.declared.join(", ");
    let pod = mismatch.pod.meta.entity("Pod");
    let shows = if mismatch.is_probed { "answers its probe at" } else { "declares" };
    let mut proofs = vec![
        Cite::new(
            service.exhibit,
            format!("{entity} sends port {} to {target}", mismatch.port.port),
        ),
        Cite::new(mismatch.pod.exhibit, format!("{pod} is ready and {shows} {declared}")),
    ];
    let mut explains = vec![entity.clone()];
    let refused = case.refused_by(service);
    for (caller, cite) in &refused {
        explains.push(caller.clone());
        proofs.push(cite.clone());
    }
    let strength = if refused.is_empty() { Strength::Strong } else { Strength::Conclusive };
    Some(Judgement::Proven(Finding {
        field: Some(field(mismatch.port)),
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
    if subject.kind == "ConfigMap" {
        let field = finding.field.as_deref().unwrap_or("data");
        return vec![Remedy {
            action: format!(
                "Take {field} of {subject} back in its source and start what reads it again, or lead the Service to the new port."
            ),
            command: kubectl::object("get", subject, "-o yaml --show-managed-fields"),
            risk: "low".to_owned(),
            reversible: true,
            verify: "Callers are no longer refused.".to_owned(),
        }];
    }
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
