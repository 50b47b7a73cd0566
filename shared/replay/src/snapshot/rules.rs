//! `prometheus/rules.yaml`: the alerting and recording rules, as a Prometheus rule file has them.

use crate::prometheus::duration;
use crate::prometheus::promql::compile;
use crate::snapshot::document;
use crate::snapshot::error::LoadError;
use crate::snapshot::files::Files;
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;

/// Where it stands.
pub(crate) const FILE: &str = "prometheus/rules.yaml";

/// Rules that are evaluated one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The name.
    pub name: String,
    /// Milliseconds between two evaluations.
    pub interval: i64,
    /// The rules in their order.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What comes of it.
    pub kind: Kind,
    /// In PromQL; it has been parsed.
    pub expression: String,
    /// What it adds to the labels; of an alerting rule these are templates.
    pub labels: BTreeMap<String, String>,
}

/// What comes of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Alerts.
    Alert {
        /// The name.
        name: String,
        /// Milliseconds for which it must be true before it fires.
        hold: i64,
        /// Milliseconds for which it goes on firing when it is true no more.
        keep_firing: i64,
        /// Templates.
        annotations: BTreeMap<String, String>,
    },
    /// Series of this name. They are recorded like any other; nothing is made of the rule here.
    Record {
        /// The name of the metric.
        name: String,
    },
}

/// How often Prometheus evaluates unless it is told, and where it is told 0, in milliseconds.
const INTERVAL: i64 = 60_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    #[serde(default)]
    groups: Vec<WrittenGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenGroup {
    name: String,
    interval: Option<Spanned<String>>,
    #[serde(default, rename = "limit")]
    _limit: u64,
    #[serde(default)]
    rules: Vec<Spanned<WrittenRule>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    alert: Option<String>,
    record: Option<String>,
    expr: Spanned<String>,
    #[serde(rename = "for")]
    hold: Option<Spanned<String>>,
    keep_firing_for: Option<Spanned<String>>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// Reads the rules; none if there is no such file.
pub(crate) fn read(files: &Files) -> Result<Option<Vec<Group>>, LoadError> {
    let Some(bytes) = files.get(FILE) else { return Ok(None) };
    let written: WrittenFile = document::document(FILE, bytes)?;
    let mut groups = Vec::new();
    for group in written.groups {
        let interval = match group.interval.as_ref().map_or(Ok(0), milliseconds)? {
            0 => INTERVAL,
            interval => interval,
        };
        let rules = group.rules.iter().map(rule).collect::<Result<_, _>>()?;
        groups.push(Group { name: group.name, interval, rules });
    }
    Ok(Some(groups))
}

fn rule(written: &Spanned<WrittenRule>) -> Result<Rule, LoadError> {
    let rule = &written.value;
    let optional = |written: &Option<Spanned<String>>| written.as_ref().map_or(Ok(0), milliseconds);
    let kind = match (&rule.alert, &rule.record) {
        (Some(name), None) => Kind::Alert {
            name: name.clone(),
            hold: optional(&rule.hold)?,
            keep_firing: optional(&rule.keep_firing_for)?,
            annotations: rule.annotations.clone(),
        },
        (None, Some(name)) => Kind::Record { name: name.clone() },
        _ => return refuse(written, "a rule has either `alert` or `record`".to_owned()),
    };
    let expression = match compile::written(&rule.expr.value) {
        Ok(expression) => expression,
        Err(failure) => {
            return refuse(&rule.expr, format!("expr is no PromQL: {}", failure.message));
        }
    };
    Ok(Rule { kind, expression, labels: rule.labels.clone() })
}

fn milliseconds(written: &Spanned<String>) -> Result<i64, LoadError> {
    match duration::parse(&written.value) {
        Some(milliseconds) => Ok(milliseconds),
        None => refuse(written, format!("{:?} is not a duration such as 5m", written.value)),
    }
}

fn refuse<T, R>(written: &Spanned<T>, reason: String) -> Result<R, LoadError> {
    let place = written.referenced;
    Err(LoadError::at(FILE, place.line(), place.column(), reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn read_text(text: &'static str) -> Result<Vec<Group>, String> {
        let files = Files::from([(FILE.to_owned(), Bytes::from_static(text.as_bytes()))]);
        read(&files).map(Option::unwrap).map_err(|error| error.to_string())
    }

    #[test]
    fn an_expression_that_is_none_is_refused_where_it_stands() {
        let text = "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up ==\n";
        let refusal = read_text(text).unwrap_err();
        assert!(refusal.starts_with("prometheus/rules.yaml:5:11: expr is no PromQL"), "{refusal}");
    }

    #[test]
    fn an_interval_of_nothing_is_the_usual_one() {
        let text = "groups:\n- {name: a, interval: 0s}\n- {name: b}\n- {name: c, interval: 5s}\n";
        let intervals: Vec<i64> =
            read_text(text).unwrap().iter().map(|group| group.interval).collect();
        assert_eq!(intervals, [60_000, 60_000, 5_000]);
    }

    #[test]
    fn an_alert_waits_for_as_long_as_it_says() {
        let text = "groups:\n- {name: a, rules: [{alert: A, expr: up == 0, for: 1m30s}]}\n";
        let groups = read_text(text).unwrap();
        assert!(matches!(groups[0].rules[0].kind, Kind::Alert { hold: 90_000, .. }));
    }
}
