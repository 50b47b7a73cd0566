//! The rule of an alert: what it asks for, and what of that nobody has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An alerting rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AlertingRule {
    /// The alert's name.
    pub name: String,
    /// The group that it stands in.
    pub group: String,
    /// `inactive`, `pending` or `firing`.
    pub state: String,
    /// Its expression.
    pub expression: String,
    /// `ok`, `err` or `unknown`.
    pub health: String,
    /// Why its last evaluation failed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// What its expression cannot do without, and nobody has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Lack>,
}

/// A metric, or a label's value of one, of which there is no series.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Lack {
    /// The metric.
    pub metric: String,
    /// The label whose value no series of the metric has; empty where there is no such metric.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// That value.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// What is there and looks like it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<String>,
}
