//! A route's Gateway does not take it.

use crate::case::Case;
use crate::case::routes::cite_condition;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::meta::condition;
use evidence::fact::object::Object;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ING-05",
    title: "a Gateway does not take the route",
    category: Category::Network,
    proves: "the controller says so in the route's own status: Accepted is False for a parent",
    refutes: "Accepted is True: then its backend is at fault",
    confused_with: &["ING-01", "ING-03"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.gateway_routes().filter_map(|route| one(case, route)).collect()
}

fn one(case: &Case, route: Seen<'_, Object>) -> Option<Judgement> {
    let subject = route.meta.entity(&route.kind);
    let Some((part, said)) = case.refused_parts(route).into_iter().next() else {
        let mut parents = route.it.parts.values();
        let accepted =
            parents.find_map(|it| condition(it, "Accepted").filter(|it| it.status == "True"))?;
        let why = format!("its Gateway takes {subject}");
        let proofs = vec![cite_condition(route, "", accepted)];
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    };
    if said.kind != "Accepted" {
        return None; // A backend that is not found is ING-01.
    }
    let (field, why) = match said.reason.as_str() {
        "NotAllowedByListeners" => (
            "spec.parentRefs",
            "no listener of the Gateway allows routes from its namespace or of its kind",
        ),
        "NoMatchingListenerHostname" => {
            ("spec.hostnames", "no listener of the Gateway serves its host names")
        }
        "NoMatchingParent" => ("spec.parentRefs", "the Gateway has no such listener"),
        _ => ("status", "its Gateway refuses it"),
    };
    Some(Judgement::Proven(Finding {
        field: Some(field.to_owned()),
        value: Some(said.reason.clone()),
        statement: format!("{subject} does not lead anywhere because {why} ({}).", said.reason),
        proofs: vec![cite_condition(route, part, said)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Correct {subject} in its source, or the listeners of the Gateway, so that they meet."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The route's parents say Accepted is True.".to_owned(),
    }]
}
