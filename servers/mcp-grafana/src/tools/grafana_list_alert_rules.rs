//! Grafana's own alert rules: those that fire or fail first.

use crate::record::{Record, within};
use crate::server::Grafana;
use crate::views::{collapsed, short, without_tags};
use clients::grafana::rules::{Definition, Group, Rule};
use jiff::Timestamp;
use mcp::age::{age, counted, span};
use mcp::answer::{Answer, Quote, Table};
use mcp::arguments::limit;
use mcp::cursor::part;
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The tool.
pub struct ListAlertRules;

/// Which rules.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    state: Option<State>,
    /// A part of the rule's, group's or folder's name.
    filter: Option<String>,
    #[schemars(extend("seldom" = "limit=200"))]
    limit: Option<u64>,
    cursor: Option<String>,
}

// How a rule is. No doc, as agents would pay for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum State {
    Firing,
    Pending,
    Inactive,
    Error,
    Nodata,
    Paused,
}

/// Rows where nobody says how many.
const ROWS: u64 = 30;
const MOST_ROWS: u64 = 500;
/// Failing rules that are told one by one.
const MOST_PROBLEMS: usize = 10;
/// Rules whose own words are quoted.
const MOST_QUOTED: usize = 10;
/// Bytes of what a rule says of itself.
const MOST_WORDS: usize = 300;
/// Bytes of a query in a row.
const MOST_QUERY: usize = 120;
/// What the identity lacks where rules may not be read.
const PERMISSION: &str = "alert.rules:read on the folders (a Viewer has it)";

/// What is told of one rule.
struct Told {
    name: String,
    place: String,
    /// `firing`, `pending`, `inactive`, `record`, or `?` where states were not read.
    state: String,
    health: String,
    is_paused: bool,
    held: String,
    since: Option<Timestamp>,
    alerts: usize,
    severity: String,
    query: String,
    error: String,
    words: String,
}

impl Tool<Grafana> for ListAlertRules {
    const NAME: &'static str = "grafana_list_alert_rules";
    const ABOUT: &'static str = "Grafana's own alert rules: state, since when, evaluation errors, query. Use it beside check_alerts.";
    type Ask = Ask;

    async fn answer(server: &Grafana, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let rows = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        let mut record = Record::new(server.client()?, call.deadline);
        let Rules { told: all, refused } = rules(&mut record).await?;
        // Which rules fire is not known: none would fit, as if none fired.
        if let (Some(refused), Some(state)) = (&refused, ask.state)
            && state != State::Paused
        {
            return Err(refused.clone());
        }
        let mut wanted: Vec<&Told> = all.iter().filter(|it| fits(&ask, it)).collect();
        wanted.sort_by(|a, b| (weight(a), &a.place, &a.name).cmp(&(weight(b), &b.place, &b.name)));
        let identities: Vec<String> =
            wanted.iter().map(|it| format!("{} {} {}", it.place, it.name, it.state)).collect();
        let part = part(ask.cursor.as_deref(), &identities, rows, true)?;
        let shown = wanted.get(part.rows).unwrap_or_default();
        let answer = Answer {
            summary: summary(&wanted, all.len(), refused.is_none()),
            problems: shown.iter().filter_map(|it| problem(it)).take(MOST_PROBLEMS).collect(),
            table: table(shown, record.client.now()),
            quotes: quotes(shown),
            page: Some(part.page),
            ..Answer::default()
        };
        Ok(record.into(answer))
    }
}

/// All rules, and why their states could not be read where they could not.
struct Rules {
    told: Vec<Told>,
    refused: Option<Failure>,
}

/// All rules: with their states, or, where these may not be read, as they were written.
async fn rules(record: &mut Record) -> Result<Rules, Failure> {
    let answer = within(record.deadline(), record.client.rules()).await;
    let refused = match record.take(answer, PERMISSION) {
        Ok(groups) => {
            return Ok(Rules { told: groups.iter().flat_map(told).collect(), refused: None });
        }
        Err(failure) => failure,
    };
    if refused.code == Code::NotFound {
        return Err(Failure {
            hint:
                "this Grafana has no alerting of its own, or it is switched off (unified_alerting)"
                    .to_owned(),
            ..refused
        });
    }
    if refused.code != Code::Forbidden {
        return Err(refused);
    }
    let answer = within(record.deadline(), record.client.definitions()).await;
    // Both are refused: what was asked for first says it better.
    let Ok(definitions) = record.take(answer, PERMISSION) else { return Err(refused) };
    record.gap("states of rules", &refused);
    Ok(Rules { told: definitions.iter().map(defined).collect(), refused: Some(refused) })
}

fn told(group: &Group) -> impl Iterator<Item = Told> + '_ {
    group.rules.iter().map(|rule| {
        let raised = |it: &&clients::grafana::rules::Alert| !it.state.starts_with("Normal");
        let raised: Vec<_> = rule.alerts.iter().filter(raised).collect();
        Told {
            name: rule.name.clone(),
            place: format!("{}/{}", group.file, group.name),
            state: state(rule),
            health: rule.health.clone(),
            is_paused: rule.is_paused,
            held: if rule.duration > 0.0 { span(rule.duration as i64) } else { String::new() },
            since: raised
                .iter()
                .filter_map(|it| it.active_at)
                .filter(|it| it.as_second() > 0)
                .min(),
            alerts: raised.len(),
            severity: rule.labels.get("severity").cloned().unwrap_or_default(),
            query: rule.query.clone(),
            error: rule.last_error.clone(),
            words: words(&rule.annotations),
        }
    })
}

