//! `snapshot.yaml`: where and when a snapshot was taken, and what could not be read.

use evidence::scope::Window;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the snapshot's form.
pub const API_VERSION: &str = "inquest.dev/v1";

/// What `snapshot.yaml` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct About {
    /// Always `inquest.dev/v1`.
    pub api_version: String,
    /// Always `Snapshot`.
    pub kind: String,
    /// The cluster's name.
    #[serde(default)]
    pub cluster: String,
    /// When it was taken: the "now" of whoever reads it.
    pub captured_at: Timestamp,
    /// The time that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// How secrets were removed; any words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<serde_json::Value>,
    /// What could and what could not be read: `kubernetes`, `events`, `logs`, `prometheus`, ... or a
    /// Kubernetes resource in the plural.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: BTreeMap<String, Source>,
}

/// Whether one source could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Source {
    /// Whether it could.
    #[serde(default = "yes")]
    pub available: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What of it was left out; any words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<serde_json::Value>,
}

fn yes() -> bool {
    true
}
