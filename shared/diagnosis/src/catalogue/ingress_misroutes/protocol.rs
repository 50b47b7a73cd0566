//! ingress-nginx is told to speak TLS to programs that speak plain HTTP, or the other way round: an annotation says which,
//! for all that an Ingress leads to.

use super::captured::asked_routes;
use crate::case::Case;
use crate::case::calls::target_in;
use crate::case::certificates::serves_ingresses;
use crate::case::denials::between;
use crate::case::touching::toucher;
use crate::case::words::said::{Said, Tls};
use crate::case::words::tls::{is_to_upstream, says_plain_call};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::{Ingress, Service, ServicePort};
use evidence::fact::pod::Pod;
use evidence::fact::spec::Probe;
use evidence::question::Question;
use std::collections::BTreeSet;

/// Read by ingress-nginx: `HTTP` where it is not there.
const PROTOCOL: &str = "nginx.ingress.kubernetes.io/backend-protocol";

/// With it the controller hands connections on as they are.
const PASSTHROUGH: &str = "nginx.ingress.kubernetes.io/ssl-passthrough";

/// Pods of a controller whose log is read: each serves all Ingresses.
const MOST_PODS: usize = 2;

/// A handshake that failed, by the log of a controller.
struct Heard {
    controller: Entity,
    host: String,
    cite: Cite,
}

/// A Service that an Ingress leads to, and how its pods are asked for their readiness at the same port, and answer.
struct Backend<'a> {
    service: Seen<'a, Service>,
    handler: &'a str,
    cite: Cite,
    /// Its log says that it was called by HTTP where it speaks HTTPS.
    complains: Option<Cite>,
}

pub(super) fn ask(case: &Case) -> Vec<Question> {
    // Where Ingresses are known and none has it speak TLS, no log need tell of that.
    let unknown = case.ingresses().next().is_none();
    let wanted = unknown || case.ingresses().any(|it| speaks_tls(it.it) == Some(true));
    let controllers = case.all_containers().filter(|it| {
        case.reported && wanted && !it.spec.init && serves_ingresses(&it.spec.image) && it.runs()
    });
    let mut questions: Vec<Question> =
        controllers.take(MOST_PODS).map(|it| it.ask_for_log(false)).collect();
    let all = |kind: &str| Question::Objects { kind: kind.to_owned(), namespace: String::new() };
    let heard = heard(case);
    if !heard.is_empty() {
        questions.push(all("Ingress"));
    }
    if case
        .ingresses()
        .any(|it| is_asked_about(case, it, &of_host(it, &heard)) && differs(case, it))
    {
        questions.push(all("IngressClass"));
    }
    questions
}

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let heard = heard(case);
    case.ingresses().filter_map(|ingress| one(case, ingress, &heard)).collect()
}

fn one(case: &Case, ingress: Seen<'_, Ingress>, heard: &[Heard]) -> Option<Judgement> {
    let heard = of_host(ingress, heard);
    if !is_asked_about(case, ingress, &heard) || ingress.meta.deleted.is_some() {
        return None;
    }
    let encrypted = speaks_tls(ingress.it)?;
    let backends = backends(case, ingress);
    let other = if encrypted { "http" } else { "https" };
    if backends.iter().any(|it| it.handler != other) {
        return None; // One of them is spoken to as it wants to be.
    }
    let field = format!("metadata.annotations[{PROTOCOL}]");
    let news = case.is_news(toucher(&ingress.it.meta, &field).and_then(|it| it.at));
    let complains: Vec<&Cite> = backends.iter().filter_map(|it| it.complains.as_ref()).collect();
    let known = !backends.is_empty() && is_nginx(case, ingress.it);
    let strength = match (encrypted, heard.is_empty()) {
        (true, false) if !backends.is_empty() => Strength::Conclusive,
        (true, false) => Strength::Strong,
        (true, true) if known && news => Strength::Strong,
        (false, _) if known && !complains.is_empty() => Strength::Strong,
        _ => return None,
    };
    let subject = ingress.meta.entity("Ingress");
    let value = ingress.meta.annotations.get(PROTOCOL).cloned();
    let told = value.clone().unwrap_or_else(|| "HTTP".to_owned());
    let mut proofs: Vec<Cite> = heard.iter().take(1).map(|it| it.cite.clone()).collect();
    proofs.push(Cite::new(
        ingress.exhibit,
        format!("{subject} has its controller speak {told} to what it leads to"),
    ));
    proofs.extend(backends.iter().take(2).map(|it| it.cite.clone()));
    proofs.extend(complains.into_iter().take(1).cloned());
    let mut explains: BTreeSet<Entity> = heard.iter().map(|it| it.controller.clone()).collect();
    explains.extend(backends.iter().map(|it| it.service.meta.entity("Service")));
    explains.insert(subject.clone());
    let spoken = if encrypted { "plain HTTP" } else { "HTTPS" };
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value,
        statement: format!(
            "Requests through {subject} fail because its controller is to speak {told} to programs that speak {spoken}."
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: explains.into_iter().collect(),
        subject,
    }))
}

/// What was heard of the hosts of an Ingress.
fn of_host<'a>(ingress: Seen<'_, Ingress>, heard: &'a [Heard]) -> Vec<&'a Heard> {
    let is_of = |it: &&Heard| ingress.it.routes.iter().any(|route| route.host == it.host);
    heard.iter().filter(is_of).collect()
}

