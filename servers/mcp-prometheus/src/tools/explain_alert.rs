//! Why an alert fires, or does not: its rule's conditions with their values now, and who is told.

use crate::alerts::together::together;
use crate::alerts::{self, Alert, NAME};
use crate::ask::Desk;
use crate::empty;
use crate::explain::parts::{self, Part};
use crate::explain::{self, Scene, lacking, short};
use crate::number::{clock, digits};
use crate::record::examined;
use crate::server::{NAME as NAME_OF_SERVER, Prometheus};
use crate::table::seconds;
use clients::alertmanager::alerts::Silence;
use clients::prometheus::expression::Expression;
use clients::prometheus::matchers::LabelMatchers;
use clients::prometheus::rules::{Group, Rule};
use clients::prometheus::series::Labels;
use evidence::fact::alerting_rule::{AlertingRule, Lack};
use evidence::fact::{Body, Fact};
use jiff::Timestamp;
use mcp::age::{ago, counted, span};
use mcp::answer::{Answer, Quote, Table};
use mcp::arguments::Since;
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// The tool.
pub struct ExplainAlert;

/// Which alert.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    alertname: String,
    /// One of its alerts: namespace="shop",pod=~"web.*".
    labels: Option<String>,
    /// When its parts are measured.
    #[schemars(extend("seldom" = "time=10m"))]
    time: Option<Since>,
}

/// Alerts of one rule that are told one by one.
const MOST_ALERTS: usize = 5;
/// Rules of one name that are explained: the same alert in two severities is common, more are not.
const MOST_RULES: usize = 2;

impl Tool<Prometheus> for ExplainAlert {
    const NAME: &'static str = "explain_alert";
    const ABOUT: &'static str = "Why an alert fires or not: its rule taken apart, each condition's value against its limit and since \
when; silences.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let wanted = ask.labels.as_deref().map(str::parse::<LabelMatchers>).transpose();
        let wanted = wanted.map_err(|why| Failure::invalid(format!("argument `labels` {why}")))?;
        let mut desk = Desk::new(server.prometheus()?, call.deadline);
        let now = desk.now;
        // What the rule is made of is measured then; its state, and what alerts are, nobody keeps.
        desk.now = ask.time.map_or(now, |time| time.seen_from(now)).min(now);
        let (groups, passed) = tokio::join!(
            desk.sourced(desk.client.rules("alert")),
            alerts::passed(server, call.deadline)
        );
        let (groups, source) = groups?;
        let mut facts = Vec::new();
        let rules = named(&groups, &ask.alertname)?;
        let mut told = Answer { examined: examined(&desk.client), ..Answer::default() };
        let (mut there, mut quiet) = (None, BTreeMap::new());
        match passed {
            Ok(passed) => {
                told.examined.system = "Prometheus and Alertmanager".to_owned();
                desk.note(|it| {
                    it.merge(passed.record);
                });
                (there, quiet) = (Some((passed.alerts, 0)), passed.silences);
            }
            Err(failure) => desk.note(|record| alerts::quiet_unknown(record, &failure)),
        }
        // Rules come with their alerts, so that those need no read of their own.
        let raised = rules.iter().flat_map(|(_, rule)| rule.alerts.iter().cloned()).collect();
        let mut all = together(raised, 0, there);
        all.retain(|it| it.label(NAME) == ask.alertname);
        let fits = |it: &&Alert| wanted.as_ref().is_none_or(|wanted| wanted.admits(&it.labels));
        let own: Vec<&Alert> = all.iter().filter(fits).collect();
        told.summary = summary(&ask.alertname, &rules, &own, all.len(), now);
        if desk.now < now {
            told.summary.push_str(&format!(" Measured at {}.", clock(seconds(desk.now), now)));
        }
        for (group, rule) in rules.iter().take(MOST_RULES) {
            told.problems.extend(about_rule(group, rule, rules.len() > 1, now));
            // Of rules with one name each has its own alerts.
            let own: Vec<&Alert> = own.iter().filter(|it| is_of(it, rule)).copied().collect();
            let first = own.iter().find(|it| it.firing).or(own.first());
            let scene = Scene {
                desk: &desk,
                alert: first.map(|it| &it.labels),
                active: first.and_then(|it| it.since),
            };
            let tree = desk.client.expression(&rule.query);
            let parts = match tree.as_ref().map(|it| it.tree()) {
                Ok(Some(tree)) => parts::of(tree),
                _ => vec![Part::presence(rule.query.clone(), 0, "")],
            };
            let lacks = match (&tree, own.is_empty()) {
                (Ok(expression), true) => lacks(&desk, expression).await,
                _ => Vec::new(),
            };
            facts.push(Fact { source, body: Body::AlertingRule(as_fact(group, rule, lacks)) });
            let measured = scene.measure(&parts).await;
            told.problems.extend(own.iter().take(MOST_ALERTS).map(|it| instance(it, rule, now)));
            if own.len() > MOST_ALERTS {
                told.problems
                    .push(format!("and {} more alerts of this rule", own.len() - MOST_ALERTS));
            }
            if own.is_empty() {
                let unmet = parts.iter().zip(&measured).find(|it| it.1.is_met() == Some(false));
                told.problems.extend(unmet.map(|(part, it)| {
                    format!("{}, as `{}` is {}", none_of(rule), short(&part.text), it.told())
                }));
                if let (Some((_, it)), Ok(expression)) = (unmet, &tree)
                    && it.is_absent()
                {
                    told.problems.extend(empty::why(&desk, expression, desk.now).await);
                }
            }
            let Table { columns, rows } = explain::table(&parts, &measured);
            told.table.columns = columns;
            told.table.rows.extend(rows);
            told.quotes.extend(annotations(first.map_or(&rule.annotations, |it| &it.annotations)));
            let query = parts.first().map(|it| it.text.clone()).unwrap_or_default();
            told.next.push(format!("run_promql_range(query={query})"));
        }
        told.quotes.extend(silences(&own, &quiet, now));
        let measured_at = desk.now;
        let mut answer = desk.close().into(told);
        answer.testimony.server = NAME_OF_SERVER.to_owned();
        answer.testimony.tool = Self::NAME.to_owned();
        answer.testimony.arguments =
            json!({"alertname": ask.alertname, "labels": ask.labels, "time": measured_at});
        answer.testimony.facts = facts;
        Ok(answer)
    }
}

