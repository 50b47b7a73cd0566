//! `alertmanager/alerts.json` and `alertmanager/silences.json`, as Alertmanager's v2 API returns them.

use crate::snapshot::document;
use crate::snapshot::error::LoadError;
use crate::snapshot::files::Files;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where they stand.
const FILES: [&str; 2] = ["alertmanager/alerts.json", "alertmanager/silences.json"];

/// What was read from Alertmanager.
#[derive(Debug, Default)]
pub struct Alertmanager {
    /// None if they were not recorded.
    pub alerts: Option<Vec<Alert>>,
    /// None if they were not recorded.
    pub silences: Option<Vec<Silence>>,
}

/// An alert that Alertmanager has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// What for a human.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// When it ends unless it is sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// A hash of the labels; computed where it is missing.
    #[serde(default)]
    pub fingerprint: String,
    /// Who is told.
    #[serde(default = "one_receiver")]
    pub receivers: Vec<Receiver>,
    /// When it began.
    pub starts_at: Timestamp,
    /// Whether it is silenced or inhibited.
    #[serde(default)]
    pub status: AlertStatus,
    /// When it was last sent; when it began where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// Where it comes from.
    #[serde(default, rename = "generatorURL", skip_serializing_if = "Option::is_none")]
    pub generator_url: Option<String>,
    /// What it is about.
    pub labels: BTreeMap<String, String>,
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Receiver {
    /// The name.
    pub name: String,
}

/// Whether an alert is silenced or inhibited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertStatus {
    /// Fingerprints of alerts.
    #[serde(default)]
    pub inhibited_by: Vec<String>,
    /// Ids of silences.
    #[serde(default)]
    pub silenced_by: Vec<String>,
    /// `active`, `suppressed` or `unprocessed`.
    #[serde(default = "active")]
    pub state: String,
}

impl Default for AlertStatus {
    fn default() -> AlertStatus {
        AlertStatus { inhibited_by: Vec::new(), silenced_by: Vec::new(), state: active() }
    }
}

/// A silence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Silence {
    /// The id.
    pub id: String,
    /// Whether it counts now.
    pub status: SilenceStatus,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Why.
    #[serde(default)]
    pub comment: String,
    /// Who made it.
    #[serde(default)]
    pub created_by: String,
    /// Until when.
    pub ends_at: Timestamp,
    /// Which alerts.
    pub matchers: Vec<Matcher>,
    /// Since when.
    pub starts_at: Timestamp,
}

/// Whether a silence counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SilenceStatus {
    /// `active`, `pending` or `expired`.
    pub state: String,
}

/// One condition of a silence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Matcher {
    /// False for `!=` and `!~`.
    #[serde(default = "yes")]
    pub is_equal: bool,
    /// Whether the value is a regular expression.
    pub is_regex: bool,
    /// Of which label.
    pub name: String,
    /// What it must be, or not.
    pub value: String,
}

fn one_receiver() -> Vec<Receiver> {
    vec![Receiver { name: "default".to_owned() }]
}

fn active() -> String {
    "active".to_owned()
}

fn yes() -> bool {
    true
}

/// Reads both files, where they are there.
pub(crate) fn read(files: &Files) -> Result<Alertmanager, LoadError> {
    let stray =
        |path: &&String| path.starts_with("alertmanager/") && !FILES.contains(&path.as_str());
    if let Some(path) = files.keys().find(stray) {
        return Err(LoadError::new(path, format!("is none of {}", FILES.join(", "))));
    }
    let [alerts, silences] = FILES;
    let mut alerts: Option<Vec<Alert>> = list(files, alerts)?;
    for alert in alerts.iter_mut().flatten() {
        if alert.fingerprint.is_empty() {
            alert.fingerprint = fingerprint(&alert.labels);
        }
        alert.updated_at.get_or_insert(alert.starts_at);
    }
    Ok(Alertmanager { alerts, silences: list(files, silences)? })
}

fn list<T: serde::de::DeserializeOwned>(files: &Files, file: &str) -> Result<Option<T>, LoadError> {
    files.get(file).map(|bytes| document::json(file, bytes)).transpose()
}

/// The hash that Alertmanager names an alert by: FNV-1a over the sorted labels, each name and value closed by 0xff.
fn fingerprint(labels: &BTreeMap<String, String>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for (name, value) in labels {
        let bytes = name.bytes().chain([0xff]).chain(value.bytes()).chain([0xff]);
        for byte in bytes {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}
