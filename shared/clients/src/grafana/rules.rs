//! Grafana's own alert rules: with their states, or at least as they were written.

use crate::grafana::connection::Grafana;
use crate::grafana::reads::{DEFINITIONS, RULES};
use crate::web::said::Said;
use crate::web::tolerant::or_nothing;
use jiff::Timestamp;
use readonly::refusal::Refusal;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Labels by name.
pub type Labels = BTreeMap<String, String>;

/// Rules that are evaluated together.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Group {
    /// The group's name.
    #[serde(deserialize_with = "or_nothing")]
    pub name: String,
    /// The folder's title.
    #[serde(deserialize_with = "or_nothing")]
    pub file: String,
    /// Its rules.
    #[serde(deserialize_with = "or_nothing")]
    pub rules: Vec<Rule>,
}

/// A rule and how it is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rule {
    /// What it is called.
    #[serde(deserialize_with = "or_nothing")]
    pub name: String,
    /// Its uid; older versions do not say it.
    #[serde(deserialize_with = "or_nothing")]
    pub uid: String,
    /// `alerting` or `recording`.
    #[serde(rename = "type", deserialize_with = "or_nothing")]
    pub kind: String,
    /// `firing`, `pending`, `recovering` or `inactive`; none of a recording rule.
    #[serde(deserialize_with = "or_nothing")]
    pub state: String,
    /// `ok`, `error`, `nodata` or `unknown`.
    #[serde(deserialize_with = "or_nothing")]
    pub health: String,
    /// Why the last evaluation failed.
    #[serde(deserialize_with = "or_nothing")]
    pub last_error: String,
    /// What it asks, as text.
    #[serde(deserialize_with = "or_nothing")]
    pub query: String,
    /// Seconds that it must hold before it fires.
    pub duration: f64,
    /// Not evaluated at all.
    pub is_paused: bool,
    /// Its labels.
    #[serde(deserialize_with = "or_nothing")]
    pub labels: Labels,
    /// What it says of itself.
    #[serde(deserialize_with = "or_nothing")]
    pub annotations: Labels,
    /// What it raised.
    #[serde(deserialize_with = "or_nothing")]
    pub alerts: Vec<Alert>,
}

/// An alert that a rule raised.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Alert {
    /// Its labels.
    #[serde(deserialize_with = "or_nothing")]
    pub labels: Labels,
    /// `Alerting`, `Pending`, `Normal`, `NoData` or `Error`, with a reason behind some.
    #[serde(deserialize_with = "or_nothing")]
    pub state: String,
    /// Since when.
    pub active_at: Option<Timestamp>,
    /// The value, where there is one.
    #[serde(deserialize_with = "or_nothing")]
    pub value: String,
}

/// A rule as it was written.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Definition {
    /// Its uid.
    #[serde(deserialize_with = "or_nothing")]
    pub uid: String,
    /// What it is called.
    #[serde(deserialize_with = "or_nothing")]
    pub title: String,
    /// The group's name.
    #[serde(deserialize_with = "or_nothing")]
    pub rule_group: String,
    /// The folder's uid.
    #[serde(rename = "folderUID", deserialize_with = "or_nothing")]
    pub folder_uid: String,
    /// Not evaluated at all.
    pub is_paused: bool,
    /// How long it must hold, as `5m`.
    #[serde(rename = "for", deserialize_with = "or_nothing")]
    pub held: String,
    /// Its labels.
    #[serde(deserialize_with = "or_nothing")]
    pub labels: Labels,
    /// Its queries and expressions.
    #[serde(deserialize_with = "or_nothing")]
    pub data: Vec<Part>,
}

/// One query or expression of a rule.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Part {
    /// What others name it by, as `A`.
    #[serde(deserialize_with = "or_nothing")]
    pub ref_id: String,
    /// Whom it asks; `__expr__` for an expression over other parts.
    #[serde(deserialize_with = "or_nothing")]
    pub datasource_uid: String,
    /// What it asks, in the words of the data source.
    pub model: Value,
}

// Both fields must be there: what has no groups is no list of none.
#[derive(Deserialize)]
struct Frame {
    data: Discovery,
}

#[derive(Deserialize)]
struct Discovery {
    #[serde(deserialize_with = "or_nothing")]
    groups: Vec<Group>,
}

impl Grafana {
    /// The rules of Grafana itself, with their states.
    ///
    /// # Errors
    /// Where the server refuses or does not answer, or has no alerting.
    pub async fn rules(&self) -> Result<Said<Vec<Group>>, Refusal> {
        let frame: Said<Frame> = self.get(RULES, &[]).await?;
        Ok(frame.map(|it| it.data.groups))
    }

    /// The rules as they were written.
    ///
    /// # Errors
    /// Where the server refuses or does not answer, or has no alerting.
    pub async fn definitions(&self) -> Result<Said<Vec<Definition>>, Refusal> {
        self.get(DEFINITIONS, &[]).await
    }
}
