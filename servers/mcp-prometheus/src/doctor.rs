//! What there is to say of the two systems: reachable, which version, whose clock.

use crate::server::Prometheus;
use jiff::SignedDuration;
use mcp::failure::{Code, Failure};

/// One of the two systems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// `prometheus` or `alertmanager`.
    pub system: &'static str,
    /// Where it answers.
    pub address: String,
    /// Its version, as `Prometheus 2.42.0`.
    pub version: String,
    /// How far its clock is ahead of ours; none where it did not say the time.
    pub skew: Option<SignedDuration>,
    /// What confines all queries; empty where nothing does.
    pub enforced: String,
}

impl Prometheus {
    /// Asks each of the two that is configured how it is.
    pub async fn doctor(&self) -> Vec<Result<Health, Failure>> {
        let (prometheus, alertmanager) =
            tokio::join!(self.prometheus_health(), self.alertmanager_health());
        let is_configured = |it: &Result<Health, Failure>| !matches!(it, Err(failure) if failure.code == Code::NotFound && failure.message.starts_with("no "));
        [prometheus, alertmanager].into_iter().filter(is_configured).collect()
    }

    async fn prometheus_health(&self) -> Result<Health, Failure> {
        let client = self.prometheus()?;
        let version = client.version().await.map_err(|refusal| Failure::from(&refusal))?;
        Ok(Health {
            system: "prometheus",
            address: client.address().to_owned(),
            version: version.build.to_string(),
            skew: version.ahead,
            enforced: client.enforced().map(ToString::to_string).unwrap_or_default(),
        })
    }

    async fn alertmanager_health(&self) -> Result<Health, Failure> {
        let client = self.alertmanager()?;
        let said = client.status().await.map_err(|refusal| Failure::from(&refusal))?;
        Ok(Health {
            system: "alertmanager",
            address: client.address().to_owned(),
            version: format!("Alertmanager {}", said.data.version_info.version),
            skew: said.ahead,
            enforced: String::new(),
        })
    }
}
