//! Which Grafana it is.

use crate::grafana::connection::Grafana;
use crate::grafana::reads::HEALTH;
use crate::web::said::Said;
use readonly::refusal::Refusal;
use serde::Deserialize;

/// How Grafana itself is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Such as `12.4.0`; empty where it is set to be hidden.
    pub version: String,
    /// `ok`, or what is wrong with its own database.
    pub database: String,
}

impl Grafana {
    /// How it is.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn health(&self) -> Result<Said<Health>, Refusal> {
        self.get(HEALTH, &[]).await
    }
}
