//! Which alerts are pending or fire, by name and place, and of which nobody is told.

use crate::alerts::{self, Alert, Alerts, NAME, Unset, subject};
use crate::server::Prometheus;
use clients::alertmanager::alerts::Silence;
use jiff::Timestamp;
use mcp::age::{age, span};
use mcp::answer::{Answer, Page, Quote, Table};
use mcp::arguments::limit;
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The tool.
pub struct CheckAlerts;

/// Which alerts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    state: Option<State>,
    severity: Option<String>,
    namespace: Option<String>,
    /// true: silenced, inhibited or muted ones alone; false: without them.
    silenced: Option<bool>,
    #[schemars(extend("seldom" = "limit=100"))]
    limit: Option<u64>,
}

// What an alert is. No doc, as agents would pay for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum State {
    Firing,
    Pending,
}

/// Rows where nobody says how many.
const ROWS: u64 = 50;
const MOST_ROWS: u64 = 500;
/// Objects that one row names.
const MOST_SUBJECTS: usize = 3;
/// An alert reaches Alertmanager within seconds; one that has not by then is not on its way, in seconds.
const ON_ITS_WAY: i64 = 120;
/// Silences that are quoted.
const MOST_SILENCES: usize = 5;

/// Alerts that read alike.
struct Group<'a> {
    alerts: Vec<&'a Alert>,
    since: Option<Timestamp>,
}

impl Tool<Prometheus> for CheckAlerts {
    const NAME: &'static str = "check_alerts";
    const ABOUT: &'static str = "Alerts that fire or are pending: since when, what about, and silenced or inhibited by what. Begin \
here.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let most = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        let Alerts { alerts, silences, now, record, examined } =
            alerts::read(server, call.deadline, Unset::IsGap).await?;
        let total = alerts.len();
        let wanted: Vec<&Alert> = alerts.iter().filter(|it| fits(&ask, it)).collect();
        let groups = grouped(&wanted);
        let shown: Vec<_> =
            groups.iter().take(usize::try_from(most).unwrap_or(usize::MAX)).collect();
        let answer = Answer {
            summary: summary(&wanted, total, &ask),
            problems: lost(&wanted, now),
            table: table(&shown, now),
            quotes: quotes(&wanted, &silences, now),
            page: Some(Page {
                returned: shown.len() as u64,
                total: groups.len() as u64,
                exact: true,
                cursor: None,
            }),
            next: next(&groups),
            examined,
            ..Answer::default()
        };
        Ok(record.into(answer))
    }
}

fn fits(ask: &Ask, alert: &Alert) -> bool {
    ask.state.is_none_or(|state| alert.firing == (state == State::Firing))
        && ask.severity.as_deref().is_none_or(|it| alert.label("severity").eq_ignore_ascii_case(it))
        && ask.namespace.as_deref().is_none_or(|it| alert.label("namespace") == it)
        && ask.silenced.is_none_or(|it| alert.is_quiet() == it)
}

/// What is loud first, then what is severe, then by name.
type Key = (bool, bool, u8, String, String, String, String);

fn grouped<'a>(wanted: &[&'a Alert]) -> Vec<(Key, Group<'a>)> {
    let mut groups: BTreeMap<Key, Group<'a>> = BTreeMap::new();
    for alert in wanted {
        let severity = alert.label("severity").to_owned();
        let key = (
            alert.is_quiet(),
            !alert.firing,
            weight(&severity),
            alert.label(NAME).to_owned(),
            alert.label("namespace").to_owned(),
            severity,
            alert.state(),
        );
        let group = groups.entry(key).or_insert(Group { alerts: Vec::new(), since: alert.since });
        group.since = group.since.min(alert.since).or(alert.since);
        group.alerts.push(alert);
    }
    groups.into_iter().collect()
}

/// The lower, the worse.
fn weight(severity: &str) -> u8 {
    match severity.to_ascii_lowercase().as_str() {
        "critical" | "page" | "emergency" => 0,
        "error" | "high" | "major" => 1,
        "warning" => 2,
        "info" => 4,
        // Alerts that always fire, to show that alerting works.
        "none" => 5,
        _ => 3,
    }
}

