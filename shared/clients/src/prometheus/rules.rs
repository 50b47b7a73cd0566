//! Rules and the alerts that they raise, as Prometheus evaluates them.

use crate::prometheus::connection::{Prometheus, decoded};
use crate::prometheus::form::Form;
use crate::prometheus::reads::{ALERTS, RULES};
use crate::prometheus::series::Labels;
use crate::web::said::Said;
use crate::web::tolerant::or_nothing;
use jiff::Timestamp;
use readonly::refusal::Refusal;
use serde::Deserialize;

/// Rules that are evaluated one after the other.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The file that it stands in.
    pub file: String,
    /// Seconds between two evaluations.
    pub interval: f64,
    /// Seconds that the last evaluation took.
    #[serde(rename = "evaluationTime")]
    pub evaluation_time: f64,
    /// Its rules, in order.
    #[serde(deserialize_with = "or_nothing")]
    pub rules: Vec<Rule>,
}

/// One rule: recording, or alerting.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rule {
    /// `recording` or `alerting`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The metric that it records, or the alert's name.
    pub name: String,
    /// Its expression.
    pub query: String,
    /// Seconds that the expression must hold before the alert fires.
    pub duration: f64,
    /// Seconds that the alert stays after the expression has ended.
    #[serde(alias = "keep_firing_for")]
    pub keep_firing_for: f64,
    /// Labels that it adds.
    pub labels: Labels,
    /// Annotations of its alerts.
    pub annotations: Labels,
    /// `ok`, `err` or `unknown`.
    pub health: String,
    /// Why its last evaluation failed.
    pub last_error: String,
    /// When it was last evaluated.
    pub last_evaluation: Option<Timestamp>,
    /// `inactive`, `pending` or `firing`; alerting rules only.
    pub state: String,
    /// Its alerts.
    #[serde(deserialize_with = "or_nothing")]
    pub alerts: Vec<Alert>,
}

/// An alert that is pending or firing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Alert {
    /// Its labels, `alertname` among them.
    pub labels: Labels,
    /// What its rule says of it.
    pub annotations: Labels,
    /// `pending` or `firing`.
    pub state: String,
    /// Since when its expression holds.
    pub active_at: Option<Timestamp>,
    /// The value of its expression, as text.
    pub value: String,
}

#[derive(Deserialize)]
struct Groups {
    #[serde(default, deserialize_with = "or_nothing")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Alerts {
    #[serde(default, deserialize_with = "or_nothing")]
    alerts: Vec<Alert>,
}

impl Prometheus {
    /// The rules with their alerts; `kind` is `alert`, `record` or empty for both.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn rules(&self, kind: &str) -> Result<Said<Vec<Group>>, Refusal> {
        let said = self.get(RULES, &Form::default().with("type", kind)).await?;
        let said: Said<Groups> = decoded(said).await?;
        Ok(said.map(|it| self.seen(it.groups)))
    }

    /// The alerts that are pending or firing.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn alerts(&self) -> Result<Said<Vec<Alert>>, Refusal> {
        let said: Said<Alerts> = decoded(self.get(ALERTS, &Form::default()).await?).await?;
        Ok(said.map(|it| {
            let mut alerts = it.alerts;
            alerts.retain(|it| self.may_see(&it.labels));
            alerts
        }))
    }

    /// Alerts of others are not told where matchers are enforced, and neither are rules that can raise none of ours.
    fn seen(&self, mut groups: Vec<Group>) -> Vec<Group> {
        if self.enforced.is_none() {
            return groups;
        }
        for group in &mut groups {
            for rule in &mut group.rules {
                rule.alerts.retain(|it| self.may_see(&it.labels));
            }
            group.rules.retain(|it| !it.alerts.is_empty() || self.may_see(&it.labels));
        }
        groups.retain(|it| !it.rules.is_empty());
        groups
    }

    pub(crate) fn may_see(&self, labels: &Labels) -> bool {
        self.enforced.as_ref().is_none_or(|it| it.admits(labels))
    }
}
