//! How the nodes do: conditions, taints, how full they are, pods by phase, and what kubelets said.

use crate::address::{Address, check_object};
use crate::nodes::{self, Load};
use crate::said::{self, Said};
use crate::server::{Kubernetes, NAME};
use crate::survey::reading::{Desk, Reading, Trouble};
use crate::survey::record::Record;
use crate::translate::{node, pod};
use crate::unwell;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::rbac;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{LEASES, NODES, PODS};
use evidence::fact::Body;
use evidence::fact::event::Event;
use evidence::fact::node::Node;
use evidence::testimony::{Cost, Gap, Source};
use jiff::{SignedDuration, Timestamp};
use mcp::answer::{Answer, Examined, Page, Quote, Table};
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout_at;

/// The tool.
pub struct NodeHealth;

/// Which node.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    name: Option<String>,
}

/// As long as the API server keeps events, unless it is told otherwise.
const RECENT: SignedDuration = SignedDuration::from_hours(1);
/// Nodes that are shown: those with something wrong, then the fullest.
const MOST_NODES: usize = 30;
/// Kinds of events that are shown.
const MOST_EVENTS: usize = 8;
/// What is said of every node that starts and does well, by how the reason begins.
const IDLE: [&str; 6] = [
    "NodeAllocatableEnforced",
    "NodeHasNo",
    "NodeHasSufficient",
    "NodeReady",
    "RegisteredNode",
    "Starting",
];
/// Where kubelets say that they are there.
const HEARTBEATS: &str = "kube-node-lease";
/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);

impl Tool<Kubernetes> for NodeHealth {
    const NAME: &'static str = "k8s_node_health";
    const ABOUT: &'static str = "How nodes do: conditions, taints, requested of allocatable, pods by phase, events. \
Use it where pods are evicted, pending or lost.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let name = ask.name.as_deref();
        name.map_or(Ok(()), |it| check_object("name", it))?;
        let client = server.client().await?;
        let deadline = call.deadline.checked_sub(TO_ANSWER).unwrap_or(call.deadline);
        let desk = Desk { client: client.clone(), deadline };
        let now = client.now();
        let mut record = Record::default();
        let (loads, said) = tokio::join!(loads(&desk, name), events(&desk, name));
        let (nodes, whole) = match name {
            Some(name) => (vec![one(&client, &mut record, name).await?], true),
            None => all(&desk, &mut record).await,
        };
        if let Some(failure) = record.failure() {
            return Err(failure);
        }
        let (reading, loads) = loads;
        let loads = reading.trouble.is_none().then_some(loads);
        record.add(reading);
        let mut answer = match (name, nodes.as_slice()) {
            (Some(_), [node]) => {
                let beat = heartbeat(&desk, &mut record, &node.meta.name).await;
                single(node, loads.as_ref(), beat, now)
            }
            _ => many(&nodes, whole, loads.as_ref(), now),
        };
        match said {
            Ok(said) => {
                record.testimony.sources.push(said.source);
                if let Some(why) = said.cut {
                    record.gap("some events about nodes".to_owned(), why, "name a node".to_owned());
                }
                answer.quotes.extend(quote(&said.events, now));
            }
            Err(why) => record.gap(
                "events about nodes".to_owned(),
                why,
                "allow this identity to list events".to_owned(),
            ),
        }
        let denied = record.denied();
        let mut testimony = record.into_testimony();
        let spent = client.spent();
        testimony.server = NAME.to_owned();
        testimony.tool = Self::NAME.to_owned();
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        let gaps: Vec<&Gap> = testimony.gaps.iter().collect();
        let unseen: Vec<&str> = gaps.iter().map(|it| it.what.as_str()).collect();
        answer.examined = Examined {
            incomplete: (!unseen.is_empty()).then(|| unseen.join(", ")),
            denied,
            ..Examined::default()
        };
        answer.testimony = testimony;
        Ok(answer)
    }
}

async fn one(client: &Client, record: &mut Record, name: &str) -> Result<Node, Failure> {
    let at = Address { resource: NODES, namespace: String::new(), name: name.to_owned() };
    let found = at.get(client).await?;
    record.testimony.sources.push(found.source);
    record.testimony.facts.push(evidence::fact::Fact { source: 0, body: found.body.clone() });
    record.seen();
    match found.body {
        Body::Node(node) => Ok(node),
        _ => Err(at.missing(client).await),
    }
}

/// The nodes, and whether these are all.
async fn all(desk: &Desk, record: &mut Record) -> (Vec<Node>, bool) {
    let reading = desk.objects(&NODES, Reach::Cluster, |it| Body::Node(node::node(it))).await;
    let of = |body: &Body| if let Body::Node(it) = body { Some(it.clone()) } else { None };
    let nodes = reading.bodies.iter().filter_map(of).collect();
    let whole = reading.trouble.is_none();
    record.add(reading);
    (nodes, whole)
}

/// What pods each node carries.
async fn loads(desk: &Desk, name: Option<&str>) -> (Reading, BTreeMap<String, Load>) {
    let mut loads: BTreeMap<String, Load> = BTreeMap::new();
    let fields = name.map(|it| format!("spec.nodeName={it}")).unwrap_or_default();
    let options = ListOptions { fields, ..ListOptions::default() };
    let mut reading = desk
        .each(&PODS, Reach::Cluster, options, |it| {
            let pod = pod::pod(it);
            if !pod.spec.node_name.is_empty() {
                loads.entry(pod.spec.node_name.clone()).or_default().add(&pod);
            }
        })
        .await;
    reading.is_look = false;
    (reading, loads)
}

