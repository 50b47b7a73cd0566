//! How the server itself is: what its database holds, how long it keeps it, and how its configuration was loaded.

use crate::prometheus::connection::{Prometheus, SYSTEM, decoded};
use crate::prometheus::form::Form;
use crate::prometheus::reads::{DATABASE, RUNTIME};
use crate::web::said::Said;
use jiff::Timestamp;
use readonly::refusal::{Kind, Refusal};
use serde::Deserialize;

/// How the server runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Runtime {
    /// When it was started.
    pub start_time: Option<Timestamp>,
    /// Whether its configuration could be loaded the last time that this was tried.
    pub reload_config_success: Option<bool>,
    /// When that was.
    pub last_config_time: Option<Timestamp>,
    /// How often its write-ahead log was found to be corrupt.
    pub corruption_count: u64,
    /// How long it keeps samples, as `15d` or `15d or 50GB`.
    pub storage_retention: String,
}

/// What the database holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Database {
    /// The newest part of it; all zero where it has none, as VictoriaMetrics.
    pub head_stats: Head,
    /// Series of today, where it has no head.
    pub total_series: Option<u64>,
    /// The metrics with the most series.
    pub series_count_by_metric_name: Vec<Count>,
    /// The labels with the most values.
    pub label_value_count_by_label_name: Vec<Count>,
    /// The labels that take the most memory, in bytes.
    pub memory_in_bytes_by_label_name: Vec<Count>,
    /// The pairs of label and value with the most series.
    pub series_count_by_label_value_pair: Vec<Count>,
}

/// The newest part of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Head {
    /// Series.
    pub num_series: u64,
    /// Chunks, where it tells.
    pub chunk_count: Option<u64>,
    /// Its oldest sample, in Unix milliseconds.
    pub min_time: i64,
    /// Its newest sample, in Unix milliseconds.
    pub max_time: i64,
}

/// How many of something there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Count {
    /// Of what.
    pub name: String,
    /// How many.
    pub value: u64,
}

impl Prometheus {
    /// How the server runs.
    ///
    /// # Errors
    /// Where the server refuses or does not answer, as Thanos and Mimir do not.
    pub async fn runtime(&self) -> Result<Said<Runtime>, Refusal> {
        decoded(self.get(RUNTIME, &Form::default()).await?).await
    }

    /// What the database holds; at most `limit` of each list, where the server knows that.
    ///
    /// # Errors
    /// Where the server refuses or does not answer, and where matchers are enforced: it would tell of all tenants.
    pub async fn database(&self, limit: usize) -> Result<Said<Database>, Refusal> {
        if let Some(enforced) = &self.enforced {
            let why = format!("it tells of all series, and {enforced} is enforced here");
            let request = format!("GET {DATABASE}");
            return Err(Refusal { system: SYSTEM, request, kind: Kind::Forbidden(why) });
        }
        let form = Form::default().with("limit", limit.to_string());
        decoded(self.get(DATABASE, &form).await?).await
    }
}
