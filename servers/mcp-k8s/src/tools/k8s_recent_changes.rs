//! What changed lately, and who changed it: one feed in the order of time.

use crate::address::{check_namespace, missing_namespace};
use crate::changes::{self, Change, Window, feed};
use crate::server::{Kubernetes, NAME};
use crate::survey::reading::Desk;
use crate::survey::record::Record;
use clients::kubernetes::reach::Reach;
use evidence::scope;
use evidence::testimony::Cost;
use jiff::{SignedDuration, Timestamp};
use mcp::age::{age, counted, to_second};
use mcp::answer::{Answer, Examined};
use mcp::arguments::{Since, limit};
use mcp::cursor;
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// The tool.
pub struct RecentChanges;

/// Where, and how far back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    namespace: Option<String>,
    since: Option<Since>,
    limit: Option<u64>,
    cursor: Option<String>,
}

/// An incident is rarely asked about later than two hours after the change behind it.
const RECENT: SignedDuration = SignedDuration::from_hours(2);
const ROWS: u64 = 40;
const MOST_ROWS: u64 = 200;
/// Lines of what went wrong.
const MOST_PROBLEMS: usize = 10;
/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);

impl Tool<Kubernetes> for RecentChanges {
    const NAME: &'static str = "k8s_recent_changes";
    const ABOUT: &'static str = "What changed and who did it, latest first: rollouts, config, scaling, nodes, Helm, \
Argo CD. Use it to find the change behind an incident.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let most = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        if let Some(namespace) = &ask.namespace {
            check_namespace(namespace)?;
        }
        let client = server.client().await?;
        let now = to_second(client.now());
        let since = ask.since.map(|since| since.seen_from(now));
        let since = since.unwrap_or_else(|| now.checked_sub(RECENT).unwrap_or(now));
        if since > now {
            return Err(Failure::invalid("argument `since` must be in the past"));
        }
        let deadline = call.deadline.checked_sub(TO_ANSWER).unwrap_or(call.deadline);
        let desk = Desk { client: client.clone(), deadline };
        let mut record = Record::default();
        let mut namespace = ask.namespace.clone();
        let reach = namespace.as_deref().map_or(Reach::Cluster, Reach::Namespace);
        let mut found = changes::gather(&desk, &mut record, Window { reach, since }).await;
        let is_denied = |it: &Failure| it.code == Code::Forbidden;
        if namespace.is_none() && record.failure().as_ref().is_some_and(is_denied) {
            // Who may look nowhere in the whole cluster is at home in one namespace.
            let home = client.cluster().namespace.clone();
            let window = Window { reach: Reach::Namespace(&home), since };
            found = changes::gather(&desk, &mut record, window).await;
            namespace = Some(home);
        }
        if let Some(failure) = record.failure() {
            return Err(failure);
        }
        if let Some(namespace) = &ask.namespace
            && found.changes.iter().all(|it| it.subject.namespace != *namespace)
            && let Some(failure) = missing_namespace(&client, namespace).await
        {
            return Err(failure);
        }
        let happened = found.changes.len();
        let grouped = feed::grouped(found.changes);
        let summary = summary(&grouped, happened, namespace.as_deref(), &age(now, Some(since)));
        let problems = problems(&grouped, now);
        let (denied, incomplete) = (record.denied(), record.incomplete());
        let mut testimony = record.into_testimony();
        let identity = |it: &Change| format!("{} {} {}", it.at, it.subject, it.what);
        let identities: Vec<String> = grouped.iter().map(identity).collect();
        let exact = testimony.gaps.is_empty();
        let part = cursor::part(ask.cursor.as_deref(), &identities, most, exact)?;
        let first = part.rows.start + 1;
        let shown = grouped.get(part.rows).unwrap_or_default();
        let spent = client.spent();
        testimony.server = NAME.to_owned();
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        Ok(Answer {
            summary,
            problems,
            table: feed::table(first, shown, now),
            quotes: feed::details(first, shown),
            page: Some(part.page),
            examined: Examined {
                namespaces: namespace.into_iter().collect(),
                denied,
                window: Some(scope::Window { start: since, end: now }),
                incomplete,
                ..Examined::default()
            },
            next: next(shown),
            warnings: found.notes,
            testimony,
            ..Answer::default()
        })
    }
}

fn summary(shown: &[Change], happened: usize, namespace: Option<&str>, back: &str) -> String {
    let place =
        namespace.map_or_else(|| "in all namespaces".to_owned(), |it| format!("in namespace {it}"));
    let Some(latest) = shown.first() else {
        return format!("No change is seen {place} in the last {back}.");
    };
    let by = if latest.actor.is_empty() { String::new() } else { format!(" by {}", latest.actor) };
    format!(
        "{} {place} in the last {back}; the latest: {} {}{by}.",
        counted(happened, "change"),
        latest.subject,
        latest.what
    )
}

fn problems(shown: &[Change], now: Timestamp) -> Vec<String> {
    let bad: Vec<&Change> = shown.iter().filter(|it| it.bad).collect();
    let mut lines: Vec<String> = bad
        .iter()
        .take(MOST_PROBLEMS)
        .map(|it| format!("{} {}, {} ago", it.subject, it.what, age(now, Some(it.at))))
        .collect();
    if bad.len() > lines.len() {
        lines.push(format!("{} more went wrong", bad.len() - lines.len()));
    }
    lines
}

/// The history of the workload that was last rolled out.
fn next(shown: &[Change]) -> Vec<String> {
    let is_workload = |it: &&Change| crate::history::kept_in(&it.subject.kind).is_some();
    let last = shown.iter().find(|it| is_workload(it) && it.what.starts_with("revision"));
    let call = last.map(|it| {
        let kind = it.subject.kind.to_lowercase();
        let Change { subject, .. } = it;
        format!(
            "k8s_rollout_history(resource_type={kind}, resource_name={}, namespace={})",
            subject.name, subject.namespace
        )
    });
    call.into_iter().collect()
}
