//! The revisions of a workload, who made them, and how two of them differ.

use crate::address::{Address, with_right};
use crate::cells;
use crate::history::{self, Written};
use crate::server::{Kubernetes, NAME};
use crate::survey::reading::Desk;
use crate::survey::record::Record;
use crate::unwell;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::resource::Resource;
use evidence::fact::workload::Workload;
use evidence::fact::{Body, Fact};
use evidence::testimony::Cost;
use jiff::Timestamp;
use mcp::age::{ago, counted};
use mcp::answer::{Answer, Examined, Page, Quote, Table};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// The tool.
pub struct RolloutHistory;

/// Which workload, and which of its revisions to compare.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    resource_type: String,
    resource_name: String,
    namespace: String,
    /// Revision.
    from: Option<u64>,
    to: Option<u64>,
}

/// A Deployment keeps ten revisions unless told to keep more.
const MOST_ROWS: usize = 20;
/// Fields that differ, in lines; more is another program.
const MOST_LINES: usize = 60;
/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);

impl Tool<Kubernetes> for RolloutHistory {
    const NAME: &'static str = "k8s_rollout_history";
    const ABOUT: &'static str = "Revisions of a workload, their authors, the diff of two, and the rollout's state. \
Use it after a deploy.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        if ask.from.is_some() && ask.from == ask.to {
            return Err(Failure::invalid("arguments `from` and `to` must be two revisions"));
        }
        let client = server.client().await?;
        let at =
            Address::read(&client, &ask.resource_type, &ask.resource_name, Some(&ask.namespace))
                .await?;
        let Some(kept_in) = history::kept_in(&at.resource.kind) else {
            return Err(Failure::invalid(
                "argument `resource_type` must be deployment, statefulset or daemonset: others have no revisions",
            ));
        };
        let found = at.get(&client).await?;
        let Body::Workload(workload) = &found.body else {
            return Err(Failure::invalid(
                "argument `resource_type` must be deployment, statefulset or daemonset",
            ));
        };
        let deadline = call.deadline.checked_sub(TO_ANSWER).unwrap_or(call.deadline);
        let desk = Desk { client: client.clone(), deadline };
        let mut record = Record::default();
        let mut revisions = read(&desk, &mut record, &kept_in, workload).await;
        if let Some(failure) = record.failure() {
            return Err(with_right(failure, &kept_in));
        }
        revisions.sort_by_key(|it| std::cmp::Reverse(it.fact.number));
        let pair = pair(&revisions, ask.from, ask.to)?;
        let now = client.now();
        let (denied, incomplete) = (record.denied(), record.incomplete());
        let trouble = unwell::why(&found.body, now);
        let status = history::status(workload);
        let mut testimony = record.into_testimony();
        testimony.sources.push(found.source.clone());
        let source = testimony.sources.len() - 1;
        testimony.facts.push(Fact { source, body: found.body.clone() });
        let spent = client.spent();
        testimony.server = NAME.to_owned();
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        Ok(Answer {
            summary: summary(&at, &revisions, &status, now),
            problems: trouble.map(|it| it.says).into_iter().collect(),
            table: table(workload, &revisions, now),
            quotes: pair.map(|(before, after)| compared(before, after)).into_iter().collect(),
            page: Some(Page {
                returned: revisions.len().min(MOST_ROWS) as u64,
                total: revisions.len() as u64,
                exact: testimony.gaps.is_empty(),
                cursor: None,
            }),
            examined: Examined {
                namespaces: at.namespaces(),
                denied,
                incomplete,
                ..Examined::default()
            },
            testimony,
            ..Answer::default()
        })
    }
}

/// The revisions that the workload owns; their facts are in the record.
async fn read(
    desk: &Desk,
    record: &mut Record,
    kept_in: &Resource,
    workload: &Workload,
) -> Vec<Written> {
    let options =
        ListOptions { labels: cells::selector(&workload.selector), ..ListOptions::default() };
    let mut revisions = Vec::new();
    let mut odd = 0_usize;
    let owner = workload.meta.entity(&workload.kind);
    let visit = |object: Value| match history::written(kept_in, object) {
        Ok(Some(revision)) if revision.fact.meta.owner.as_ref() == Some(&owner) => {
            revisions.push(revision)
        }
        Ok(_) => {}
        Err(_) => odd += 1,
    };
    let reach = Reach::Namespace(&workload.meta.namespace);
    let mut reading = desk.each(kept_in, reach, options, visit).await;
    reading.is_look = false;
    reading.bodies = revisions.iter().map(|it| Body::Revision(it.fact.clone())).collect();
    record.add(reading);
    if odd > 0 {
        let why = format!("{odd} are in a form that we do not know");
        record.gap(format!("revisions of {owner}"), why, "read them as YAML".to_owned());
    }
    revisions
}

