//! What metrics are: type, unit and help.

use crate::prometheus::connection::{Prometheus, decoded};
use crate::prometheus::form::Form;
use crate::prometheus::reads::METADATA;
use crate::web::said::Said;
use readonly::refusal::Refusal;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What one metric is, as its targets say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Metadata {
    /// `counter`, `gauge`, `histogram`, `summary` or `unknown`.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// Its unit; seldom told.
    #[serde(default)]
    pub unit: String,
    /// What its author says of it.
    #[serde(default)]
    pub help: String,
}

impl Prometheus {
    /// What `metric` is, as its targets say it; empty where none says anything.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn metadata(&self, metric: &str) -> Result<Said<Vec<Metadata>>, Refusal> {
        let form = Form::default().with("metric", metric);
        let said = self.get(METADATA, &form).await?;
        let said: Said<BTreeMap<String, Vec<Metadata>>> = decoded(said).await?;
        Ok(said.map(|mut all| all.remove(metric).unwrap_or_default()))
    }
}
