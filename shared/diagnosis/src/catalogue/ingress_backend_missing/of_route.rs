//! A route of the Gateway API names a backend that its Gateway does not find, or cannot use.

use crate::case::Case;
use crate::case::routes::cite_condition;
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::object::Object;
use evidence::report::Remedy;

/// What the facts say of a route's backends.
pub(super) fn one(case: &Case, route: Seen<'_, Object>) -> Option<Judgement> {
    let subject = route.meta.entity(&route.kind);
    let Some((part, said)) = case.refused_parts(route).into_iter().next() else {
        let mut parents = route.it.parts.values();
        let resolved = parents
            .find_map(|it| condition(it, "ResolvedRefs").filter(|it| it.status == "True"))?;
        let why = format!("its Gateway finds the backends of {subject}");
        let proofs = vec![cite_condition(route, "", resolved)];
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    };
    if said.kind != "ResolvedRefs" {
        return None; // A route that is not taken is ING-05.
    }
    let mut proofs = vec![cite_condition(route, part, said)];
    let mut explains = vec![subject.clone()];
    let why = match said.reason.as_str() {
        "BackendNotFound" => {
            for service in absent(case, route) {
                proofs.push(Cite::new(
                    route.exhibit,
                    format!("it names {service}, which does not exist"),
                ));
                explains.push(service);
            }
            "a backend of it does not exist"
        }
        "RefNotPermitted" => "a backend in another namespace does not grant it access",
        "InvalidKind" | "UnsupportedProtocol" => "a backend of it is of no use to the Gateway",
        _ => "its Gateway does not find all that it names",
    };
    Some(Judgement::Proven(Finding {
        field: Some("spec.rules".to_owned()),
        value: Some(said.reason.clone()),
        statement: format!("{subject} does not lead anywhere because {why} ({}).", said.reason),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

/// The Services that a route names and that do not exist.
fn absent(case: &Case, route: Seen<'_, Object>) -> Vec<Entity> {
    let mut absent = Vec::new();
    for (path, name) in &route.it.fields {
        let Some(backend) = path.strip_suffix(".name").filter(|it| it.contains("backendRefs["))
        else {
            continue;
        };
        let of = |field: &str| route.it.fields.get(&format!("{backend}.{field}"));
        let namespace = of("namespace").unwrap_or(&route.meta.namespace);
        let is_service = of("kind").is_none_or(|kind| kind == "Service");
        if is_service && case.service(namespace, name).is_absent() {
            absent.push(Entity::new("Service", namespace, name));
        }
    }
    absent
}

/// What a human might do about a route.
pub(super) fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let action = match finding.value.as_deref() {
        Some("RefNotPermitted") => format!(
            "Allow {subject} its backend by a ReferenceGrant in the backend's namespace, if that is meant."
        ),
        _ => {
            format!("Correct the backend in the source of {subject}, or bring back what it names.")
        }
    };
    vec![Remedy {
        action,
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The route's parents say that ResolvedRefs is True.".to_owned(),
    }]
}
