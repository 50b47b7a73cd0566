//! A Gateway's class does not exist, or its controller does not set it up and may say why.

use crate::case::Case;
use crate::case::routes::cite_condition;
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::seen::Seen;
use evidence::fact::meta::{Condition, condition};
use evidence::fact::object::Object;
use evidence::report::Remedy;

/// What the facts say of one Gateway.
pub(super) fn one(case: &Case, gateway: Seen<'_, Object>) -> Option<Judgement> {
    let entity = gateway.meta.entity("Gateway");
    let Some(said) = case.refused_gateway(gateway) else {
        let good =
            condition(&gateway.it.conditions, "Programmed").filter(|it| it.status == "True")?;
        let why = format!("{entity} is accepted and programmed");
        let proofs = vec![cite_condition(gateway, "", good)];
        return Some(Judgement::Refuted(Refutation { subject: entity, why, proofs }));
    };
    let name = gateway.it.fields.get("spec.gatewayClassName")?;
    let class = case.gateway_classes().find(|it| it.meta.name == *name);
    if class.is_none() && case.looked("GatewayClass", "") {
        return Some(Judgement::Proven(of_no_class(gateway, said, name)));
    }
    let mut proofs = vec![cite_condition(gateway, "", said)];
    let accepted = class.and_then(|it| condition(&it.it.conditions, "Accepted"));
    let unwanted = class.filter(|_| accepted.is_none_or(|it| it.status != "True"));
    let waits = said.status == "Unknown";
    let (subject, why, strength) = match unwanted {
        Some(class) if waits => {
            let entity = class.meta.entity("GatewayClass");
            proofs.push(match accepted {
                Some(said) => cite_condition(class, "", said),
                None => {
                    Cite::new(class.exhibit, format!("{entity}: no controller has said anything"))
                }
            });
            let why = format!("no controller has accepted {entity}");
            (entity, why, Strength::Conclusive)
        }
        // Nobody has looked at it yet, and why is not known.
        _ if waits => return None,
        _ => {
            let why =
                format!("its controller says {} is {} ({})", said.kind, said.status, said.reason);
            (entity.clone(), why, Strength::Strong)
        }
    };
    Some(Judgement::Proven(Finding {
        field: Some(format!("status.conditions[{}]", said.kind)),
        value: Some(said.reason.clone()),
        statement: format!("{entity} lets nobody in because {why}."),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![entity],
        subject,
    }))
}

fn of_no_class(gateway: Seen<'_, Object>, said: &Condition, class: &str) -> Finding {
    let subject = gateway.meta.entity("Gateway");
    let why = format!("its class {class} does not exist");
    let says = format!("{subject}: {} is {} ({}), {why}", said.kind, said.status, said.reason);
    Finding {
        field: Some("spec.gatewayClassName".to_owned()),
        value: Some(class.to_owned()),
        statement: format!("{subject} is served by nobody because {why}."),
        proofs: vec![Cite::quoting(gateway.exhibit, says, &said.message)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }
}

/// What a human might do about a Gateway whose class exists.
pub(super) fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let action = match subject.kind.as_str() {
        "GatewayClass" => {
            format!("See that the controller that {subject} names runs, and what it says.")
        }
        _ => format!("Correct in the source of {subject} what its controller says is wrong."),
    };
    vec![Remedy {
        action,
        command: "kubectl get gatewayclasses; kubectl get gateways --all-namespaces".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The Gateway is Programmed.".to_owned(),
    }]
}
