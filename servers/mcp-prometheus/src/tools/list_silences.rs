//! Silences that hold or will hold, and how many alerts each keeps quiet.

use crate::alerts::{late, named};
use crate::record::Record;
use crate::server::Prometheus;
use clients::alertmanager::alerts::{Alert, Silence};
use clients::prometheus::matchers::LabelMatchers;
use jiff::Timestamp;
use mcp::age::{counted, span};
use mcp::answer::{Answer, Examined, Page, Quote, Table};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
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

/// The alerts that silences hold, by the silence's id.
type Holds = BTreeMap<String, Vec<String>>;

impl Tool<Prometheus> for ListSilences {
    const NAME: &'static str = "list_silences";
    const ABOUT: &'static str = "Silences in Alertmanager: what they hold, by whom, why, until when. Use it when nobody was told.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let client = server.alertmanager()?;
        let enforced = server.enforced();
        let filters = enforced.map(LabelMatchers::texts).unwrap_or_default();
        let read = async { tokio::join!(client.silences(), client.alerts(&filters)) };
        let (silences, alerts) = timeout_at(call.deadline, read).await.map_err(|_| late())?;
        let mut record = Record::default();
        let silences = silences.map_err(|refusal| Failure::from(&refusal))?;
        record.said(&silences);
        let holds = match alerts {
            Ok(alerts) => {
                record.said(&alerts);
                let mut holds: Holds = BTreeMap::new();
                let admitted =
                    |it: &Alert| enforced.is_none_or(|enforced| enforced.admits(&it.labels));
                for alert in alerts.data.into_iter().filter(admitted) {
                    for id in &alert.status.silenced_by {
                        holds.entry(id.clone()).or_default().push(named(&alert.labels));
                    }
                }
                Some(holds)
            }
            Err(refusal) => {
                record.gap("the alerts that they hold", &Failure::from(&refusal), "ask again");
                None
            }
        };
        record.spent_on_alerts(&client);
        let now = client.now();
        let wanted = |it: &&Silence| match ask.state {
            None => it.status.state != "expired",
            Some(State::Active) => it.status.state == "active",
            Some(State::Pending) => it.status.state == "pending",
            Some(State::Expired) => it.status.state == "expired",
        };
        let held: BTreeSet<&String> = holds.iter().flat_map(BTreeMap::keys).collect();
        let all: Vec<&Silence> =
            silences.data.iter().filter(|it| may_tell(it, enforced, &held)).collect();
        let mut wanted: Vec<&Silence> = all.iter().copied().filter(wanted).collect();
        wanted.sort_by(|a, b| {
            (&a.status.state, a.ends_at, &a.id).cmp(&(&b.status.state, b.ends_at, &b.id))
        });
        let expired = all.iter().filter(|it| it.status.state == "expired").count();
        let shown = wanted.get(..ROWS).unwrap_or(&wanted);
        let answer = Answer {
            summary: format!(
                "{}{}; {expired} expired.",
                counted(wanted.len(), "silence"),
                held_by(shown, holds.as_ref())
            ),
            problems: shown.iter().filter_map(|it| problem(it, holds.as_ref(), now)).collect(),
            table: table(shown, holds.as_ref(), now),
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

/// Whether a silence may be told where matchers are enforced: one that holds an alert that may be told, or that says plainly
/// that it is about nothing else.
fn may_tell(it: &Silence, enforced: Option<&LabelMatchers>, held: &BTreeSet<&String>) -> bool {
    enforced.is_none_or(|enforced| held.contains(&it.id) || enforced.admits_plainly(&it.labels()))
}

/// How many alerts these hold, as far as that is known.
fn held_by(shown: &[&Silence], holds: Option<&Holds>) -> String {
    let Some(holds) = holds else { return String::new() };
    let held = shown.iter().filter_map(|it| holds.get(&it.id)).map(Vec::len).sum();
    format!(" for {}", counted(held, "firing alert"))
}

/// A silence that holds for very long, or holds nothing.
fn problem(it: &Silence, holds: Option<&Holds>, now: Timestamp) -> Option<String> {
    let left = it.ends_at.map(|at| at.as_second() - now.as_second())?;
    if it.status.state != "active" {
        return None;
    }
    if left > LONG {
        return Some(format!("{} ends in {} only", short(&it.id), span(left)));
    }
    holds
        .is_some_and(|holds| !holds.contains_key(&it.id))
        .then(|| format!("{} holds no alert that fires now", short(&it.id)))
}

fn short(id: &str) -> &str {
    id.split('-').next().unwrap_or(id)
}

fn table(shown: &[&Silence], holds: Option<&Holds>, now: Timestamp) -> Table {
    let row = |it: &&Silence| {
        let held = match holds {
            None => vec!["?".to_owned()],
            Some(holds) => holds.get(&it.id).cloned().unwrap_or_default(),
        };
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

#[cfg(test)]
mod tests {
    use super::*;
    use clients::alertmanager::alerts::SilenceMatcher;

    fn silence(id: &str, name: &str, value: &str) -> Silence {
        let (name, value) = (name.to_owned(), value.to_owned());
        let matchers = vec![SilenceMatcher { name, value, is_regex: false, is_equal: true }];
        Silence { id: id.to_owned(), matchers, ..Silence::default() }
    }

    #[test]
    fn silences_of_others_are_not_told_where_matchers_are_enforced() {
        let enforced: LabelMatchers = "namespace=\"shop\"".parse().unwrap();
        let ours = "holds-ours".to_owned();
        let held = BTreeSet::from([&ours]);
        let told = |it: &Silence| may_tell(it, Some(&enforced), &held);
        // What holds an alert of ours says of itself whom it holds by any label.
        assert!(told(&silence("holds-ours", "alertname", "TargetDown")));
        assert!(told(&silence("other", "namespace", "shop")));
        assert!(!told(&silence("other", "namespace", "blog")));
        assert!(!told(&silence("other", "alertname", "TargetDown")));
        assert!(may_tell(&silence("other", "namespace", "blog"), None, &held));
    }
}