fn summary(wanted: &[&Alert], total: usize, ask: &Ask) -> String {
    let count = |of: fn(&Alert) -> bool| wanted.iter().filter(|it| of(it)).count();
    let filtered = ask.state.is_some()
        || ask.severity.is_some()
        || ask.namespace.is_some()
        || ask.silenced.is_some();
    if wanted.is_empty() {
        return match total {
            0 => "No alert is pending or fires.".to_owned(),
            total => format!("No alert fits; {total} are pending or fire."),
        };
    }
    let (firing, pending) = (count(|it| it.firing), count(|it| !it.firing));
    let quiet: Vec<String> = [
        (count(|it| !it.silenced_by.is_empty()), "silenced"),
        (count(|it| !it.inhibited_by.is_empty()), "inhibited"),
        (count(|it| !it.muted_by.is_empty()), "muted"),
    ]
    .iter()
    .filter(|it| it.0 > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    let quiet = if quiet.is_empty() { String::new() } else { format!("; {}", quiet.join(", ")) };
    let fit = if filtered { format!(" of {total}") } else { String::new() };
    let s = if wanted.len() == 1 && fit.is_empty() { "" } else { "s" };
    format!("{}{fit} alert{s}: {firing} firing, {pending} pending{quiet}.", wanted.len())
}

/// What fires, and Alertmanager does not know: nobody will be told.
fn lost(wanted: &[&Alert], now: Timestamp) -> Vec<String> {
    let is_old = |it: &&&Alert| {
        it.since.is_some_and(|since| now.as_second() - since.as_second() > ON_ITS_WAY)
    };
    let lost: BTreeSet<&str> = wanted
        .iter()
        .filter(|it| it.passed_on == Some(false))
        .filter(is_old)
        .map(|it| it.label(NAME))
        .collect();
    if lost.is_empty() {
        return Vec::new();
    }
    let names: Vec<&str> = lost.into_iter().collect();
    vec![format!(
        "firing in Prometheus and unknown to Alertmanager, so nobody is told: {}; see prometheus_notifications_dropped_total and alert relabelling",
        names.join(", ")
    )]
}

fn table(groups: &[&(Key, Group<'_>)], now: Timestamp) -> Table {
    let row = |(key, group): &(Key, Group<'_>)| {
        let (_, _, _, name, namespace, severity, state) = key;
        let subjects: BTreeSet<String> =
            group.alerts.iter().map(|it| subject(&it.labels)).collect();
        let mut about: Vec<String> = subjects.iter().take(MOST_SUBJECTS).cloned().collect();
        if subjects.len() > MOST_SUBJECTS {
            about.push(format!("{} more", subjects.len() - MOST_SUBJECTS));
        }
        let inhibited: BTreeSet<&String> =
            group.alerts.iter().flat_map(|it| &it.inhibited_by).collect();
        let silenced: BTreeSet<&String> =
            group.alerts.iter().flat_map(|it| &it.silenced_by).collect();
        let muted: BTreeSet<&String> = group.alerts.iter().flat_map(|it| &it.muted_by).collect();
        let by = inhibited.into_iter().chain(muted).cloned();
        let by: Vec<String> =
            by.chain(silenced.into_iter().map(|it| format!("silence {}", short(it)))).collect();
        vec![
            name.clone(),
            severity.clone(),
            state.clone(),
            namespace.clone(),
            group.alerts.len().to_string(),
            age(now, group.since),
            about.join(", "),
            by.join(", "),
        ]
    };
    let columns = ["ALERT", "SEVERITY", "STATE", "NAMESPACE", "COUNT", "SINCE", "ABOUT", "BY"];
    Table {
        columns: columns.map(str::to_owned).to_vec(),
        rows: groups.iter().map(|it| row(it)).collect(),
    }
}

/// The first part of a silence's id tells it from others.
fn short(id: &str) -> &str {
    id.split('-').next().unwrap_or(id)
}

/// What those who silenced said.
fn quotes(wanted: &[&Alert], silences: &BTreeMap<String, Silence>, now: Timestamp) -> Vec<Quote> {
    let ids: BTreeSet<&String> = wanted.iter().flat_map(|it| &it.silenced_by).collect();
    let quote = |id: &&String| {
        let silence = silences.get(*id)?;
        let ends = silence.ends_at.map_or(0, |at| at.as_second() - now.as_second());
        Some(format!(
            "{} by {}, ends in {}: {}",
            short(id),
            silence.created_by,
            span(ends),
            silence.comment
        ))
    };
    let lines: Vec<String> = ids.iter().filter_map(quote).take(MOST_SILENCES).collect();
    match lines.is_empty() {
        true => Vec::new(),
        false => vec![Quote { label: "silences".to_owned(), text: lines.join("\n") }],
    }
}

fn next(groups: &[(Key, Group<'_>)]) -> Vec<String> {
    let loud = groups.iter().find(|(key, _)| !key.0 && key.2 < 5);
    loud.map(|(key, _)| format!("explain_alert(alertname={})", key.3)).into_iter().collect()
}
