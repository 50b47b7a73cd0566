//! Whether the ports of a Service lead to ports that its pods have.

use super::backends::Endpoint;
use super::{Pass, Step};
use diagnosis::case::ports::protocol;
use evidence::fact::network::{Service, ServicePort};
use evidence::fact::pod::Pod;
use evidence::fact::spec::Port;
use std::collections::BTreeSet;

/// Ports that are named of what pods declare.
const MOST_DECLARED: usize = 4;

/// A port of a Service, and where it leads.
#[derive(Clone, Debug)]
pub(crate) struct PortPath<'a> {
    /// The port.
    pub(crate) port: &'a ServicePort,
    /// The endpoints that it leads to, with the number there.
    pub(crate) targets: Vec<(&'a Endpoint, u16)>,
    /// How far it leads.
    pub(crate) step: Step,
}

impl PortPath<'_> {
    /// What callers use: `80/TCP`, or what the pods have where there is nobody to translate.
    pub(crate) fn called(&self, headless: bool) -> String {
        let number = match self.targets.first() {
            Some((_, number)) if headless => *number,
            _ => self.port.port,
        };
        format!("{number}/{}", protocol(&self.port.protocol))
    }
}

/// Follows every port to the endpoints that are used.
pub(crate) fn follow<'a>(
    service: &'a Service,
    used: &[&'a Endpoint],
    pods: &[Pod],
) -> Vec<PortPath<'a>> {
    service.ports.iter().map(|port| one(service, port, used, pods)).collect()
}

fn one<'a>(
    service: &'a Service,
    port: &'a ServicePort,
    used: &[&'a Endpoint],
    pods: &[Pod],
) -> PortPath<'a> {
    let of = protocol(&port.protocol);
    let number = |it: &Endpoint| {
        let mut ports = it.ports.iter();
        ports.find(|(name, _, spoken)| *name == port.name && spoken == of).map(|found| found.1)
    };
    let targets: Vec<(&Endpoint, u16)> =
        used.iter().filter_map(|it| Some((*it, number(it)?))).collect();
    let name = match port.name.as_str() {
        "" => format!("port {}/{of}", port.port),
        name => format!("port {name} {}/{of}", port.port),
    };
    let step = |pass, says: String| Step::new(name.clone(), pass, says);
    let behind: Vec<&Pod> = pods
        .iter()
        .filter(|pod| {
            used.is_empty()
                || targets.iter().any(|(it, _)| it.pod.as_deref() == Some(&pod.meta.name))
        })
        .collect();
    let is_missing = match used.is_empty() {
        // Nothing is listed yet: what the pods declare tells whether it would be.
        true => {
            let is_named = port.target.parse::<u16>().is_err();
            is_named && !pods.is_empty() && !pods.iter().any(|it| has(it, port))
        }
        false => targets.is_empty(),
    };
    let step = if is_missing {
        nowhere(service, port, used, pods, &step)
    } else if targets.len() < used.len() {
        let (with, all) = (targets.len(), used.len());
        step(Pass::Partly, format!("only {with} of {all} endpoints have {}", port.target))
    } else {
        declared(service, port, &behind, &targets, &step)
    };
    PortPath { port, targets, step }
}

/// A port that no endpoint has.
fn nowhere(
    service: &Service,
    port: &ServicePort,
    used: &[&Endpoint],
    pods: &[Pod],
    step: &dyn Fn(Pass, String) -> Step,
) -> Step {
    if service.selector.is_empty() {
        let mut there: Vec<String> = Vec::new();
        for (name, number, of) in used.iter().flat_map(|it| &it.ports) {
            let text = format!("{} {number}/{of}", if name.is_empty() { "unnamed" } else { name });
            if !there.contains(&text) {
                there.push(text);
            }
        }
        let wanted = if port.name.is_empty() { "without a name" } else { &port.name };
        let says =
            format!("no EndpointSlice has a port {wanted}: the Service's ports are found by name");
        return step(Pass::Closed, says).because(format!("they have {}", there.join(", ")));
    }
    let says = format!("no pod has a {} port named {}", protocol(&port.protocol), port.target);
    let there = written(&pods.iter().flat_map(running).collect::<Vec<_>>());
    step(Pass::Closed, says).because(format!("they declare {there}"))
}

/// What the pods declare about a port that is listed.
fn declared(
    service: &Service,
    port: &ServicePort,
    pods: &[&Pod],
    targets: &[(&Endpoint, u16)],
    step: &dyn Fn(Pass, String) -> Step,
) -> Step {
    let numbers: BTreeSet<u16> = targets.iter().map(|(_, number)| *number).collect();
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let leads = match numbers.join(", ").as_str() {
        "" => format!("leads to {}", port.target),
        numbers if *numbers == port.target => format!("leads to {numbers}"),
        numbers => format!("leads to {} = {numbers}", port.target),
    };
    let all: Vec<&Port> = pods.iter().flat_map(|it| running(it)).collect();
    if !all.is_empty() && !pods.iter().any(|it| has(it, port)) {
        let says = format!("{leads}, which no container of its pods declares");
        let detail = format!(
            "they declare {}; a port needs no declaration, so see what the program listens on",
            written(&all)
        );
        return step(Pass::Doubtful, says).because(detail);
    }
    let untranslated = numbers.iter().any(|it| *it != port.port.to_string());
    if service.headless && untranslated {
        let detail = format!(
            "a headless Service translates no ports: callers must use {}",
            numbers.join(", ")
        );
        return step(Pass::Open, leads).because(detail);
    }
    step(Pass::Open, leads)
}

/// Whether a pod declares what a port leads to.
fn has(pod: &Pod, port: &ServicePort) -> bool {
    running(pod).any(|it| {
        let same = it.name == port.target || it.number.to_string() == port.target;
        same && protocol(&it.protocol) == protocol(&port.protocol)
    })
}

/// Ports of the containers that keep running.
fn running(pod: &Pod) -> impl Iterator<Item = &Port> {
    pod.spec.containers.iter().filter(|it| !it.init || it.sidecar).flat_map(|it| &it.ports)
}

fn written(ports: &[&Port]) -> String {
    let mut each: Vec<String> = Vec::new();
    for port in ports {
        let text = format!("{}/{} {}", port.number, protocol(&port.protocol), port.name);
        let text = text.trim_end().to_owned();
        if !each.contains(&text) {
            each.push(text);
        }
    }
    if each.is_empty() {
        return "none".to_owned();
    }
    each.truncate(MOST_DECLARED);
    each.join(", ")
}
