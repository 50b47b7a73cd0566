//! Where and when an investigation looks.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The part of the cluster that was asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scope {
    /// The cluster's name, as the configuration calls it.
    #[serde(default)]
    pub cluster: String,
    /// The namespaces asked about; empty for all.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// One object asked about, as `KIND/NAME`; it lies in the only namespace.
    #[serde(default)]
    pub workload: Option<String>,
}

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// Its first moment.
    pub start: Timestamp,
    /// Its last moment.
    pub end: Timestamp,
}
