//! An Ingress leads to a Service, or to a port of one, that does not exist; or a route's Gateway finds no backend.

mod of_route;

use crate::case::Case;
use crate::case::routes::{self, Broken, Lack};
use crate::case::touching::toucher;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::Meta;
use evidence::fact::network::Service;
use evidence::fact::workload::Workload;
use evidence::question::Question;
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
    ask,
    judge,
    remedy,
};

/// What an Ingress's controller makes of a target port's name is up to the controller.
fn ask(case: &Case) -> Vec<Question> {
    let mut unclear = case.ingresses().filter(|it| case.names_only_targets(it.it));
    let class = Question::Objects { kind: "IngressClass".to_owned(), namespace: String::new() };
    unclear.next().map(|_| class).into_iter().collect()
}

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
            match lost(case, &service, &route.port) {
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
            let seen = case.service(&service.namespace, &service.name).seen();
            if let Some(seen) = seen {
                proofs.push(Cite::new(seen.exhibit, format!("{service} has the ports {has}")));
            }
            let why = format!("{service} has no port {}, only {has}", route.port);
            let field = routes::field(route, "port");
            match seen.filter(|seen| changed_later(seen.it, broken)) {
                Some(_) => (service.clone(), Some("spec.ports".to_owned()), None, why),
                None => (ingress.clone(), Some(field), Some(route.port.clone()), why),
            }
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

/// Whether the ports of the Service were written after the rules of the Ingress, and not when it was made.
fn changed_later(service: &Service, broken: &Broken<'_>) -> bool {
    let at = |meta: &Meta, field: &str| toucher(meta, field).and_then(|it| it.at);
    let ports = at(&service.meta, "spec.ports");
    let rules = at(&broken.ingress.meta, "spec.rules").or(broken.ingress.meta.created);
    ports.zip(rules).is_some_and(|(ports, rules)| ports > rules)
        && ports.zip(service.meta.created).is_none_or(|(ports, made)| ports > made)
}

/// The workload that the missing Service stood before, and before which no Service is: the Service is what is missing,
/// not the rule. It bears the Service's name, or has ports and bears that with more, or it is the only one with a port of
/// the rule's name. A worker, which nobody calls, has neither Service nor ports.
fn lost(case: &Case, service: &Entity, port: &str) -> Option<Cite> {
    let name = service.name.as_str();
    let bears = |it: &str| {
        it.strip_prefix(name).is_some_and(|it| it.starts_with('-'))
            || it.strip_suffix(name).is_some_and(|it| it.ends_with('-'))
    };
    let serves = |it: &Seen<'_, Workload>| {
        it.it.template.containers.iter().any(|it| !it.init && !it.ports.is_empty())
    };
    let bare = |it: &Seen<'_, Workload>| {
        it.meta.namespace == service.namespace
            && it.desired > 0
            && case.services_before(it).next().is_none()
    };
    let called =
        |it: &Seen<'_, Workload>| it.meta.name == name || bears(&it.meta.name) && serves(it);
    let named: Vec<Seen<'_, Workload>> =
        case.workloads().filter(|it| called(it) && bare(it)).collect();
    let listens = |it: &Seen<'_, Workload>| {
        let mut ports = it.it.template.containers.iter().flat_map(|it| &it.ports);
        !port.is_empty() && ports.any(|it| it.name == port)
    };
    let candidates = match named.as_slice() {
        [] => case.workloads().filter(|it| listens(it) && bare(it)).collect(),
        _ => named,
    };
    let [workload] = candidates.as_slice() else { return None };
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
        command: kubectl::within(subject, "get services,ingresses"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The Ingress answers for that host and path.".to_owned(),
    }]
}