async fn events(desk: &Desk, name: Option<&str>) -> Result<Said, String> {
    let mut fields = "involvedObject.kind=Node".to_owned();
    if let Some(name) = name {
        fields.push_str(&format!(",involvedObject.name={name}"));
    }
    let said = said::read(&desk.client, Reach::Cluster, fields, desk.deadline).await;
    said.map_err(|failure| failure.message)
}

/// When the kubelet last renewed its lease; none where it has none, or where the record has a gap.
async fn heartbeat(desk: &Desk, record: &mut Record, name: &str) -> Option<Timestamp> {
    let resource = LEASES;
    let got = desk.client.get::<Value>(&resource, Reach::Namespace(HEARTBEATS), name);
    let trouble = match timeout_at(desk.deadline, got).await {
        Ok(Ok(got)) => {
            let (path, observed_at) = (got.path, got.observed_at);
            record.testimony.sources.push(Source { method: "GET".to_owned(), path, observed_at });
            return got.object.pointer("/spec/renewTime")?.as_str()?.parse().ok();
        }
        Ok(Err(refusal)) => Trouble::from(Failure::from(&refusal)),
        Err(_) => Trouble::late(),
    };
    if trouble.code != Code::NotFound {
        let remedy = format!("allow this identity to read leases: {}", rbac::rule_for(&resource));
        record.gap(format!("heartbeat of node {name}"), trouble.why, remedy);
    }
    None
}

fn single(
    node: &Node,
    loads: Option<&BTreeMap<String, Load>>,
    beat: Option<Timestamp>,
    now: Timestamp,
) -> Answer {
    let none = Load::default();
    let load = loads.map(|it| it.get(&node.meta.name).unwrap_or(&none));
    let entity = node.meta.entity("Node");
    let trouble = unwell::why(&Body::Node(node.clone()), now);
    let summary = match &trouble {
        Some(trouble) => format!("{entity}: {}.", trouble.says),
        None => format!("{entity}: nothing wrong with it by what it says."),
    };
    let words = trouble.map(|it| it.words).filter(|it| !it.is_empty());
    let quotes = words.map(|text| Quote { label: "its condition says".to_owned(), text });
    Answer {
        summary,
        table: Table {
            columns: ["FIELD", "VALUE"].map(str::to_owned).to_vec(),
            rows: nodes::fields(node, load, beat, now),
        },
        quotes: quotes.into_iter().collect(),
        next: vec![format!(
            "k8s_get_resources(resource_type=pods, field_selector=spec.nodeName={})",
            node.meta.name
        )],
        ..Answer::default()
    }
}

fn many(
    nodes: &[Node],
    whole: bool,
    loads: Option<&BTreeMap<String, Load>>,
    now: Timestamp,
) -> Answer {
    let none = Load::default();
    let load = |node: &Node| loads.map(|it| it.get(&node.meta.name).unwrap_or(&none));
    let mut bad: Vec<(&Node, unwell::Trouble)> = Vec::new();
    for node in nodes {
        bad.extend(unwell::why(&Body::Node(node.clone()), now).map(|it| (node, it)));
    }
    let is_bad = |node: &Node| bad.iter().any(|(it, _)| it.meta.name == node.meta.name);
    let mut order: Vec<&Node> = nodes.iter().collect();
    order.sort_by_key(|it| {
        let requested = load(it).map(|it| it.requested.memory).unwrap_or_default();
        (!is_bad(it), Reverse(requested), it.meta.name.clone())
    });
    let about = if whole { "" } else { "At least " };
    let summary = match bad.len() {
        0 => format!("{about}{} nodes, nothing wrong with them by what they say.", nodes.len()),
        count => format!("{about}{} nodes, {count} with something wrong.", nodes.len()),
    };
    let rows: Vec<Vec<String>> =
        order.iter().take(MOST_NODES).map(|it| nodes::row(it, load(it), now)).collect();
    let said: Vec<String> = bad
        .iter()
        .filter(|(_, it)| !it.words.is_empty())
        .map(|(node, it)| format!("{}: {}", node.meta.name, it.words))
        .take(MOST_EVENTS)
        .collect();
    let quotes = (!said.is_empty())
        .then(|| Quote { label: "conditions of nodes".to_owned(), text: said.join("\n") });
    let next = bad.first().map(|(node, _)| format!("k8s_node_health(name={})", node.meta.name));
    Answer {
        summary,
        problems: bad
            .iter()
            .take(MOST_NODES)
            .map(|(node, it)| format!("{} {}", node.meta.name, it.says))
            .collect(),
        page: Some(Page {
            returned: rows.len() as u64,
            total: nodes.len() as u64,
            exact: whole,
            cursor: None,
        }),
        table: Table { columns: nodes::COLUMNS.map(str::to_owned).to_vec(), rows },
        quotes: quotes.into_iter().collect(),
        next: next.into_iter().collect(),
        ..Answer::default()
    }
}

/// What was said about nodes in the last hour.
fn quote(events: &[Event], now: Timestamp) -> Option<Quote> {
    let since = now.checked_sub(RECENT).unwrap_or(now);
    let is_news = |it: &&Event| it.warning || !IDLE.iter().any(|idle| it.reason.starts_with(idle));
    let recent = events.iter().filter(|it| it.last >= Some(since)).filter(is_news);
    let recent: Vec<&Event> = recent.collect();
    let sayings = said::sayings(&recent, true);
    let lines: Vec<String> = sayings
        .iter()
        .take(MOST_EVENTS)
        .map(|it| format!("{}: {}", it.about, said::line(it, now)))
        .collect();
    let label = format!("events about nodes of the last hour, {} kinds", sayings.len());
    (!lines.is_empty()).then(|| Quote { label, text: lines.join("\n") })
}
