//! An Ingress leads to a Service, or to a port of one, that does not exist; or a route's Gateway finds no backend.

mod of_route;

use crate::case::Case;
use crate::case::routes::{self, Broken, Lack};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ING-01",
    title: "an Ingress or route leads to a backend that is missing or wrong",
    category: Category::Network,
    proves: "all Services of the namespace were seen, and the one that a rule names is not among them, or has no such port; or a Gateway says ResolvedRefs is False in the status of a route",
    refutes: "the Service and its port exist, or ResolvedRefs is True: then what is behind it fails",
    confused_with: &["NET-01", "NET-05", "ING-03", "ING-05"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for ingress in case.ingresses() {
        let broken = case.broken_routes(ingress);
        if let Some(first) = broken.first() {
            judgements.push(one(case, first));
        }
    }
    judgements.extend(case.gateway_routes().filter_map(|route| of_route::one(case, route)));
    judgements
}

fn one(case: &Case, broken: &Broken<'_>) -> Judgement {
    let ingress = broken.ingress.meta.entity("Ingress");
    let (route, name) = (broken.route, &broken.route.service);
    let service = Entity::new("Service", &ingress.namespace, name);
    let leads = format!("{ingress} sends {} to {service}", routes::written(route));
    let mut proofs = vec![Cite::new(broken.ingress.exhibit, leads)];
    let mut explains = vec![ingress.clone()];
    let (subject, field, value, why) = match &broken.lack {
        Lack::Service => {
            explains.push(service.clone());
            let why = format!("{service} does not exist");
            match lost(case, &service) {
                Some(cite) => {
                    proofs.push(cite);
                    (service.clone(), None, None, why)
                }
                None => {
                    (ingress.clone(), Some(routes::field(route, "name")), Some(name.clone()), why)
                }
            }
        }
        Lack::Port(ports) => {
            let has = if ports.is_empty() { "none".to_owned() } else { ports.join(", ") };
            if let Some(seen) = case.service(&service.namespace, &service.name).seen() {
                proofs.push(Cite::new(seen.exhibit, format!("{service} has the ports {has}")));
            }
            let why = format!("{service} has no port {}, only {has}", route.port);
            let field = routes::field(route, "port");
            (ingress.clone(), Some(field), Some(route.port.clone()), why)
        }
    };
    Judgement::Proven(Finding {
        field,
        value,
        statement: format!("{ingress} cannot serve {} because {why}.", routes::written(route)),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    })
}

/// A workload of the missing Service's name before which no Service is: the Service is what is missing, not the rule.
fn lost(case: &Case, service: &Entity) -> Option<Cite> {
    let workload = case.workloads().find(|it| {
        it.meta.namespace == service.namespace && it.meta.name == service.name && it.desired > 0
    })?;
    if case.services_before(&workload).next().is_some() {
        return None;
    }
    let entity = workload.meta.entity(&workload.kind);
    Some(Cite::new(
        workload.exhibit,
        format!("{entity} is there, and no Service leads to its pods"),
    ))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let action = match subject.kind.as_str() {
        "Service" => format!("Create {subject} again from its source."),
        "HTTPRoute" | "GRPCRoute" => return of_route::remedy(finding),
        _ => format!("Correct the backend in the source of {subject}."),
    };
    vec![Remedy {
        action,
        command: format!("kubectl -n {} get services,ingresses", subject.namespace),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The Ingress answers for that host and path.".to_owned(),
    }]
}
