//! An Ingress of another namespace takes a path of a host that an Ingress here serves: the longer path wins. Of two that
//! are the same the older one keeps it.

use crate::case::Case;
use crate::case::routes;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::{Ingress, Route};
use evidence::question::Question;

/// Ingresses of all namespaces, where somebody reports a trouble of what an Ingress leads to.
pub(super) fn ask(case: &Case) -> Vec<Question> {
    let hosts = asked_routes(case).iter().any(|(_, route)| !route.host.is_empty());
    if !case.reported || !hosts {
        return Vec::new();
    }
    vec![Question::Objects { kind: "Ingress".to_owned(), namespace: String::new() }]
}

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    if !case.reported {
        return Vec::new();
    }
    let mut judgements = Vec::new();
    for (ingress, route) in asked_routes(case) {
        for other in case.ingresses() {
            judgements.extend(one(case, ingress, route, other));
        }
    }
    judgements
}

/// The rules that lead to what was asked about: of the Ingress itself, or to the Service, or to one before the workload.
pub(super) fn asked_routes(case: &Case) -> Vec<(Seen<'_, Ingress>, &Route)> {
    let Some(asked) = case.asked_object() else { return Vec::new() };
    let mut services = Vec::new();
    if asked.kind == "Service" {
        services.push(asked.name.clone());
    } else if let Some(workload) = case.workload(&asked).seen() {
        services.extend(case.services_before(&workload).map(|it| it.meta.name.clone()));
    }
    let mut routes = Vec::new();
    for ingress in case.ingresses().filter(|it| it.meta.namespace == asked.namespace) {
        let itself = asked.kind == "Ingress" && asked.name == ingress.meta.name;
        let wanted = |it: &&Route| itself || services.contains(&it.service);
        routes.extend(ingress.it.routes.iter().filter(wanted).map(|route| (ingress, route)));
    }
    routes
}

fn one(
    case: &Case,
    ingress: Seen<'_, Ingress>,
    route: &Route,
    other: Seen<'_, Ingress>,
) -> Option<Judgement> {
    // Applications that share a host do so for long.
    let news = case.is_news(Some(other.meta.created?));
    let younger = ingress.meta.created.is_none_or(|made| other.meta.created > Some(made));
    let elsewhere = other.meta.namespace != ingress.meta.namespace;
    // Each class has its own controller.
    let alike = other.it.class == ingress.it.class && other.meta.deleted.is_none();
    if !(elsewhere && alike && younger && news) || route.host.is_empty() {
        return None;
    }
    let takes = |it: &&Route| it.host == route.host && lies_below(&it.path, &route.path);
    let taken = other.it.routes.iter().find(takes)?;
    let (subject, own) = (other.meta.entity("Ingress"), ingress.meta.entity("Ingress"));
    let path = routes::written(taken);
    let to = format!("Service {}/{}", other.meta.namespace, taken.service);
    let service = Entity::new("Service", &ingress.meta.namespace, &route.service);
    Some(Judgement::Proven(Finding {
        field: Some("spec.rules".to_owned()),
        value: None,
        statement: format!(
            "Requests for {path} go to {to} because {subject} takes that path of the host that {own} serves."
        ),
        proofs: vec![
            Cite::new(other.exhibit, format!("{subject} sends {path} to {to}")),
            Cite::new(
                ingress.exhibit,
                format!("{own} sends {} to {service}", routes::written(route)),
            ),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![own, service],
        subject,
    }))
}

/// Whether a path is a longer one below another. What lies below the root alone is nobody's.
fn lies_below(path: &str, other: &str) -> bool {
    let (path, other) = (path.trim_end_matches('/'), other.trim_end_matches('/'));
    !other.is_empty() && path.strip_prefix(other).is_some_and(|it| it.starts_with('/'))
}
