//! A container digested: image, state, last run, resources, probes, environment, mounts.

use super::Line;
use crate::unwell::{brief, ended};
use evidence::fact::pod::{ContainerStatus, State};
use evidence::fact::spec::{Container, EnvVar, ObjectRef, Probe};
use jiff::Timestamp;
use mcp::age::age;
use std::collections::BTreeMap;

/// Variables that are shown; the YAML has them all.
const MOST_VARIABLES: usize = 15;

/// Adds the lines of a container. Those under its first are set in.
pub(super) fn lines(
    it: &Container,
    status: Option<&ContainerStatus>,
    now: Timestamp,
    lines: &mut Vec<Line>,
) {
    let kind = match (it.init, it.sidecar) {
        (_, true) => "sidecar",
        (true, false) => "init container",
        (false, false) => "container",
    };
    let first = status.map_or_else(|| it.image.clone(), |status| state(status, now));
    lines.push((format!("{kind} {}", it.name), first));
    let mut add = |field: &str, value: String| lines.push((format!("  {field}"), value));
    if let Some(status) = status {
        add("image", it.image.clone());
        let last = status.last.as_ref();
        add("last run", last.map(|last| ended(last, now)).unwrap_or_default());
    }
    add("command", [it.command.join(" "), it.args.join(" ")].join(" ").trim().to_owned());
    let ports: Vec<String> = it
        .ports
        .iter()
        .map(|port| format!("{} {}", port.number, port.name).trim_end().to_owned())
        .collect();
    add("ports", ports.join(", "));
    add("resources", resources(&it.requests, &it.limits));
    for (name, probe) in
        [("liveness", &it.liveness), ("readiness", &it.readiness), ("startup", &it.startup)]
    {
        add(name, probe.as_ref().map(self::probe).unwrap_or_default());
    }
    add("env", env(&it.env));
    let all: Vec<String> = it.env_from.iter().map(reference).collect();
    add("env from", all.join(", "));
    let mounts = it.mounts.iter().filter(|mount| !mount.volume.starts_with("kube-api-access-"));
    let mounts = mounts.map(|mount| format!("{} from {}", mount.path, mount.volume));
    add("mounts", mounts.collect::<Vec<_>>().join(", "));
    add("security", it.security.join(","));
}

fn state(it: &ContainerStatus, now: Timestamp) -> String {
    let restarts =
        if it.restarts > 0 { format!(", {} restarts", it.restarts) } else { String::new() };
    let ready = if it.ready { "ready" } else { "not ready" };
    match &it.state {
        Some(State::Waiting { reason, message }) => {
            let message = if message.is_empty() { "" } else { &format!(": {}", brief(message)) };
            format!("waits, {reason}{restarts}{message}")
        }
        Some(State::Running { since }) => {
            format!("runs for {}, {ready}{restarts}", age(now, *since))
        }
        Some(State::Terminated(end)) => format!("ended with {}{restarts}", ended(end, now)),
        None => format!("no state yet{restarts}"),
    }
}

/// `cpu 100m to 1, memory 64Mi to -`: requests and limits.
fn resources(requests: &BTreeMap<String, String>, limits: &BTreeMap<String, String>) -> String {
    let mut names: Vec<&String> = requests.keys().chain(limits.keys()).collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return String::new();
    }
    let of = |map: &BTreeMap<String, String>, name| {
        map.get(name).cloned().unwrap_or_else(|| "-".to_owned())
    };
    let each = names.into_iter().map(|it| format!("{it} {}/{}", of(requests, it), of(limits, it)));
    format!("{} (request/limit)", each.collect::<Vec<_>>().join(", "))
}

fn probe(it: &Probe) -> String {
    let port = if it.port.is_empty() { String::new() } else { format!(" :{}", it.port) };
    let path = if it.handler == "exec" { format!(" {}", it.path) } else { it.path.clone() };
    let delay = if it.delay > 0 { format!(", after {}s", it.delay) } else { String::new() };
    format!(
        "{}{port}{path} every {}s, timeout {}s, {} failures{delay}",
        it.handler, it.period, it.timeout, it.failures
    )
}

fn env(all: &[EnvVar]) -> String {
    let mut each: Vec<String> = all.iter().take(MOST_VARIABLES).map(variable).collect();
    if all.len() > MOST_VARIABLES {
        each.push(format!("and {} more", all.len() - MOST_VARIABLES));
    }
    each.join(", ")
}

fn variable(it: &EnvVar) -> String {
    match (&it.value, &it.from) {
        (Some(value), _) => format!("{}={}", it.name, brief(value)),
        (None, Some(from)) => format!("{} from {}", it.name, reference(from)),
        (None, None) => it.name.clone(),
    }
}

/// Which object, and which key of it; never what it holds.
fn reference(it: &ObjectRef) -> String {
    let key = if it.key.is_empty() { String::new() } else { format!(" key {}", it.key) };
    let optional = if it.optional { " (optional)" } else { "" };
    format!("{} {}{key}{optional}", it.kind, it.name)
}