fn state(rule: &Rule) -> String {
    match (rule.kind.as_str(), rule.state.as_str()) {
        ("recording", _) => "record".to_owned(),
        (_, "") => "?".to_owned(),
        (_, state) => state.to_owned(),
    }
}

fn defined(it: &Definition) -> Told {
    let text = |part: &clients::grafana::rules::Part| {
        let expression = part.model.get("expr").or_else(|| part.model.get("expression"));
        expression.and_then(|it| it.as_str()).map(|it| format!("{}: {it}", part.ref_id))
    };
    let query: Vec<String> = it.data.iter().filter_map(text).collect();
    Told {
        name: it.title.clone(),
        place: format!("{}/{}", it.folder_uid, it.rule_group),
        state: "?".to_owned(),
        health: String::new(),
        is_paused: it.is_paused,
        held: if it.held == "0s" { String::new() } else { it.held.clone() },
        since: None,
        alerts: 0,
        severity: it.labels.get("severity").cloned().unwrap_or_default(),
        query: query.join("; "),
        error: String::new(),
        words: String::new(),
    }
}

/// What a rule says to whoever is called.
fn words(annotations: &clients::grafana::rules::Labels) -> String {
    let said =
        ["summary", "description", "runbook_url"].iter().filter_map(|it| annotations.get(*it));
    let said: Vec<String> = said.map(|it| collapsed(&without_tags(it))).collect();
    said.join(" ")
}

fn fits(ask: &Ask, it: &Told) -> bool {
    let state = match ask.state {
        None => true,
        Some(State::Firing) => it.state == "firing",
        Some(State::Pending) => it.state == "pending",
        Some(State::Inactive) => it.state == "inactive",
        Some(State::Error) => matches!(it.health.as_str(), "error" | "err"),
        Some(State::Nodata) => it.health == "nodata",
        Some(State::Paused) => it.is_paused,
    };
    let has = |text: &str| {
        let text = text.to_lowercase();
        [&it.name, &it.place].iter().any(|it| it.to_lowercase().contains(&text))
    };
    state && ask.filter.as_deref().is_none_or(has)
}

fn weight(it: &Told) -> u8 {
    match (it.state.as_str(), it.health.as_str()) {
        ("firing", _) => 0,
        (_, "error" | "err") => 1,
        ("pending" | "recovering", _) => 2,
        (_, "nodata") => 3,
        _ => 4,
    }
}

fn summary(wanted: &[&Told], all: usize, has_states: bool) -> String {
    let of = if wanted.len() == all { String::new() } else { format!(" of {all}") };
    let count = |of: fn(&Told) -> bool| wanted.iter().filter(|it| of(it)).count();
    let rules = counted(wanted.len(), "alert rule");
    if !has_states {
        let paused = count(|it| it.is_paused);
        return format!("{rules}{of} of Grafana: states not known, {paused} paused.");
    }
    format!(
        "{rules}{of} of Grafana: {} firing, {} pending, {} cannot be evaluated, {} paused.",
        count(|it| it.state == "firing"),
        count(|it| it.state == "pending"),
        count(|it| matches!(it.health.as_str(), "error" | "err")),
        count(|it| it.is_paused)
    )
}

fn problem(it: &Told) -> Option<String> {
    match it.health.as_str() {
        "error" | "err" => {
            Some(format!("{} cannot be evaluated: {}", it.name, collapsed(&it.error)))
        }
        "nodata" => Some(format!("{} gets no data", it.name)),
        _ => None,
    }
}

fn table(shown: &[&Told], now: Timestamp) -> Table {
    let row = |it: &&Told| {
        let state = if it.is_paused { format!("{}, paused", it.state) } else { it.state.clone() };
        let alerts = if it.alerts == 0 { String::new() } else { it.alerts.to_string() };
        vec![
            it.name.clone(),
            state,
            it.health.clone(),
            age(now, it.since),
            alerts,
            it.held.clone(),
            it.severity.clone(),
            it.place.clone(),
            short(&collapsed(&it.query), MOST_QUERY),
        ]
    };
    let columns =
        ["RULE", "STATE", "HEALTH", "SINCE", "ALERTS", "FOR", "SEVERITY", "FOLDER/GROUP", "QUERY"];
    Table { columns: columns.map(str::to_owned).to_vec(), rows: shown.iter().map(row).collect() }
}

fn quotes(shown: &[&Told]) -> Vec<Quote> {
    let speaks = |it: &&&Told| !it.words.is_empty() && weight(it) < 4;
    let line = |it: &&Told| format!("{}: {}", it.name, short(&it.words, MOST_WORDS));
    let lines: Vec<String> = shown.iter().filter(speaks).take(MOST_QUOTED).map(line).collect();
    match lines.is_empty() {
        true => Vec::new(),
        false => vec![Quote { label: "what rules say".to_owned(), text: lines.join("\n") }],
    }
}
