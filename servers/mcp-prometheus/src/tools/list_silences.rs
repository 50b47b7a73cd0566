//! Silences that hold or will hold, and how many alerts each keeps quiet.

use crate::alerts::named;
use crate::record::Record;
use crate::server::Prometheus;
use clients::alertmanager::alerts::Silence;
use jiff::Timestamp;
use mcp::age::{counted, span};
use mcp::answer::{Answer, Examined, Page, Quote, Table};
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use tokio::time::timeout_at;

/// The tool.
pub struct ListSilences;

/// Which silences.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    state: Option<State>,
}

// How a silence is. No doc, as agents would pay for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum State {
    Active,
    Pending,
    Expired,
}

/// Rows.
const ROWS: usize = 30;
/// A silence that is to last longer has been forgotten, or is no silence, in seconds.
const LONG: i64 = 30 * 24 * 3600;
/// Alerts that a row names.
const MOST_NAMED: usize = 2;

impl Tool<Prometheus> for ListSilences {
    const NAME: &'static str = "list_silences";
    const ABOUT: &'static str = "Silences in Alertmanager: what they hold, by whom, why, until when. Use it when nobody was told.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let client = server.alertmanager()?;
        let filters = server.prometheus().ok();
        let filters = filters.and_then(|it| it.enforced().map(|it| it.texts())).unwrap_or_default();
        let read = async { tokio::join!(client.silences(&filters), client.alerts(&filters)) };
        let (silences, alerts) = timeout_at(call.deadline, read).await.map_err(|_| late())?;
        let mut record = Record::default();
        let silences = silences.map_err(|refusal| Failure::from(&refusal))?;
        record.said(&silences);
        let mut holds: BTreeMap<String, Vec<String>> = BTreeMap::new();
        match alerts {
            Ok(alerts) => {
                record.said(&alerts);
                for alert in alerts.data {
                    for id in &alert.status.silenced_by {
                        holds.entry(id.clone()).or_default().push(named(&alert.labels));
                    }
                }
            }
            Err(refusal) => {
                record.gap("the alerts that they hold", &Failure::from(&refusal), "ask again")
            }
        }
        record.spent_on_alerts(&client);
        let now = client.now();
        let wanted = |it: &&Silence| match ask.state {
            None => it.status.state != "expired",
            Some(State::Active) => it.status.state == "active",
            Some(State::Pending) => it.status.state == "pending",
            Some(State::Expired) => it.status.state == "expired",
        };
        let mut wanted: Vec<&Silence> = silences.data.iter().filter(wanted).collect();
        wanted.sort_by(|a, b| {
            (&a.status.state, a.ends_at, &a.id).cmp(&(&b.status.state, b.ends_at, &b.id))
        });
        let expired = silences.data.iter().filter(|it| it.status.state == "expired").count();
        let shown = wanted.get(..ROWS).unwrap_or(&wanted);
        let answer = Answer {
            summary: format!(
                "{} for {}; {expired} expired.",
                counted(wanted.len(), "silence"),
                counted(
                    shown.iter().filter_map(|it| holds.get(&it.id)).map(Vec::len).sum(),
                    "firing alert"
                )
            ),
            problems: shown.iter().filter_map(|it| problem(it, &holds, now)).collect(),
            table: table(shown, &holds, now),
            quotes: quotes(shown),
            page: Some(Page {
                returned: shown.len() as u64,
                total: wanted.len() as u64,
                exact: true,
                cursor: None,
            }),
            examined: Examined { system: "Alertmanager".to_owned(), ..Examined::default() },
            ..Answer::default()
        };
        Ok(record.into(answer))
    }
}

/// A silence that holds for very long, or holds nothing.
fn problem(it: &Silence, holds: &BTreeMap<String, Vec<String>>, now: Timestamp) -> Option<String> {
    let left = it.ends_at.map(|at| at.as_second() - now.as_second())?;
    if it.status.state != "active" {
        return None;
    }
    if left > LONG {
        return Some(format!("{} ends in {} only", short(&it.id), span(left)));
    }
    (!holds.contains_key(&it.id))
        .then(|| format!("{} holds no alert that fires now", short(&it.id)))
}

fn short(id: &str) -> &str {
    id.split('-').next().unwrap_or(id)
}

fn table(shown: &[&Silence], holds: &BTreeMap<String, Vec<String>>, now: Timestamp) -> Table {
    let row = |it: &&Silence| {
        let held = holds.get(&it.id).cloned().unwrap_or_default();
        let mut named: Vec<String> = held.iter().take(MOST_NAMED).cloned().collect();
        if held.len() > MOST_NAMED {
            named.push(format!("{} more", held.len() - MOST_NAMED));
        }
        let matchers: Vec<String> = it.matchers.iter().map(ToString::to_string).collect();
        let time = |at: Option<Timestamp>| at.map_or(0, |at| at.as_second() - now.as_second());
        let when = match it.status.state.as_str() {
            "pending" => format!("begins in {}", span(time(it.starts_at))),
            "expired" => format!("ended {} ago", span(-time(it.ends_at))),
            _ => format!("ends in {}", span(time(it.ends_at))),
        };
        vec![
            short(&it.id).to_owned(),
            it.status.state.clone(),
            when,
            matchers.join(","),
            it.created_by.clone(),
            named.join(", "),
        ]
    };
    let columns = ["ID", "STATE", "WHEN", "MATCHERS", "BY", "HOLDS"];
    Table { columns: columns.map(str::to_owned).to_vec(), rows: shown.iter().map(row).collect() }
}

fn quotes(shown: &[&Silence]) -> Vec<Quote> {
    let line = |it: &&Silence| format!("{}: {}", short(&it.id), it.comment);
    let lines: Vec<String> = shown.iter().filter(|it| !it.comment.is_empty()).map(line).collect();
    match lines.is_empty() {
        true => Vec::new(),
        false => vec![Quote { label: "comments".to_owned(), text: lines.join("\n") }],
    }
}

/// Alertmanager was too slow.
pub(crate) fn late() -> Failure {
    Failure {
        code: Code::Timeout,
        message: "alertmanager did not answer before the call's deadline".to_owned(),
        retryable: true,
        hint: String::new(),
    }
}
