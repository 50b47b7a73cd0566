//! A container digested: image, state, last run, resources, probes, environment, mounts.

use super::Line;
use crate::sentence::{is_timer, short};
use crate::unwell::{self, ended};
use evidence::fact::pod::{ContainerStatus, State};
use evidence::fact::spec::{Container, EnvVar, Mount, ObjectRef, Probe, VolumeRef};
use jiff::Timestamp;
use mcp::age::age;
use std::collections::BTreeMap;

/// Variables that are shown; the YAML has them all.
const MOST_VARIABLES: usize = 15;

/// Runs and is ready, or ended as it should, and was never started again.
pub(super) fn is_well(it: &ContainerStatus) -> bool {
    let does = match &it.state {
        Some(State::Running { .. }) => it.ready,
        Some(State::Terminated(end)) => end.exit_code == 0,
        Some(State::Waiting { .. }) | None => false,
    };
    does && it.restarts == 0
}

/// Adds a container as one line: events say the rest.
pub(super) fn brief(
    it: &Container,
    status: &ContainerStatus,
    now: Timestamp,
    lines: &mut Vec<Line>,
) {
    let last = status.last.as_ref();
    let last = last.map(|last| format!(", last run {}", ended(last, now))).unwrap_or_default();
    lines.push((label(it), format!("{}{last}, {}", state(status, now), it.image)));
}

/// Adds the lines of a container; of the one that was `told` of before, not its state again. Those under its first are
/// set in.
pub(super) fn lines(
    it: &Container,
    status: Option<&ContainerStatus>,
    told: Option<&ContainerStatus>,
    volumes: &[VolumeRef],
    now: Timestamp,
    lines: &mut Vec<Line>,
) {
    let status = status.filter(|it| told.is_none_or(|told| told.name != it.name));
    let told = told.filter(|told| told.name == it.name);
    let first = status.map_or_else(|| it.image.clone(), |status| state(status, now));
    lines.push((label(it), first));
    let mut add = |field: &str, value: String| lines.push((format!("  {field}"), value));
    if let Some(status) = status {
        add("image", it.image.clone());
        let last = status.last.as_ref();
        add("last run", last.map(|last| ended(last, now)).unwrap_or_default());
    }
    let says = told.or(status).map(words).unwrap_or_default();
    add("says", says.replace(&format!(" \"{}\"", it.image), ""));
    add("command", [it.command.join(" "), it.args.join(" ")].join(" ").trim().to_owned());
    let ports: Vec<String> = it
        .ports
        .iter()
        .map(|port| format!("{} {}", port.number, port.name).trim_end().to_owned())
        .collect();
    add("ports", ports.join(", "));
    add("request/limit", resources(&it.requests, &it.limits));
    for (name, probe) in
        [("liveness", &it.liveness), ("readiness", &it.readiness), ("startup", &it.startup)]
    {
        add(name, probe.as_ref().map(self::probe).unwrap_or_default());
    }
    let all = it.env_from.iter().map(|from| format!("all of {}", reference(from)));
    let env: Vec<String> = env(&it.env).into_iter().chain(all).collect();
    add("env", env.join(", "));
    let mounts: Vec<String> = it.mounts.iter().filter_map(|it| mount(it, volumes)).collect();
    add("mounts", mounts.join(", "));
    add("security", it.security.join(","));
}

fn label(it: &Container) -> String {
    let kind = match (it.init, it.sidecar) {
        (_, true) => "sidecar",
        (true, false) => "init container",
        (false, false) => "container",
    };
    format!("{kind} {}", it.name)
}

fn state(it: &ContainerStatus, now: Timestamp) -> String {
    let restarts =
        if it.restarts > 0 { format!(", {} restarts", it.restarts) } else { String::new() };
    let ready = if it.ready { "ready" } else { "not ready" };
    match &it.state {
        Some(State::Waiting { reason, .. }) => format!("waits, {reason}{restarts}"),
        Some(State::Running { since }) => {
            format!("runs for {}, {ready}{restarts}", age(now, *since))
        }
        Some(State::Terminated(end)) => format!("ended with {}{restarts}", ended(end, now)),
        None => format!("no state yet{restarts}"),
    }
}

/// What the kubelet says of a container that waits, where that is more than that it waits.
fn words(it: &ContainerStatus) -> String {
    match &it.state {
        Some(State::Waiting { message, .. }) if !is_timer(message) => {
            unwell::brief(&short(message)).to_owned()
        }
        _ => String::new(),
    }
}

/// What a volume is: the object behind it, and which keys of it.
pub(super) fn volume(it: &VolumeRef) -> String {
    let object = &it.object;
    let name = if object.name.is_empty() { String::new() } else { format!(" {}", object.name) };
    let keys =
        if it.keys.is_empty() { String::new() } else { format!(" keys {}", it.keys.join(",")) };
    let optional = if object.optional { " (optional)" } else { "" };
    format!("{}{name}{keys}{optional}", object.kind)
}

/// A mount with what is mounted; none for the token that every pod has.
fn mount(it: &Mount, volumes: &[VolumeRef]) -> Option<String> {
    if it.volume.starts_with("kube-api-access-") {
        return None;
    }
    let from = volumes.iter().find(|volume| volume.volume == it.volume);
    let from = from.map_or_else(|| it.volume.clone(), volume);
    Some(format!("{} from {from}", it.path))
}

/// `cpu 100m/1, memory 64Mi/-`: requests and limits.
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
    each.collect::<Vec<_>>().join(", ")
}

/// What is asked, and what of it is not as the API server would have it by itself.
fn probe(it: &Probe) -> String {
    let port = if it.port.is_empty() { String::new() } else { format!(" :{}", it.port) };
    let path = if it.handler == "exec" { format!(" {}", it.path) } else { it.path.clone() };
    let mut text = format!("{}{port}{path}", it.handler);
    for (is, usual, says) in [
        (it.period, 10, format!(" every {}s", it.period)),
        (it.timeout, 1, format!(", timeout {}s", it.timeout)),
        (it.failures, 3, format!(", {} failures", it.failures)),
        (it.delay, 0, format!(", after {}s", it.delay)),
    ] {
        if is != usual {
            text.push_str(&says);
        }
    }
    text
}

fn env(all: &[EnvVar]) -> Vec<String> {
    let mut each: Vec<String> = all.iter().take(MOST_VARIABLES).map(variable).collect();
    if all.len() > MOST_VARIABLES {
        each.push(format!("and {} more", all.len() - MOST_VARIABLES));
    }
    each
}

fn variable(it: &EnvVar) -> String {
    match (&it.value, &it.from) {
        (Some(value), _) => format!("{}={}", it.name, unwell::brief(value)),
        (None, Some(from)) => format!("{} from {}", it.name, reference(from)),
        (None, None) => it.name.clone(),
    }
}

/// Which object, and which key of it; never what it holds.
fn reference(it: &ObjectRef) -> String {
    let key = if it.key.is_empty() { String::new() } else { format!("/{}", it.key) };
    let optional = if it.optional { " (optional)" } else { "" };
    format!("{} {}{key}{optional}", it.kind, it.name)
}
