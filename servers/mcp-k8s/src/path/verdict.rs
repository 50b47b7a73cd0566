//! The verdict on a path: one sentence, what stands in the way, and the steps that are in order.

use super::backends::{self, Pods};
use super::caller::Caller;
use super::entries::{self, Classes};
use super::policies::{self, Between, Policies, Target};
use super::ports::{self, PortPath};
use super::reading::{Read, Seen};
use super::routes::{self, Around};
use super::{Pass, Step, external, together};
use diagnosis::case::ports::protocol;
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::fact::pod::Pod;
use jiff::Timestamp;
use mcp::age;
use serde_json::Value;
use std::net::IpAddr;

/// Ways in that are named in the sentence.
const MOST_NAMES: usize = 3;

/// What became of a path.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// The sentence.
    pub(crate) summary: String,
    /// Steps that stop it, put it in doubt, or want a word.
    pub(crate) problems: Vec<String>,
    /// Steps that are in order: name and clause.
    pub(crate) rows: Vec<Vec<String>>,
}

/// A Service as it was read.
pub(crate) struct Asked<'a> {
    /// Its namespace and name.
    pub(crate) entity: &'a Entity,
    /// The fact; none where it does not exist.
    pub(crate) service: Option<&'a Service>,
    /// Its spec, as written.
    pub(crate) spec: &'a Value,
    /// Who calls.
    pub(crate) caller: Option<&'a Caller>,
    /// What time it is.
    pub(crate) now: Timestamp,
}

/// Judges a path by what was seen.
pub(crate) fn of(asked: &Asked<'_>, seen: &Seen) -> Verdict {
    let Some(service) = asked.service else { return missing(asked, seen) };
    if service.kind == "ExternalName" {
        let step = external::of(&service.external_name);
        let ways = ways_in(asked, seen, &[]);
        return written(
            asked,
            vec![described(service, asked.spec), step],
            &[],
            String::new(),
            &ways,
            seen,
        );
    }
    let none = Vec::new();
    let all = seen.endpoints.as_ref().unwrap_or(&none);
    let used = backends::used(service, all);
    let no_pods: Vec<Pod> = Vec::new();
    let pods = seen.pods.as_ref().unwrap_or(&no_pods);
    let known = Pods {
        seen: seen.pods.as_ref().ok().map(Vec::as_slice),
        why: why(&seen.pods),
        near: &seen.near,
    };
    let mut of_pods = backends::pods(service, &known, asked.now);
    let ready = pods.iter().filter(|it| backends::is_ready(it)).count();
    let families: Vec<String> = texts(asked.spec, "ipFamilies");
    let listed = seen.endpoints.as_ref().ok().map(Vec::as_slice);
    let endpoints = backends::listed(service, &families, listed, why(&seen.endpoints), ready);
    let paths = ports::follow(service, &used, pods);
    let mut steps = vec![described(service, asked.spec)];
    match (of_pods.pass, used.is_empty() && seen.endpoints.is_ok()) {
        // The pods say why there is no endpoint, and say it better.
        (Pass::Closed, true) => steps.push(of_pods),
        // Where connections go is up to the endpoints.
        (Pass::Closed, false) => {
            of_pods.pass = Pass::Open;
            of_pods.detail.clear();
            steps.extend([of_pods, endpoints]);
        }
        _ => steps.extend([of_pods, endpoints]),
    }
    steps.extend(near_caller(service, asked.caller, &used));
    let of_ports = together(paths.iter().map(|it| it.step.pass));
    steps.extend(policy_steps(asked, service, seen, &paths));
    steps.extend(seen.others.clone());
    let (count, total) = backends::counted(&used, all);
    let ends = format!("{count} of {} ready", age::counted(total, "endpoint"));
    let ways = ways_in(asked, seen, &used);
    let each: Vec<Step> = paths.iter().map(|it| it.step.clone()).collect();
    let open: Vec<String> = paths
        .iter()
        .filter(|it| it.step.pass > Pass::Closed)
        .map(|it| it.called(service.headless))
        .collect();
    let on = if open.is_empty() { String::new() } else { format!(" on {}", open.join(", ")) };
    let mut verdict = Step::new("ports", of_ports, "");
    if let Some(worst) = each.iter().min_by_key(|it| it.pass) {
        verdict.says = format!("{}: {}", worst.name, worst.says);
    }
    // A port that leads nowhere beside one that leads somewhere is a part of the whole.
    steps.push(verdict);
    written(asked, steps, &each, format!("{on}: {ends}"), &ways, seen)
}