/// What of an expression nobody has.
async fn lacks(desk: &Desk, expression: &Expression) -> Vec<Lack> {
    match expression.tree() {
        Some(tree) => lacking::of(desk, tree).await,
        None => Vec::new(),
    }
}

fn as_fact(group: &Group, rule: &Rule, lacks: Vec<Lack>) -> AlertingRule {
    AlertingRule {
        name: rule.name.clone(),
        group: group.name.clone(),
        state: rule.state.clone(),
        expression: rule.query.clone(),
        health: rule.health.clone(),
        error: rule.last_error.clone(),
        lacks,
    }
}

/// The rules of that name.
fn named<'a>(groups: &'a [Group], name: &str) -> Result<Vec<(&'a Group, &'a Rule)>, Failure> {
    let all = || groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
    let rules: Vec<_> = all().filter(|(_, rule)| rule.name == name).collect();
    if !rules.is_empty() {
        return Ok(rules);
    }
    let names: Vec<&str> = all().map(|(_, rule)| rule.name.as_str()).collect();
    Err(Failure {
        code: Code::NotFound,
        message: format!("there is no alerting rule {name}"),
        retryable: false,
        hint: match names.is_empty() {
            true => {
                "this Prometheus has no alerting rules; they may be evaluated elsewhere".to_owned()
            }
            false => offer(name, names),
        },
    })
}

/// Whether an alert can come of this rule, by the labels that the rule sets itself.
fn is_of(alert: &Alert, rule: &Rule) -> bool {
    // Thanos puts the external labels of its Prometheus into rules, and not into their alerts.
    rule.alerts.iter().any(|it| it.labels == alert.labels)
        || rule
            .labels
            .iter()
            .all(|(name, value)| value.contains("{{") || alert.label(name) == value)
}

/// What is said of a rule without an alert that was asked about.
fn none_of(rule: &Rule) -> &'static str {
    match rule.alerts.is_empty() && is_inactive(rule) {
        true => "inactive",
        false => "not met",
    }
}

/// Some servers leave it out.
fn is_inactive(rule: &Rule) -> bool {
    matches!(rule.state.as_str(), "inactive" | "")
}

