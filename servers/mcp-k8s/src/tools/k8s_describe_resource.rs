//! One object in brief: what it is, how it does, who owns it, and what the cluster said about it lately.

use crate::address::{Address, Found};
use crate::cells;
use crate::digest::{self, Line};
use crate::said::{self, Said, Saying};
use crate::sentence::is_state;
use crate::server::{Kubernetes, NAME};
use crate::translate::slices::Slices;
use crate::unwell;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::ENDPOINT_SLICES;
use clients::kubernetes::words::Meaning;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::fact::network::Endpoints;
use evidence::fact::{Body, Fact};
use evidence::testimony::{Cost, Gap, Testimony};
use jiff::{SignedDuration, Timestamp};
use mcp::answer::{Answer, Examined, Quote, Table};
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;

/// The tool.
pub struct DescribeResource;

/// Which object.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    resource_type: String,
    resource_name: String,
    namespace: Option<String>,
}

/// As long as the API server keeps events, unless it is told otherwise.
const RECENT: SignedDuration = SignedDuration::from_hours(1);
/// Events that are shown.
const MOST_EVENTS: usize = 10;
/// A pod, its ReplicaSet, its Deployment, and what made that.
const LONGEST_CHAIN: usize = 4;
/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);

impl Tool<Kubernetes> for DescribeResource {
    const NAME: &'static str = "k8s_describe_resource";
    const ABOUT: &'static str = "One object in brief: owners, state, last exits, probes, conditions, recent events. \
Use it before the YAML.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let client = server.client().await?;
        let namespace = ask.namespace.as_deref();
        let at = Address::read(&client, &ask.resource_type, &ask.resource_name, namespace).await?;
        let now = client.now();
        let deadline = call.deadline.checked_sub(TO_ANSWER).unwrap_or(call.deadline);
        let entity = at.entity();
        // The events take longest by far, and the name is enough to ask for them.
        let said = async { Ok(events(&client, &entity, deadline).await) };
        let (said, (found, owners, endpoints)) = tokio::try_join!(said, read(&client, &at))?;
        let mut lines = digest::of(&found.body, now);
        if !owners.is_empty() {
            lines.insert(0, ("owned by".to_owned(), owners.join(" < ")));
        }
        if let Some(it) = endpoints {
            let text = format!("{} ready, {} not: {}", it.ready, it.not_ready, it.pods.join(","));
            lines.push(("endpoints".to_owned(), text));
        }
        let trouble = unwell::why(&found.body, now);
        let summary = match &trouble {
            Some(why) => format!("{entity}: {}.", why.says),
            None => format!("{entity}: nothing wrong with it by what it says."),
        };
        let body = found.body;
        let next = next(&entity, &body, trouble.is_some());
        let mut testimony = Testimony {
            sources: vec![found.source],
            facts: vec![Fact { source: 0, body: body.clone() }],
            ..Testimony::default()
        };
        let mut examined = Examined { namespaces: at.namespaces(), ..Examined::default() };
        let mut quotes = Vec::new();
        match said {
            Ok(said) => {
                examined.incomplete.clone_from(&said.cut);
                quotes = quote(&said, &body, now, &mut lines);
                testimony.sources.push(said.source);
                let facts =
                    said.events.into_iter().map(|it| Fact { source: 1, body: Body::Event(it) });
                testimony.facts.extend(facts);
            }
            Err(failure) => unheard(&mut testimony, &mut examined, &entity, failure),
        }
        let spent = client.spent();
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        let rows = lines.into_iter().map(|(field, value)| vec![field, value]).collect();
        let columns = ["FIELD", "VALUE"].map(str::to_owned).to_vec();
        Ok(Answer {
            summary,
            table: Table { columns, rows },
            quotes,
            examined,
            next,
            testimony,
            ..Answer::default()
        })
    }
}

/// The object, with what is above it and behind it.
async fn read(
    client: &Client,
    at: &Address,
) -> Result<(Found, Vec<String>, Option<Endpoints>), Failure> {
    let found = at.get(client).await?;
    let body = &found.body;
    let (owners, endpoints) = tokio::join!(owners(client, body), endpoints(client, body));
    Ok((found, owners, endpoints))
}

