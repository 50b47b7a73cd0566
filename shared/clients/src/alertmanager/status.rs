//! How Alertmanager itself is.

use crate::alertmanager::connection::Alertmanager;
use crate::alertmanager::reads::STATUS;
use crate::web::said::Said;
use jiff::Timestamp;
use readonly::refusal::Refusal;
use serde::Deserialize;

/// Version, cluster and configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Status {
    /// When it was started.
    pub uptime: Option<Timestamp>,
    /// Which version it is.
    pub version_info: VersionInfo,
    /// Its peers.
    pub cluster: Cluster,
    /// Its configuration.
    pub config: Configuration,
}

/// Which version it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct VersionInfo {
    /// Such as `0.25.0`.
    pub version: String,
}

/// Its peers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Cluster {
    /// `ready`, `settling` or `disabled`.
    pub status: String,
    /// The peers, itself among them.
    pub peers: Vec<Peer>,
}

/// One peer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// Where it answers.
    pub address: String,
}

/// Its configuration, secrets left out by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Configuration {
    /// As YAML.
    pub original: String,
}

impl Alertmanager {
    /// How it is.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn status(&self) -> Result<Said<Status>, Refusal> {
        self.get(STATUS, &[]).await
    }
}