fn summary(
    name: &str,
    rules: &[(&Group, &Rule)],
    own: &[&Alert],
    all: usize,
    now: Timestamp,
) -> String {
    let firing = own.iter().filter(|it| it.firing).count();
    let quiet = own.iter().filter(|it| it.is_quiet()).count();
    let oldest = own.iter().filter_map(|it| it.since).min();
    let held = rules.first().map_or(0.0, |(_, rule)| rule.duration);
    let held = if held > 0.0 { format!(", after {}", span(held as i64)) } else { String::new() };
    let active = rules.iter().map(|it| it.1).find(|it| !is_inactive(it)).map(|it| &it.state);
    let rules = if rules.len() > 1 { format!(" ({} rules)", rules.len()) } else { String::new() };
    if own.is_empty() && all > 0 {
        return format!("{name}{rules}: none of its {} fits `labels`.", counted(all, "alert"));
    }
    if let (true, Some(state)) = (own.is_empty(), active) {
        return format!("{name}{rules} is {state}, and none of its alerts could be read.");
    }
    if own.is_empty() {
        return format!("{name}{rules} is inactive.");
    }
    let quiet = if quiet > 0 { format!("; nobody is told of {quiet}") } else { String::new() };
    format!(
        "{name}{rules}: {firing} firing, {} pending{held}; the oldest condition holds since {}{quiet}.",
        own.len() - firing,
        oldest.map_or_else(
            || "an unknown time".to_owned(),
            |at| format!("{} ({})", clock(seconds(at), now), ago(now, Some(at)))
        )
    )
}

/// What is wrong with the rule itself.
fn about_rule(group: &Group, rule: &Rule, several: bool, now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    if several {
        let labels: Vec<String> =
            rule.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        lines.push(format!("rule of group {} with {}:", group.name, labels.join(",")));
    }
    if rule.health == "err" || !rule.last_error.is_empty() {
        lines.push(format!(
            "its last evaluation failed, so it can tell nothing: {}",
            rule.last_error
        ));
    }
    let late = rule.last_evaluation.map(|at| now.as_second() - at.as_second());
    if let Some(late) = late.filter(|late| *late as f64 > 4.0 * group.interval.max(15.0)) {
        lines.push(format!(
            "its last evaluation was {} ago, and its group is evaluated every {} s",
            span(late),
            digits(group.interval, 3)
        ));
    }
    lines
}

/// One alert: how far it is, and who is told.
fn instance(alert: &Alert, rule: &Rule, now: Timestamp) -> String {
    let is_own = |it: &(&String, &String)| it.0 != NAME && !rule.labels.contains_key(it.0);
    let labels: Vec<String> =
        alert.labels.iter().filter(is_own).map(|(name, value)| format!("{name}={value}")).collect();
    let held = alert.since.map(|at| now.as_second() - at.as_second());
    let state = match (alert.firing, held) {
        (true, Some(held)) => format!("{}, its condition for {}", alert.state(), span(held)),
        (false, Some(held)) => {
            let fires = seconds(now) + rule.duration - held as f64;
            format!(
                "pending for {} of {}: fires at {} if it holds",
                span(held),
                span(rule.duration as i64),
                clock(fires, now)
            )
        }
        (_, None) => alert.state(),
    };
    let by = |what: &str, by: &[String]| match by {
        [] => String::new(),
        by => format!("; {what} {}", by.join(", ")),
    };
    let value = alert
        .value
        .parse::<f64>()
        .map(|it| format!("; value {}", digits(it, 4)))
        .unwrap_or_default();
    let told = if alert.passed_on == Some(false) { "; Alertmanager does not know it" } else { "" };
    format!(
        "{}: {state}{value}{}{}{}{told}",
        if labels.is_empty() { "the alert".to_owned() } else { labels.join(",") },
        by("silenced by", &alert.silenced_by),
        by("inhibited by", &alert.inhibited_by),
        by("told to", &alert.receivers)
    )
}

fn annotations(annotations: &Labels) -> Option<Quote> {
    let lines: Vec<String> =
        annotations.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    (!lines.is_empty()).then(|| Quote { label: "annotations".to_owned(), text: lines.join("\n") })
}

fn silences(own: &[&Alert], silences: &BTreeMap<String, Silence>, now: Timestamp) -> Option<Quote> {
    let mut lines: Vec<String> = own
        .iter()
        .flat_map(|it| &it.silenced_by)
        .filter_map(|id| silences.get(id))
        .map(|it| {
            let ends = it.ends_at.map_or(0, |at| at.as_second() - now.as_second());
            let matchers: Vec<String> = it.matchers.iter().map(ToString::to_string).collect();
            format!(
                "{} {{{}}} by {}, ends in {}: {}",
                it.id,
                matchers.join(","),
                it.created_by,
                span(ends),
                it.comment
            )
        })
        .collect();
    lines.sort();
    lines.dedup();
    (!lines.is_empty()).then(|| Quote { label: "silences".to_owned(), text: lines.join("\n") })
}
