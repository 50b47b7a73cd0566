//! One Application of Argo CD: its source, its sync and health, its last operation, and the objects that are in trouble.

use crate::applications;
use crate::applications::application::{Application, Part, short};
use crate::server::{Kubernetes, NAME};
use crate::translate;
use evidence::fact::Fact;
use evidence::testimony::{Cost, Testimony};
use jiff::Timestamp;
use mcp::age::ago;
use mcp::answer::{Answer, Examined, Quote, Table};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The tool.
pub struct GetApplication;

/// Which one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    name: String,
    namespace: Option<String>,
}

/// Objects in trouble that are shown.
const MOST_PARTS: usize = 20;

impl Tool<Kubernetes> for GetApplication {
    const NAME: &'static str = "argocd_get_application";
    const ABOUT: &'static str = "One Application: sync, health, last operation, its objects in trouble. Use it for \
why it does not sync.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, _: &Call) -> Result<Answer, Failure> {
        let client = server.client().await?;
        let found = applications::find(&client, &ask.name, ask.namespace.as_deref()).await?;
        let (it, now) = (&found.application, client.now());
        let (parts, left_out) = troubled(it);
        let body = translate::any(&found.resource.api_version(), "Application", found.value).ok();
        let spent = client.spent();
        Ok(Answer {
            summary: it.summary(),
            problems: problems(it, &parts, left_out, now),
            table: table(it, now),
            quotes: words(it, &parts),
            examined: Examined {
                namespaces: it.metadata.namespace.clone().into_iter().collect(),
                ..Examined::default()
            },
            next: vec![format!("argocd_app_history(name={})", ask.name)],
            testimony: Testimony {
                server: NAME.to_owned(),
                sources: vec![found.source],
                facts: body.into_iter().map(|body| Fact { source: 0, body }).collect(),
                cost: Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes },
                ..Testimony::default()
            },
            ..Answer::default()
        })
    }
}

/// Objects that the last sync failed at, that are not in sync or not healthy; and how many more there are.
fn troubled(it: &Application) -> (Vec<&Part>, usize) {
    let result = it.status.operation_state.as_ref().and_then(|state| state.sync_result.as_ref());
    let failed = result.into_iter().flat_map(|it| &it.resources);
    let failed = failed.filter(|it| it.status == "SyncFailed");
    let is_ill = |it: &&Part| {
        let health = it.health.as_ref().map(|it| it.status.as_str()).unwrap_or_default();
        let calm = matches!(health, "" | "Healthy" | "Suspended");
        !calm || !matches!(it.status.as_str(), "" | "Synced")
    };
    let all: Vec<&Part> = failed.chain(it.status.resources.iter().filter(is_ill)).collect();
    let left_out = all.len().saturating_sub(MOST_PARTS);
    (all.into_iter().take(MOST_PARTS).collect(), left_out)
}

fn problems(it: &Application, parts: &[&Part], left_out: usize, now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(state) = &it.status.operation_state
        && matches!(state.phase.as_str(), "Failed" | "Error")
    {
        lines.push(format!("last sync {}, {}", state.phase, ago(now, state.finished_at)));
    }
    for one in &it.status.conditions {
        lines.push(format!("{}, since {}", one.kind, ago(now, one.last_transition_time)));
    }
    for part in parts {
        let health = part.health.as_ref().map(|it| it.status.as_str()).unwrap_or_default();
        let words = [part.status.as_str(), health];
        let words: Vec<&str> = words.into_iter().filter(|it| !it.is_empty()).collect();
        lines.push(format!("{}: {}", part.entity(), words.join(", ")));
    }
    if left_out > 0 {
        lines.push(format!("{left_out} more objects in trouble"));
    }
    lines
}

fn table(it: &Application, now: Timestamp) -> Table {
    let status = &it.status;
    let mut rows = vec![("project", it.spec.project.clone())];
    for origin in it.spec.source.iter().chain(&it.spec.sources) {
        rows.push(("source", origin.described()));
    }
    let to = &it.spec.destination;
    let cluster = if to.name.is_empty() { &to.server } else { &to.name };
    rows.push(("into", format!("{cluster} {}", to.namespace)));
    let policy = it.spec.sync_policy.as_ref().and_then(|it| it.automated.as_ref());
    rows.push((
        "syncs",
        match policy.filter(|it| it.enabled != Some(false)) {
            None => "when asked".to_owned(),
            Some(it) => format!("by itself; prune {}, self-heal {}", it.prune, it.self_heal),
        },
    ));
    rows.push((
        "sync",
        format!("{} {}", status.sync.status, short(&status.sync.revision, &status.sync.revisions)),
    ));
    rows.push(("health", status.health.status.clone()));
    if let Some(state) = &status.operation_state {
        let retries = if state.retry_count > 0 {
            format!(", {} retries", state.retry_count)
        } else {
            String::new()
        };
        let by = state.operation.initiated_by.name();
        let when = ago(now, state.finished_at.or(state.started_at));
        rows.push(("last operation", format!("{} {when} by {by}{retries}", state.phase)));
    }
    if let Some(last) = status.history.last() {
        let when = ago(now, last.deployed_at);
        rows.push((
            "last deployed",
            format!(
                "{} {when} by {}",
                short(&last.revision, &last.revisions),
                last.initiated_by.name()
            ),
        ));
    }
    rows.push(("objects", status.resources.len().to_string()));
    rows.push(("looked at", ago(now, status.reconciled_at)));
    let columns = ["FIELD", "VALUE"].map(str::to_owned).to_vec();
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    Table { columns, rows: rows.map(|(field, value)| vec![field.to_owned(), value]).collect() }
}

/// Argo CD's sentences, which repeat what charts and API servers say.
fn words(it: &Application, parts: &[&Part]) -> Vec<Quote> {
    let mut lines = Vec::new();
    let state = it.status.operation_state.as_ref();
    lines.extend(state.map(|it| ("last operation".to_owned(), it.message.clone())));
    lines.push(("health".to_owned(), it.status.health.message.clone()));
    lines.extend(it.status.conditions.iter().map(|it| (it.kind.clone(), it.message.clone())));
    for part in parts {
        lines.push((part.entity().to_string(), part.message.clone()));
        let health = part.health.as_ref().map(|it| it.message.clone()).unwrap_or_default();
        lines.push((part.entity().to_string(), health));
    }
    let said = lines.into_iter().filter(|(_, message)| !message.is_empty());
    let said: Vec<String> =
        said.map(|(of, message)| format!("{of}: {}", crate::said::one_line(&message))).collect();
    if said.is_empty() {
        return Vec::new();
    }
    vec![Quote { label: "what Argo CD says".to_owned(), text: said.join("\n") }]
}
