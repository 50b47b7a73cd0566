//! A Gateway's controller does not set it up, or says why it cannot.

use crate::case::Case;
use crate::case::routes::cite_condition;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::seen::Seen;
use evidence::fact::meta::condition;
use evidence::fact::object::Object;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ING-06",
    title: "a Gateway is not set up by its controller",
    category: Category::Network,
    proves: "the Gateway's Accepted or Programmed condition is not True, and its class exists; without a controller the class is not accepted either",
    refutes: "Accepted and Programmed are True: then a route or a backend is at fault",
    confused_with: &["ING-03", "ING-05"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    case.ask_about_gateways()
}

fn judge(case: &Case) -> Vec<Judgement> {
    case.gateways().filter_map(|gateway| one(case, gateway)).collect()
}

fn one(case: &Case, gateway: Seen<'_, Object>) -> Option<Judgement> {
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
        return None; // A class that does not exist is ING-03.
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

fn remedy(finding: &Finding) -> Vec<Remedy> {
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