/// Whether the question is about that Ingress, what it leads to, or a controller that says so.
fn is_asked_about(case: &Case, ingress: Seen<'_, Ingress>, heard: &[&Heard]) -> bool {
    if let Some(asked) = case.asked_object() {
        return heard.iter().any(|it| it.controller == asked)
            || asked_routes(case).iter().any(|(it, _)| it.exhibit == ingress.exhibit);
    }
    let namespaces = &case.scope.namespaces;
    namespaces.is_empty()
        || namespaces.contains(&ingress.meta.namespace)
        || heard.iter().any(|it| namespaces.contains(&it.controller.namespace))
}

/// Whether the controller of an Ingress is to speak TLS to what it leads to; none where it speaks something else, or
/// hands on what it is told.
fn speaks_tls(ingress: &Ingress) -> Option<bool> {
    let annotations = &ingress.meta.annotations;
    if annotations.get(PASSTHROUGH).is_some_and(|it| it == "true") {
        return None;
    }
    match annotations.get(PROTOCOL).map_or("HTTP", String::as_str).to_ascii_uppercase().as_str() {
        "HTTPS" | "GRPCS" => Some(true),
        "HTTP" => Some(false),
        _ => None,
    }
}

/// Whether some program behind an Ingress is asked for its readiness in another way than the controller calls it.
fn differs(case: &Case, ingress: Seen<'_, Ingress>) -> bool {
    let other = |encrypted| if encrypted { "http" } else { "https" };
    speaks_tls(ingress.it)
        .is_some_and(|it| backends(case, ingress).iter().any(|one| one.handler == other(it)))
}

fn is_nginx(case: &Case, ingress: &Ingress) -> bool {
    let mut classes = case.objects().filter(|it| it.kind == "IngressClass");
    let class = classes.find(|it| it.meta.name == ingress.class);
    let controller = class.and_then(|it| it.it.fields.get("spec.controller"));
    controller.is_some_and(|it| it.starts_with("k8s.io/ingress-nginx"))
}

/// What an Ingress leads to and that answers, now, a probe by HTTP or HTTPS at the very port that it leads to.
fn backends<'a>(case: &'a Case, ingress: Seen<'a, Ingress>) -> Vec<Backend<'a>> {
    let mut backends: Vec<Backend<'a>> = Vec::new();
    for route in &ingress.it.routes {
        let Some(service) = case.service(&ingress.meta.namespace, &route.service).seen() else {
            continue;
        };
        if backends.iter().any(|it| it.service.exhibit == service.exhibit) {
            continue;
        }
        let named = |port: &str, name: &str| port == route.port || name == route.port;
        let ports = &service.it.ports;
        let Some(port) = ports.iter().find(|it| named(&it.port.to_string(), &it.name)) else {
            continue;
        };
        let found = case
            .selected_by(service.it)
            .filter(|pod| pod.meta.deleted.is_none())
            .find_map(|pod| Some((pod, readiness(port, pod.it)?)));
        let Some((pod, (container, probe))) = found else { continue };
        let handler = probe.handler.as_str();
        let name = pod.meta.entity("Pod");
        let says =
            format!("{name} answers its readiness probe by {handler} at port {}", probe.port);
        let log = case.log(&pod.meta.namespace, &pod.meta.name, container, false);
        let complains = log.and_then(|log| {
            let line = log.it.lines.iter().rev().find(|it| says_plain_call(&it.text))?;
            let says = format!("{name} was called by HTTP where it speaks HTTPS");
            Some(Cite::quoting(log.exhibit, says, &line.text))
        });
        backends.push(Backend { service, handler, cite: Cite::new(pod.exhibit, says), complains });
    }
    backends
}

/// The container of a pod that is ready and answers a probe by HTTP or HTTPS at the port to which a Service's port leads.
fn readiness<'a>(port: &ServicePort, pod: &'a Pod) -> Option<(&'a str, &'a Probe)> {
    let called = target_in(port, pod)?;
    pod.containers.iter().filter(|it| it.ready).find_map(|status| {
        let spec = pod.spec.containers.iter().find(|it| it.name == status.name)?;
        let probe = spec.readiness.as_ref()?;
        let asked =
            probe.port.parse().ok().or_else(|| {
                spec.ports.iter().find(|it| it.name == probe.port).map(|it| it.number)
            })?;
        let http = matches!(probe.handler.as_str(), "http" | "https");
        (http && asked == called).then_some((spec.name.as_str(), probe))
    })
}

/// Handshakes with programs behind an Ingress that failed since these do not speak TLS, by the logs of controllers.
fn heard(case: &Case) -> Vec<Heard> {
    let mut heard: Vec<Heard> = Vec::new();
    for container in case.all_containers().filter(|it| serves_ingresses(&it.spec.image)) {
        let meta = &container.pod.meta;
        let Some(log) = case.log(&meta.namespace, &meta.name, &container.spec.name, false) else {
            continue;
        };
        for (said, line) in case.said_in(log) {
            let plain = matches!(said, Said::TlsFailed { why: Tls::NotSpoken, .. });
            let host = between(&line.text, ", server: ", ",").unwrap_or_default();
            // Of each request it says it anew.
            if !plain || !case.is_said_now(line) || !is_to_upstream(&line.text) || host.is_empty() {
                continue;
            }
            if heard.iter().any(|it| it.host == host) {
                continue;
            }
            let pod = meta.entity("Pod");
            let says = format!("{pod}: what it leads to does not speak TLS");
            heard.push(Heard {
                controller: container.root.clone(),
                host: host.to_owned(),
                cite: Cite::quoting(log.exhibit, says, &line.text),
            });
        }
    }
    heard
}
