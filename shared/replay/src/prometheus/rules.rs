//! `/rules` and `/alerts`.

use crate::prometheus::alerting::{self, Alert, Said};
use crate::prometheus::parameters::{self, Parameters};
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::reply::Reply;
use crate::prometheus::status::time;
use crate::prometheus::{number, promql};
use crate::snapshot::Snapshot;
use crate::snapshot::metrics::Metrics;
use crate::snapshot::rules::{FILE, Group, Kind, Rule};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The rules of a snapshot with what they have to say.
#[derive(Debug)]
pub(super) struct Judged {
    groups: Vec<JudgedGroup>,
    now: i64,
}

#[derive(Debug)]
struct JudgedGroup {
    group: Group,
    /// What each of its rules says.
    said: Vec<Said>,
}

impl Judged {
    /// Evaluates every rule; none if the rules were not recorded.
    pub(super) fn of(snapshot: &Snapshot, metrics: &Metrics) -> Option<Judged> {
        let now = snapshot.about.captured_at.as_millisecond();
        let judge = |rule: &Rule, interval: i64| match &rule.kind {
            Kind::Alert { .. } => alerting::alerts(metrics, rule, interval, now),
            // Whether it can be evaluated; what it records is among the series.
            Kind::Record { .. } => {
                let failure = promql::instant(metrics, &rule.expression, now).err();
                Said { alerts: Vec::new(), failure }
            }
        };
        let groups = snapshot.rules.as_ref()?.iter().map(|group| {
            let said = group.rules.iter().map(|rule| judge(rule, group.interval)).collect();
            JudgedGroup { group: group.clone(), said }
        });
        Some(Judged { groups: groups.collect(), now })
    }

    pub(super) fn alerts(&self) -> Reply {
        let said = self.groups.iter().flat_map(|one| &one.said).flat_map(|said| &said.alerts);
        Reply::value(&json!({"alerts": said.map(alert).collect::<Vec<Value>>()}))
    }

    pub(super) fn rules(&self, parameters: &Parameters) -> Result<Reply, Failure> {
        let kind = parameters.text("type").to_lowercase();
        if !matches!(kind.as_str(), "" | "alert" | "record") {
            return Err(parameters::invalid("type", format!("not supported value {kind:?}")));
        }
        let wanted = |rule: &Rule| match &rule.kind {
            Kind::Alert { .. } => kind != "record",
            Kind::Record { .. } => kind != "alert",
        };
        let groups = self.groups.iter().map(|JudgedGroup { group, said }| {
            let rules = group.rules.iter().zip(said).filter(|(rule, _)| wanted(rule));
            json!({"name": group.name, "file": FILE, "interval": seconds(group.interval), "limit": 0,
                "rules": rules.map(|(rule, said)| self.rule(rule, said)).collect::<Vec<Value>>(),
                "evaluationTime": 0, "lastEvaluation": time(self.now)})
        });
        Ok(Reply::value(&json!({"groups": groups.collect::<Vec<Value>>()})))
    }

    fn rule(&self, rule: &Rule, said: &Said) -> Value {
        let mut told = Map::new();
        let mut tell = |key: &str, value: Value| told.insert(key.to_owned(), value);
        match &rule.kind {
            Kind::Record { name } => {
                tell("name", json!(name));
                tell("type", json!("recording"));
            }
            Kind::Alert { name, hold, keep_firing, annotations } => {
                let alerts = &said.alerts;
                tell("name", json!(name));
                tell("type", json!("alerting"));
                tell("state", json!(state(alerts)));
                tell("duration", seconds(*hold));
                tell("keepFiringFor", seconds(*keep_firing));
                tell("annotations", json!(annotations));
                tell("alerts", alerts.iter().map(alert).collect());
            }
        }
        tell("query", json!(rule.expression));
        tell("labels", json!(rule.labels));
        tell("health", json!(if said.failure.is_none() { "ok" } else { "err" }));
        if let Some(failure) = &said.failure {
            tell("lastError", json!(failure.message));
        }
        tell("evaluationTime", json!(0));
        tell("lastEvaluation", json!(time(self.now)));
        told.into()
    }
}

/// That of the alert that is furthest.
fn state(alerts: &[Alert]) -> &'static str {
    match alerts {
        [] => "inactive",
        _ if alerts.iter().any(|alert| alert.fires) => "firing",
        _ => "pending",
    }
}

fn alert(alert: &Alert) -> Value {
    let labels: BTreeMap<&str, &str> = alert.labels.iter().collect();
    let mut told = json!({"labels": labels, "annotations": alert.annotations,
        "state": if alert.fires { "firing" } else { "pending" },
        "activeAt": time(alert.since), "value": number::exponent(alert.value)});
    if let (Some(since), Some(told)) = (alert.kept_since, told.as_object_mut()) {
        told.insert("keepFiringSince".to_owned(), json!(time(since)));
    }
    told
}

/// Whole seconds stay whole.
fn seconds(milliseconds: i64) -> Value {
    match milliseconds % 1000 {
        0 => json!(milliseconds / 1000),
        _ => json!(milliseconds as f64 / 1000.0),
    }
}
