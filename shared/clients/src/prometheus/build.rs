//! Which server answers, and what follows from that.

use crate::prometheus::connection::{Prometheus, decoded};
use crate::prometheus::form::Form;
use crate::prometheus::reads::BUILD;
use crate::web::said::Said;
use jiff::SignedDuration;
use readonly::refusal::Refusal;
use serde::Deserialize;
use std::fmt;

/// Which server it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Whose server.
    pub flavour: Flavour,
    /// Its version as it says it; VictoriaMetrics names one of Prometheus that it resembles.
    pub version: String,
}

/// Who speaks the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Prometheus itself.
    Prometheus,
    /// Thanos, in front of several.
    Thanos,
    /// Grafana Mimir or Cortex.
    Mimir,
    /// VictoriaMetrics.
    VictoriaMetrics,
}

/// The version, and what time the server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Which server it is.
    pub build: Build,
    /// How far its clock is ahead of ours, give or take a second; none where it did not say the time.
    pub ahead: Option<SignedDuration>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Information {
    application: String,
    version: String,
    revision: String,
}

impl Prometheus {
    /// Asks for the version and the time.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn version(&self) -> Result<Version, Refusal> {
        let said: Said<Information> = decoded(self.get(BUILD, &Form::default()).await?).await?;
        Ok(Version { build: said.data.build(), ahead: said.ahead })
    }

    /// Which server it is, asked once; none where it does not say.
    pub async fn build(&self) -> Option<&Build> {
        let asked = async { self.version().await.map(|it| it.build) };
        self.build.get_or_try_init(|| asked).await.ok()
    }
}

impl Information {
    fn build(self) -> Build {
        let flavour = match self.application.to_lowercase() {
            it if it.contains("mimir") || it.contains("cortex") => Flavour::Mimir,
            // Thanos has not reached 1.0; Prometheus has been beyond it since 2016.
            _ if self.version.starts_with("0.") => Flavour::Thanos,
            _ if self.revision.is_empty() && self.version == "2.24.0" => Flavour::VictoriaMetrics,
            _ => Flavour::Prometheus,
        };
        Build { flavour, version: self.version }
    }
}

impl fmt::Display for Build {
    /// `Prometheus 2.42.0`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.flavour {
            Flavour::Prometheus => write!(f, "Prometheus {}", self.version),
            Flavour::Thanos => write!(f, "Thanos {}", self.version),
            Flavour::Mimir => write!(f, "Mimir {}", self.version),
            Flavour::VictoriaMetrics => f.write_str("VictoriaMetrics"),
        }
    }
}