/// The two revisions to compare, the older first; none where there is only one.
///
/// # Errors
/// Where one is asked for that there is not.
fn pair(
    revisions: &[Written],
    from: Option<u64>,
    to: Option<u64>,
) -> Result<Option<(&Written, &Written)>, Failure> {
    let find = |argument: &str, number: u64| {
        revisions.iter().find(|it| it.fact.number == Some(number)).ok_or_else(|| {
            let there: Vec<String> =
                revisions.iter().filter_map(|it| it.fact.number).map(|it| it.to_string()).collect();
            Failure::invalid(format!(
                "argument `{argument}` must be a revision that is kept: {}",
                there.join(", ")
            ))
        })
    };
    let after = match to {
        Some(to) => Some(find("to", to)?),
        None => revisions.first(),
    };
    let Some(after) = after else { return Ok(None) };
    let before = match from {
        Some(from) => Some(find("from", from)?),
        None => revisions.iter().find(|it| it.fact.number < after.fact.number),
    };
    Ok(before.map(|before| (before, after)))
}

fn number(revision: &Written) -> String {
    revision.fact.number.map_or_else(|| "?".to_owned(), |number| number.to_string())
}

fn summary(at: &Address, revisions: &[Written], status: &str, now: Timestamp) -> String {
    let newest = match revisions.first() {
        None => "no revisions".to_owned(),
        Some(newest) => {
            let made = ago(now, newest.fact.meta.created);
            let taken_back =
                if newest.before.is_empty() { "made" } else { "taken back and first made" };
            format!(
                "{}, the newest is {}, {taken_back} {made}",
                counted(revisions.len(), "revision"),
                number(newest)
            )
        }
    };
    format!("{}: {newest}; rollout {status}.", at.entity())
}

fn table(workload: &Workload, revisions: &[Written], now: Timestamp) -> Table {
    let columns = ["REVISION", "MADE", "PODS", "IMAGES", "AUTHOR", "CAUSE"];
    let row = |it: &Written| {
        let fact = &it.fact;
        let images: Vec<&str> =
            fact.template.containers.iter().map(|one| one.image.as_str()).collect();
        let before =
            if it.before.is_empty() { String::new() } else { format!(" (was {})", it.before) };
        let pods = match fact.kind.as_str() {
            "ReplicaSet" => format!("{}/{}", fact.ready, fact.desired),
            _ => String::new(),
        };
        let cause =
            fact.meta.annotations.get("kubernetes.io/change-cause").cloned().unwrap_or_default();
        vec![
            format!("{}{before}", number(it)),
            ago(now, fact.meta.created),
            pods,
            images.join(" "),
            author(workload, it, revisions),
            cause,
        ]
    };
    Table {
        columns: columns.map(str::to_owned).to_vec(),
        rows: revisions.iter().take(MOST_ROWS).map(row).collect(),
    }
}

/// Who made it. One that was taken back was written when the template was last.
fn author(workload: &Workload, it: &Written, revisions: &[Written]) -> String {
    let is_newest = revisions.first().is_some_and(|newest| newest.fact.number == it.fact.number);
    if is_newest && !it.before.is_empty() {
        return history::last_write(&workload.meta)
            .map(|touch| touch.manager.clone())
            .unwrap_or_default();
    }
    history::author(&workload.meta, it.fact.meta.created)
}

/// How two revisions differ, as data: workloads' owners wrote it.
fn compared(before: &Written, after: &Written) -> Quote {
    let differences = history::differences(before, after);
    let mut lines: Vec<String> = differences.iter().take(MOST_LINES).map(|it| it.line()).collect();
    if differences.len() > lines.len() {
        lines.push(format!("… {} more fields differ", differences.len() - lines.len()));
    }
    if lines.is_empty() {
        lines.push("no difference in the pod template".to_owned());
    }
    let label =
        format!("revision {} to {}, fields of the pod template", number(before), number(after));
    Quote { label, text: lines.join("\n") }
}