fn why<T>(read: &Read<T>) -> &str {
    read.as_ref().err().map(String::as_str).unwrap_or_default()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = value.get(key).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The Service itself.
fn described(service: &Service, spec: &Value) -> Step {
    let mut parts = vec![match (service.headless, service.addresses.join(", ")) {
        (true, _) => format!("{}, headless", service.kind),
        (false, addresses) if addresses.is_empty() => service.kind.clone(),
        (false, addresses) => format!("{} {addresses}", service.kind),
    }];
    let text = |key: &str| spec.get(key).and_then(Value::as_str).unwrap_or_default();
    if text("sessionAffinity") == "ClientIP" {
        parts.push("sessionAffinity ClientIP: each client stays at one endpoint".to_owned());
    }
    if service.publishes_not_ready {
        parts.push("publishNotReadyAddresses".to_owned());
    }
    Step::new("service", Pass::Open, parts.join(", "))
}

/// Whether `internalTrafficPolicy: Local` leaves the caller an endpoint.
fn near_caller(
    service: &Service,
    caller: Option<&Caller>,
    used: &[&backends::Endpoint],
) -> Option<Step> {
    if !service.internal_local || service.headless || used.is_empty() {
        return None;
    }
    let step = |pass, says: String| Some(Step::new("internalTrafficPolicy Local", pass, says));
    let mut nodes: Vec<&str> = used.iter().filter_map(|it| it.node.as_deref()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let there = nodes.join(", ");
    let Some(caller) = caller else {
        return step(Pass::Partly, format!("only callers on {there} reach it"));
    };
    match caller.spec.node_name.as_str() {
        "" => step(Pass::Partly, format!("only its pods on {there} reach it")),
        node if nodes.contains(&node) => {
            step(Pass::Open, format!("the caller is on {node}, as an endpoint is"))
        }
        node => step(
            Pass::Closed,
            format!("the caller is on {node}, and endpoints are on {there} alone"),
        ),
    }
}

fn policy_steps(
    asked: &Asked<'_>,
    service: &Service,
    seen: &Seen,
    paths: &[PortPath<'_>],
) -> Vec<Step> {
    let targets: Vec<Target<'_>> = paths
        .iter()
        .filter(|it| !it.targets.is_empty())
        .map(|it| Target {
            label: it.called(service.headless),
            protocol: protocol(&it.port.protocol),
            endpoints: &it.targets,
        })
        .collect();
    // Where nothing is reached there is nothing to let in.
    if targets.is_empty() {
        return Vec::new();
    }
    let addresses: Vec<IpAddr> =
        service.addresses.iter().filter_map(|it| it.parse().ok()).collect();
    let of = |read| Policies { seen: Read::as_ref(read).ok().map(Vec::as_slice), why: why(read) };
    let between = Between {
        namespace: &service.meta.namespace,
        addresses: &addresses,
        namespaces: &seen.namespaces,
        pods: seen.pods.as_ref().ok().map(Vec::as_slice),
        inward: of(&seen.policies),
        outward: of(seen.outward.as_ref().unwrap_or(&seen.policies)),
    };
    policies::steps(&between, asked.caller, &targets)
}

/// Ways in from outside; none where a caller is named.
fn ways_in(asked: &Asked<'_>, seen: &Seen, used: &[&backends::Endpoint]) -> Vec<Step> {
    if asked.caller.is_some() {
        return Vec::new();
    }
    let outside = &seen.outside;
    let classes = Classes {
        seen: outside.classes.as_ref().ok().map(Vec::as_slice),
        why: why(&outside.classes),
    };
    let mut ways = Vec::new();
    if let Some(service) = asked.service {
        ways.extend(entries::of_service(service, asked.spec, used));
    }
    let name = asked.entity.name.as_str();
    let ingresses = outside.ingresses.iter();
    ways.extend(ingresses.filter_map(|it| entries::of_ingress(it, name, asked.service, &classes)));
    let around = Around {
        namespace: &asked.entity.namespace,
        name,
        service: asked.service,
        grants: &outside.grants,
        gateways: &outside.gateways,
        namespaces: &outside.namespaces,
    };
    ways.extend(outside.routes.iter().filter_map(|(kind, it)| routes::of_route(kind, it, &around)));
    ways
}

/// What refers to a Service that is not there.
fn missing(asked: &Asked<'_>, seen: &Seen) -> Verdict {
    let ways = ways_in(asked, seen, &[]);
    let names: Vec<&str> = ways.iter().map(|it| it.name.as_str()).collect();
    Verdict {
        summary: format!(
            "{} is not reachable: it does not exist, and {} leads to it.",
            asked.entity,
            names.join(", ")
        ),
        problems: ways.iter().map(|it| format!("{}: {}", it.name, it.says)).collect(),
        rows: Vec::new(),
    }
}

/// Puts the steps into words. `steps` decide; `ports` are shown one by one.
fn written(
    asked: &Asked<'_>,
    steps: Vec<Step>,
    ports: &[Step],
    ends: String,
    ways: &[Step],
    seen: &Seen,
) -> Verdict {
    let worst = steps.iter().min_by_key(|it| it.pass);
    let (pass, why) = worst.map_or((Pass::Open, ""), |it| (it.pass, it.says.as_str()));
    let entity = asked.entity;
    let from = asked.caller.map(|it| format!(" from {}", it.entity)).unwrap_or_default();
    let inside = if from.is_empty() { " inside the cluster" } else { from.as_str() };
    let outside = if pass >= Pass::Partly {
        outside(asked, ways, &seen.outside.unseen)
    } else {
        String::new()
    };
    let summary = match pass {
        Pass::Open => format!("{entity} is reachable{inside}{ends}{outside}."),
        Pass::Partly => format!("{entity} is reachable{from} only in part: {why}{outside}."),
        Pass::Doubtful => format!("It is doubtful that {entity} is reachable{from}: {why}."),
        Pass::Unknown => format!("Whether {entity} is reachable{from} is unknown: {why}."),
        Pass::Closed => format!("{entity} is not reachable{from}: {why}."),
    };
    let mut verdict = Verdict { summary, ..Verdict::default() };
    // The ports' own lines say what their sum says.
    let shown = steps.iter().filter(|it| it.name != "ports").chain(ports).chain(ways);
    for step in shown {
        let said = verdict.summary.contains(step.says.as_str());
        if step.pass == Pass::Open {
            verdict.rows.push(vec![step.name.clone(), step.says.clone()]);
        }
        let says = match (step.pass, said, step.detail.as_str()) {
            (Pass::Open, _, "") | (_, true, "") => continue,
            (Pass::Open, _, detail) | (_, true, detail) => detail.to_owned(),
            (_, false, "") => step.says.clone(),
            (_, false, detail) => format!("{}; {detail}", step.says),
        };
        verdict.problems.push(format!("{}: {says}", step.name));
    }
    verdict
}

/// The ways in from outside, as the end of a sentence.
fn outside(asked: &Asked<'_>, ways: &[Step], unseen: &[String]) -> String {
    if asked.caller.is_some() {
        return String::new();
    }
    let names = |pass: fn(Pass) -> bool| {
        let all: Vec<&str> =
            ways.iter().filter(|it| pass(it.pass)).map(|it| it.name.as_str()).collect();
        match all.len() {
            0..=MOST_NAMES => all.join(", "),
            count => format!("{count} ways"),
        }
    };
    let (open, other) = (names(|it| it >= Pass::Partly), names(|it| it < Pass::Partly));
    let mut text = match (open.as_str(), other.as_str()) {
        ("", "") => String::new(),
        (open, "") => format!("; from outside by {open}"),
        ("", other) => format!("; from outside not by {other}"),
        (open, other) => format!("; from outside by {open}, not by {other}"),
    };
    if !unseen.is_empty() {
        text.push_str(&format!("; from outside unknown: {}", unseen.join(", ")));
    }
    text
}
