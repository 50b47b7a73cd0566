//! Rules with how their evaluation went; those that fail first.

use crate::ask::Desk;
use crate::elsewhere;
use crate::explain::short;
use crate::number::digits;
use crate::record::examined;
use crate::server::Prometheus;
use clients::prometheus::rules::{Group, Rule};
use mcp::age::span;
use mcp::answer::{Answer, Page, Table};
use mcp::arguments::limit;
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The tool.
pub struct ListRules;

/// Which rules.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    #[serde(rename = "type")]
    kind: Option<Kind>,
    /// A part of the name, group or expression.
    filter: Option<String>,
    health: Option<Health>,
    #[schemars(extend("seldom" = "limit=200"))]
    limit: Option<u64>,
}

// Which kind. No doc, as agents would pay for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Kind {
    Alert,
    Record,
}

// How the last evaluation went. No doc, as agents would pay for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Health {
    Ok,
    Err,
    Unknown,
}

/// Rows where nobody says how many.
const ROWS: u64 = 40;
const MOST_ROWS: u64 = 500;
/// Failing rules that are told one by one.
const MOST_PROBLEMS: usize = 10;

impl Tool<Prometheus> for ListRules {
    const NAME: &'static str = "list_rules";
    const ABOUT: &'static str = "Alerting and recording rules: expression, state, and evaluations that fail. Use it to find an alert's rule.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let rows = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        let desk = Desk::new(server.prometheus()?, call.deadline);
        let kind = match ask.kind {
            None => "",
            Some(Kind::Alert) => "alert",
            Some(Kind::Record) => "record",
        };
        let groups = desk.read(desk.client.rules(kind)).await?;
        match (groups.is_empty(), ask.kind) {
            (false, _) => {}
            (true, None) => elsewhere::all_rules(&desk).await,
            (true, Some(_)) => elsewhere::rules(&desk).await,
        }
        let all: Vec<(&Group, &Rule)> = groups
            .iter()
            .flat_map(|group| group.rules.iter().map(move |rule| (group, rule)))
            .collect();
        let mut wanted: Vec<&(&Group, &Rule)> = all.iter().filter(|it| fits(&ask, it)).collect();
        wanted.sort_by_key(|(_, rule)| (rule.health != "err", weight(&rule.state)));
        let count = |of: fn(&Rule) -> bool| wanted.iter().filter(|(_, rule)| of(rule)).count();
        let failing = wanted.iter().filter(|(_, rule)| rule.health == "err");
        let problems = failing.take(MOST_PROBLEMS).map(|(group, rule)| {
            format!(
                "{} of group {} cannot be evaluated: {}",
                rule.name, group.name, rule.last_error
            )
        });
        let mut problems: Vec<String> = problems.collect();
        problems.extend(slow(&groups));
        let shown: Vec<_> =
            wanted.iter().take(usize::try_from(rows).unwrap_or(usize::MAX)).collect();
        let of =
            if wanted.len() == all.len() { String::new() } else { format!(" of {}", all.len()) };
        let answer = Answer {
            summary: format!(
                "{}{of} rules: {} fail, {} fire, {} pending.",
                wanted.len(),
                count(|it| it.health == "err"),
                count(|it| it.state == "firing"),
                count(|it| it.state == "pending")
            ),
            problems,
            table: table(shown.iter().map(|it| **it)),
            page: Some(Page {
                returned: shown.len() as u64,
                total: wanted.len() as u64,
                exact: true,
                cursor: None,
            }),
            next: wanted
                .iter()
                .find(|(_, rule)| rule.state == "firing")
                .map(|(_, rule)| format!("explain_alert(alertname={})", rule.name))
                .into_iter()
                .collect(),
            examined: examined(&desk.client),
            ..Answer::default()
        };
        Ok(desk.close().into(answer))
    }
}

fn fits(ask: &Ask, (group, rule): &(&Group, &Rule)) -> bool {
    let has = |text: &str| {
        [&rule.name, &group.name, &rule.query]
            .iter()
            .any(|it| it.to_lowercase().contains(&text.to_lowercase()))
    };
    let health = match ask.health {
        None => true,
        Some(Health::Ok) => rule.health == "ok",
        Some(Health::Err) => rule.health == "err",
        Some(Health::Unknown) => rule.health == "unknown",
    };
    // Some servers do not keep to the type that is asked for.
    let kind = match ask.kind {
        None => true,
        Some(Kind::Alert) => rule.kind == "alerting",
        Some(Kind::Record) => rule.kind == "recording",
    };
    health && kind && ask.filter.as_deref().is_none_or(has)
}

fn weight(state: &str) -> u8 {
    match state {
        "firing" => 0,
        "pending" => 1,
        _ => 2,
    }
}

/// Groups whose evaluation takes longer than the time between two.
fn slow(groups: &[Group]) -> Vec<String> {
    let is_slow = |it: &&Group| it.interval > 0.0 && it.evaluation_time > it.interval;
    let line = |it: &Group| {
        format!(
            "group {} takes {} s and is evaluated every {} s: evaluations are missed",
            it.name,
            digits(it.evaluation_time, 3),
            digits(it.interval, 3)
        )
    };
    groups.iter().filter(is_slow).take(MOST_PROBLEMS).map(line).collect()
}

fn table<'a>(shown: impl Iterator<Item = &'a (&'a Group, &'a Rule)>) -> Table {
    let row = |(group, rule): &(&Group, &Rule)| {
        let state = if rule.kind == "recording" { "record" } else { rule.state.as_str() };
        let state = if rule.health == "err" { format!("{state}, fails") } else { state.to_owned() };
        let held = if rule.duration > 0.0 { span(rule.duration as i64) } else { String::new() };
        let severity = rule.labels.get("severity").cloned().unwrap_or_default();
        vec![rule.name.clone(), state, held, severity, group.name.clone(), short(&rule.query)]
    };
    let columns = ["RULE", "STATE", "FOR", "SEVERITY", "GROUP", "EXPRESSION"];
    Table { columns: columns.map(str::to_owned).to_vec(), rows: shown.map(row).collect() }
}
