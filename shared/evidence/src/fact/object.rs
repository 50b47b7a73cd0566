//! An object of any other kind, custom ones included.

use super::meta::{Condition, Meta};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Any object, reduced to its conditions and a few fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Object {
    /// Its kind.
    pub kind: String,
    /// Its group and version, as `argoproj.io/v1alpha1`.
    pub api_version: String,
    /// Its metadata.
    pub meta: Meta,
    /// Conditions, where it has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Conditions of its parts by dotted path, as `status.listeners[https]` or `status.parents[0]`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, Vec<Condition>>,
    /// Scalar fields of its spec and status by dotted path, as `status.health.status`; the first 60.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}
