//! An object digested into fields and values, a tenth of its YAML: what it is, how it does, what it needs.

mod container;

use crate::cells;
use crate::unwell::brief;
use evidence::fact::Body;
use evidence::fact::meta::{Condition, Meta};
use evidence::fact::network::{Allowance, NetworkPolicy, Peer};
use evidence::fact::pod::Pod;
use evidence::fact::spec::PodSpec;
use jiff::Timestamp;
use mcp::age::{age, ago};

/// Fields of a custom object that are shown; its YAML has them all.
const MOST_FIELDS: usize = 25;

/// One line of a digest: the field, and what it holds.
pub(crate) type Line = (String, String);

/// The digest of an object.
pub(crate) fn of(body: &Body, now: Timestamp) -> Vec<Line> {
    let mut lines: Vec<Line> = cells::of(body, now)
        .into_iter()
        .filter(|cell| !matches!(cell.head, "NAME" | "AGE" | "IMAGES"))
        .map(|cell| (cell.head.to_lowercase(), cell.text))
        .collect();
    if let Some(meta) = cells::meta(body) {
        metadata(meta, now, &mut lines);
    }
    match body {
        Body::Pod(it) => pod(it, now, &mut lines),
        Body::Workload(it) => {
            add(&mut lines, "strategy", &it.strategy);
            add(&mut lines, "paused", if it.paused { "true" } else { "" });
            spec(&it.template, &mut lines);
            conditions(&it.conditions, now, &mut lines);
        }
        Body::Revision(it) => spec(&it.template, &mut lines),
        Body::Job(it) => {
            spec(&it.template, &mut lines);
            conditions(&it.conditions, now, &mut lines);
        }
        Body::CronJob(it) => spec(&it.template, &mut lines),
        Body::Autoscaler(it) => conditions(&it.conditions, now, &mut lines),
        Body::Budget(it) => conditions(&it.conditions, now, &mut lines),
        Body::Node(it) => {
            let extra = it.allocatable.iter().filter(|(what, _)| what.contains('/'));
            let extra = extra.map(|(what, amount)| format!("{what} {amount}"));
            add(&mut lines, "devices", extra.collect::<Vec<_>>().join(", "));
            conditions(&it.conditions, now, &mut lines);
        }
        Body::Namespace(it) => conditions(&it.conditions, now, &mut lines),
        Body::NetworkPolicy(it) => policy(it, &mut lines),
        Body::Object(it) => {
            conditions(&it.conditions, now, &mut lines);
            lines.extend(it.fields.clone().into_iter().take(MOST_FIELDS));
        }
        _ => {}
    }
    lines.retain(|(_, value)| !value.is_empty());
    lines
}

fn add(lines: &mut Vec<Line>, field: &str, value: impl Into<String>) {
    lines.push((field.to_owned(), value.into()));
}

fn metadata(meta: &Meta, now: Timestamp, lines: &mut Vec<Line>) {
    add(lines, "age", age(now, meta.created));
    add(lines, "labels", cells::labels(&meta.labels));
    add(lines, "annotations", cells::labels(&meta.annotations));
    if let Some(deleted) = meta.deleted {
        let waits = meta.finalizers.join(",");
        add(lines, "deleted", format!("{}, waits for {waits}", ago(now, Some(deleted))));
    }
    if let Some(last) = meta.touches.iter().rfind(|touch| touch.subresource.is_empty()) {
        add(
            lines,
            "changed",
            format!("{} by {} ({})", ago(now, last.at), last.manager, last.operation),
        );
    }
}

fn pod(pod: &Pod, now: Timestamp, lines: &mut Vec<Line>) {
    add(lines, "message", brief(&pod.message));
    for container in &pod.spec.containers {
        let status = pod.containers.iter().find(|it| it.name == container.name);
        container::lines(container, status, now, lines);
    }
    places(&pod.spec, lines);
    conditions(&pod.conditions, now, lines);
}

fn spec(spec: &PodSpec, lines: &mut Vec<Line>) {
    for container in &spec.containers {
        container::lines(container, None, Timestamp::UNIX_EPOCH, lines);
    }
    places(spec, lines);
}

/// What a pod needs beside its containers: account, node, volumes.
fn places(spec: &PodSpec, lines: &mut Vec<Line>) {
    add(lines, "service account", &spec.service_account);
    add(lines, "pull secrets", spec.pull_secrets.join(","));
    add(lines, "node selector", cells::labels(&spec.node_selector));
    if !spec.node_affinity.is_empty() {
        add(lines, "node affinity", "required; see the YAML");
    }
    let tolerations =
        spec.tolerations.iter().filter(|it| !it.key.starts_with("node.kubernetes.io/"));
    let tolerations = tolerations.map(|it| format!("{}:{}", it.key, it.effect));
    add(lines, "tolerations", tolerations.collect::<Vec<_>>().join(","));
    for volume in &spec.volumes {
        let object = &volume.object;
        let name = if object.name.is_empty() { String::new() } else { format!(" {}", object.name) };
        let keys = if volume.keys.is_empty() {
            String::new()
        } else {
            format!(" keys {}", volume.keys.join(","))
        };
        let optional = if object.optional { " (optional)" } else { "" };
        if !volume.volume.starts_with("kube-api-access-") {
            add(
                lines,
                &format!("volume {}", volume.volume),
                format!("{}{name}{keys}{optional}", object.kind),
            );
        }
    }
}

/// Conditions that say more than that all is well: what is not `True`, or what is and should not be.
fn conditions(all: &[Condition], now: Timestamp, lines: &mut Vec<Line>) {
    for it in all {
        let bad = ["Pressure", "Failure", "Failed", "Unavailable", "Limited"];
        let should_be_false = bad.iter().any(|end| it.kind.ends_with(end));
        if it.status == if should_be_false { "False" } else { "True" } {
            continue;
        }
        let since = match age(now, it.since) {
            age if age.is_empty() => age,
            age => format!(" for {age}"),
        };
        let says = format!("{}{since} {} {}", it.status, it.reason, brief(&it.message));
        add(lines, &format!("condition {}", it.kind), says.trim_end());
    }
}

fn policy(it: &NetworkPolicy, lines: &mut Vec<Line>) {
    for (what, rules) in [("lets in", &it.ingress), ("lets out", &it.egress)] {
        for rule in rules {
            add(lines, what, allowance(rule));
        }
    }
}

fn allowance(rule: &Allowance) -> String {
    let peers: Vec<String> = rule.peers.iter().map(peer).collect();
    let who = if peers.is_empty() { "everybody".to_owned() } else { peers.join(" or ") };
    if rule.ports.is_empty() { who } else { format!("{who} on {}", rule.ports.join(",")) }
}

fn peer(peer: &Peer) -> String {
    if !peer.block.is_empty() {
        return peer.block.clone();
    }
    let all = |text: String| if text.is_empty() { "all".to_owned() } else { text };
    let pods = peer.pods.as_ref().map_or_else(|| "all".to_owned(), |it| all(cells::selector(it)));
    match &peer.namespaces {
        Some(it) => format!("pods {pods} in namespaces {}", all(cells::selector(it))),
        None => format!("pods {pods}"),
    }
}
