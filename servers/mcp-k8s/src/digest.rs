//! An object digested into fields and values, a tenth of its YAML: what it is, how it does, what it needs.

mod container;

use crate::cells;
use crate::sentence::short;
use crate::unwell::{self, brief, is_bad_when_true};
use evidence::fact::Body;
use evidence::fact::meta::{Condition, Meta};
use evidence::fact::network::{Allowance, NetworkPolicy, Peer};
use evidence::fact::pod::{ContainerStatus, Pod};
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
        .filter(|cell| !is_in_one(body, cell.head))
        .map(|cell| (cell.head.to_lowercase(), cell.text))
        .collect();
    if let Body::Pod(it) = body {
        let place = if it.spec.node_name.is_empty() { "no node" } else { &it.spec.node_name };
        let age = age(now, it.meta.created);
        add(&mut lines, "ready", format!("{} on {place}, {age} old", cells::pod::ready(it)));
    }
    if let Some(meta) = cells::meta(body) {
        metadata(meta, matches!(body, Body::Pod(_)), now, &mut lines);
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

/// Of a pod, one line says it, and its containers do.
fn is_in_one(body: &Body, head: &str) -> bool {
    matches!(body, Body::Pod(_)) && matches!(head, "READY" | "STATUS" | "RESTARTS" | "NODE")
}

/// Labels that controllers and charts write on every pod, and that no Service selects by.
fn is_made(label: &str) -> bool {
    label.ends_with("-hash")
        || label.contains("istio.io/")
        || matches!(
            label,
            "app.kubernetes.io/managed-by" | "app.kubernetes.io/version" | "helm.sh/chart"
        )
}

fn metadata(meta: &Meta, pod: bool, now: Timestamp, lines: &mut Vec<Line>) {
    if !pod {
        add(lines, "age", age(now, meta.created));
    }
    let mut labels = meta.labels.clone();
    labels.retain(|label, _| !pod || !is_made(label));
    add(lines, "labels", cells::labels(&labels));
    add(lines, "annotations", cells::labels(&meta.annotations));
    if let Some(deleted) = meta.deleted {
        let waits = meta.finalizers.join(",");
        add(lines, "deleted", format!("{}, waits for {waits}", ago(now, Some(deleted))));
    }
    let touched = meta.touches.iter().rfind(|touch| touch.subresource.is_empty());
    // A pod is made by its controller, which its owner says.
    if let Some(last) = touched.filter(|it| !pod || it.manager != "kube-controller-manager") {
        add(
            lines,
            "changed",
            format!("{} by {} ({})", ago(now, last.at), last.manager, last.operation),
        );
    }
}

fn pod(pod: &Pod, now: Timestamp, lines: &mut Vec<Line>) {
    add(lines, "message", short(&pod.message));
    let told = pod.containers.iter().find(|it| unwell::container(it, now).is_some());
    for (position, container) in pod.spec.containers.iter().enumerate() {
        let status = pod.containers.iter().find(|it| it.name == container.name);
        // Others stand in the way of the one that is not well; without one, the first is what people ask about.
        let is_aside = |status: &ContainerStatus| match told {
            Some(told) => told.name != status.name,
            None => position > 0 && container::is_well(status),
        };
        match status.filter(|status| is_aside(status)) {
            Some(status) => container::brief(container, status, now, lines),
            None => container::lines(container, status, told, &pod.spec.volumes, now, lines),
        }
    }
    places(&pod.spec, lines);
    let others = pod.conditions.iter().filter(|it| it.reason != "ContainersNotReady");
    conditions(&others.cloned().collect::<Vec<_>>(), now, lines);
}

fn spec(spec: &PodSpec, lines: &mut Vec<Line>) {
    for container in &spec.containers {
        container::lines(container, None, None, &spec.volumes, Timestamp::UNIX_EPOCH, lines);
    }
    places(spec, lines);
}

/// What a pod needs beside its containers: account, node, volumes that none of them mounts.
fn places(spec: &PodSpec, lines: &mut Vec<Line>) {
    if spec.service_account != "default" {
        add(lines, "service account", &spec.service_account);
    }
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
        let mut mounts = spec.containers.iter().flat_map(|it| &it.mounts);
        let is_token = volume.volume.starts_with("kube-api-access-");
        if !is_token && mounts.all(|mount| mount.volume != volume.volume) {
            add(lines, &format!("volume {}", volume.volume), container::volume(volume));
        }
    }
}

/// Conditions that say more than that all is well: what is not `True`, or what is and should not be.
fn conditions(all: &[Condition], now: Timestamp, lines: &mut Vec<Line>) {
    for it in all {
        if it.status == if is_bad_when_true(&it.kind) { "False" } else { "True" } {
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