/// What was said about the object; about one of its name before it, too, which is left out.
async fn events(client: &Client, entity: &Entity, deadline: Instant) -> Result<Said, Failure> {
    let reach = match entity.namespace.as_str() {
        "" => Reach::Cluster,
        namespace => Reach::Namespace(namespace),
    };
    said::read(client, reach, said::about(entity), deadline).await
}

/// The controllers above an object, the nearest first, as far as they may be read.
async fn owners(client: &Client, body: &Body) -> Vec<String> {
    let mut chain: Vec<String> = Vec::new();
    let mut owner = cells::meta(body).and_then(|meta| meta.owner.clone());
    while let Some(entity) = owner.take().filter(|_| chain.len() < LONGEST_CHAIN) {
        chain.push(format!("{} {}", entity.kind, entity.name));
        let Ok(Meaning::Kind(resource)) = client.resolve(&entity.kind).await else { break };
        let at = Address { resource, namespace: entity.namespace, name: entity.name };
        let Ok(found) = at.get(client).await else { break };
        owner = cells::meta(&found.body).and_then(|meta| meta.owner.clone());
    }
    chain
}

/// The endpoints of a Service; none where it is none, or they may not be read.
async fn endpoints(client: &Client, body: &Body) -> Option<Endpoints> {
    let Body::Service(service) = body else { return None };
    let labels = format!("kubernetes.io/service-name={}", service.meta.name);
    let options = ListOptions { labels, ..ListOptions::default() };
    let reach = Reach::Namespace(&service.meta.namespace);
    let listed = client.list(&ENDPOINT_SLICES, reach, &options).await.ok()?;
    let mut slices = Slices::default();
    listed.items.into_iter().for_each(|slice| slices.add(slice));
    let none = Endpoints::default();
    slices.all().next().or(Some(none))
}

/// Events of the last hour; about a pod, those that say more than its containers do, and how many do not.
fn quote(said: &Said, body: &Body, now: Timestamp, digest: &mut Vec<Line>) -> Vec<Quote> {
    let since = now.checked_sub(RECENT).unwrap_or(now);
    let recent: Vec<&Event> = said.events.iter().filter(|it| it.last >= Some(since)).collect();
    let mut sayings = said::sayings(&recent, true);
    let all = sayings.len();
    let mut images = Vec::new();
    if let Body::Pod(pod) = body {
        sayings.retain(|it| said::routine(it).is_none() && !is_state(&it.message));
        images.extend(pod.spec.containers.iter().map(|it| format!(" \"{}\"", it.image)));
    }
    if sayings.is_empty() {
        let none = "none of the last hour".to_owned();
        let text = if all == 0 { none } else { format!("{all} kinds, nothing new") };
        digest.push(("events".to_owned(), text));
        return Vec::new();
    }
    let line = |it: &Saying| {
        images.iter().fold(said::line(it, now), |line, image| line.replace(image.as_str(), ""))
    };
    let lines: Vec<String> = sayings.iter().take(MOST_EVENTS).map(line).collect();
    let left_out = match all - lines.len() {
        0 => String::new(),
        count => format!(", {count} left out"),
    };
    vec![Quote { label: format!("events of the last hour{left_out}"), text: lines.join("\n") }]
}

fn unheard(testimony: &mut Testimony, examined: &mut Examined, entity: &Entity, failure: Failure) {
    let place = if entity.namespace.is_empty() { "cluster" } else { &entity.namespace };
    if failure.code == Code::Forbidden {
        examined.denied.push(format!("{place}: list events (403)"));
    } else {
        examined.incomplete = Some(format!("events: {}", failure.message));
    }
    testimony.gaps.push(Gap {
        server: NAME.to_owned(),
        what: format!("events about {entity}"),
        why: failure.message,
        remedy: "allow this identity to list events".to_owned(),
    });
}

fn next(entity: &Entity, body: &Body, unwell: bool) -> Vec<String> {
    let Entity { kind, namespace, name } = entity;
    match body {
        // A container that was never started has written nothing.
        Body::Pod(pod) if unwell && pod.containers.iter().any(|it| it.last.is_some()) => {
            vec![format!("k8s_get_pod_logs(namespace={namespace}, pod_name={name})")]
        }
        Body::Workload(_) if unwell => {
            vec![format!("k8s_diagnose_workload(namespace={namespace}, name={name}, kind={kind})")]
        }
        _ => Vec::new(),
    }
}
