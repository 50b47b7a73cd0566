//! A route's Gateway does not take it, or does not find its backends.

use crate::case::Case;
use crate::case::routes::cite_condition;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::object::Object;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ING-05",
    title: "a Gateway does not take the route, or does not find its backend",
    category: Category::Network,
    proves: "the controller says so in the route's own status: Accepted or ResolvedRefs is False for a parent",
    refutes: "Accepted and ResolvedRefs are True: then the backend itself fails",
    confused_with: &["ING-01", "ING-06", "NET-05"],
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
        let resolved = route
            .it
            .parts
            .values()
            .find_map(|it| condition(it, "ResolvedRefs").filter(|it| it.status == "True"))?;
        let why = format!("its Gateway takes {subject} and finds its backends");
        let proofs = vec![cite_condition(route, "", resolved)];
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    };
    let mut proofs = vec![cite_condition(route, part, said)];
    let mut explains = vec![subject.clone()];
    let (field, why) = match said.reason.as_str() {
        "BackendNotFound" => {
            for service in absent(case, route) {
                proofs.push(Cite::new(
                    route.exhibit,
                    format!("it names {service}, which does not exist"),
                ));
                explains.push(service);
            }
            ("spec.rules", "a backend of it does not exist")
        }
        "RefNotPermitted" => {
            ("spec.rules", "a backend in another namespace does not grant it access")
        }
        "InvalidKind" | "UnsupportedProtocol" => {
            ("spec.rules", "a backend of it is of no use to the Gateway")
        }
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

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!("Correct {subject} in its source, or bring back what it names."),
        command: format!(
            "kubectl -n {} get {}/{} -o yaml",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The route's parents say Accepted and ResolvedRefs are True.".to_owned(),
    }]
}
