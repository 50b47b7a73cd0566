//! Applications of Argo CD: how many are in sync and healthy, and those that are not first.

use crate::address::{check_namespace, with_right};
use crate::applications::application::{Application, short};
use crate::applications::{self, MOST};
use crate::server::{Kubernetes, NAME};
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use evidence::testimony::{Cost, Testimony};
use jiff::Timestamp;
use mcp::age::{ago, counted};
use mcp::answer::{Answer, Examined, Table};
use mcp::arguments::limit;
use mcp::cursor;
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The tool.
pub struct ListApplications;

/// Which of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    project: Option<String>,
    /// As OutOfSync.
    sync_status: Option<String>,
    /// As Degraded.
    health_status: Option<String>,
    dest_namespace: Option<String>,
    search: Option<String>,
    limit: Option<u64>,
    cursor: Option<String>,
}

const SYNC: [&str; 3] = ["OutOfSync", "Synced", "Unknown"];
const HEALTH: [&str; 6] = ["Degraded", "Healthy", "Missing", "Progressing", "Suspended", "Unknown"];
const ROWS: u64 = 40;
const MOST_ROWS: u64 = 300;

impl Tool<Kubernetes> for ListApplications {
    const NAME: &'static str = "argocd_list_applications";
    const ABOUT: &'static str =
        "Argo CD Applications by sync and health, those in trouble first. Use it for GitOps.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, _: &Call) -> Result<Answer, Failure> {
        let most = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        one_of("sync_status", ask.sync_status.as_deref(), &SYNC)?;
        one_of("health_status", ask.health_status.as_deref(), &HEALTH)?;
        if let Some(namespace) = &ask.dest_namespace {
            check_namespace(namespace)?;
        }
        let client = server.client().await?;
        let resource = applications::required(&client).await?;
        let options = ListOptions { at_most: MOST, ..ListOptions::default() };
        let listed = client.list::<Application>(&resource, Reach::Cluster, &options).await;
        let listed = listed.map_err(|refusal| with_right(Failure::from(&refusal), &resource))?;
        let (all, cut) = (listed.items.len(), listed.walk.cut.as_ref().map(ToString::to_string));
        let source = applications::source(&listed.walk);
        let mut found: Vec<Application> =
            listed.items.into_iter().filter(|it| fits(it, &ask)).collect();
        found.sort_by_key(|it| {
            (is_well(it), it.metadata.namespace.clone(), it.metadata.name.clone())
        });
        let now = client.now();
        let identities: Vec<String> = found.iter().map(Application::qualified).collect();
        let part = cursor::part(ask.cursor.as_deref(), &identities, most, cut.is_none())?;
        let shown = found.get(part.rows).unwrap_or_default();
        let spent = client.spent();
        Ok(Answer {
            summary: summary(&found, all),
            table: table(shown, now),
            page: Some(part.page),
            next: next(&found),
            examined: Examined { incomplete: cut, ..Examined::default() },
            testimony: Testimony {
                server: NAME.to_owned(),
                sources: vec![source],
                cost: Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes },
                ..Testimony::default()
            },
            ..Answer::default()
        })
    }
}

fn one_of(argument: &str, given: Option<&str>, values: &[&str]) -> Result<(), Failure> {
    match given.filter(|given| !values.contains(given)) {
        None => Ok(()),
        Some(_) => Err(Failure::invalid(format!(
            "argument `{argument}` must be one of {}",
            values.join(", ")
        ))),
    }
}

fn fits(it: &Application, ask: &Ask) -> bool {
    let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|it| it == value);
    let name = it.metadata.name.as_deref().unwrap_or_default();
    is(&ask.project, &it.spec.project)
        && is(&ask.sync_status, &it.status.sync.status)
        && is(&ask.health_status, &it.status.health.status)
        && is(&ask.dest_namespace, &it.spec.destination.namespace)
        && ask.search.as_deref().is_none_or(|part| name.contains(part))
}

/// What people watch is synced, healthy and was not refused lately.
fn is_well(it: &Application) -> bool {
    let failed = it.status.operation_state.as_ref();
    let failed = failed.is_some_and(|it| matches!(it.phase.as_str(), "Failed" | "Error"));
    let calm = matches!(it.status.health.status.as_str(), "Healthy" | "Suspended");
    it.status.sync.status == "Synced" && calm && !failed && it.status.conditions.is_empty()
}

fn summary(found: &[Application], all: usize) -> String {
    let mut sync: BTreeMap<&str, usize> = BTreeMap::new();
    let mut health: BTreeMap<&str, usize> = BTreeMap::new();
    for it in found {
        *sync.entry(&it.status.sync.status).or_default() += 1;
        *health.entry(&it.status.health.status).or_default() += 1;
    }
    let words = |counts: BTreeMap<&str, usize>| {
        let words = counts.into_iter().map(|(status, count)| match status {
            "" => format!("{count} without a status"),
            status => format!("{count} {status}"),
        });
        words.collect::<Vec<_>>().join(", ")
    };
    if found.is_empty() {
        return format!("No Application fits, of {all}.");
    }
    let total = counted(found.len(), "Application");
    format!("{total}: sync {}; health {}.", words(sync), words(health))
}

fn table(shown: &[Application], now: Timestamp) -> Table {
    let columns = ["NAME", "PROJECT", "SYNC", "HEALTH", "LAST SYNC", "REVISION", "INTO"];
    let row = |it: &Application| {
        let state = it.status.operation_state.as_ref();
        let last =
            state.map(|it| format!("{} {}", it.phase, ago(now, it.finished_at.or(it.started_at))));
        let sync = &it.status.sync;
        vec![
            it.qualified(),
            it.spec.project.clone(),
            sync.status.clone(),
            it.status.health.status.clone(),
            last.unwrap_or_default(),
            short(&sync.revision, &sync.revisions),
            it.spec.destination.namespace.clone(),
        ]
    };
    Table { columns: columns.map(str::to_owned).to_vec(), rows: shown.iter().map(row).collect() }
}

fn next(found: &[Application]) -> Vec<String> {
    let first = found.first().filter(|it| !is_well(it));
    let call = first.and_then(|it| it.metadata.name.as_ref());
    call.map(|name| format!("argocd_get_application(name={name})")).into_iter().collect()
}
