//! What may be created: quotas, limit ranges, admission webhooks and namespaces.

use super::meta::{Condition, Meta, Selector};
use crate::entity::Entity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A ResourceQuota.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Quota {
    /// Its metadata.
    pub meta: Meta,
    /// What may be used, as written.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hard: BTreeMap<String, String>,
    /// What is used, as written.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub used: BTreeMap<String, String>,
}

/// A LimitRange.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LimitRange {
    /// Its metadata.
    pub meta: Meta,
    /// Its limits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limits>,
}

/// One entry of a LimitRange, quantities as written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Limits {
    /// `Container`, `Pod` or `PersistentVolumeClaim`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Largest allowed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub max: BTreeMap<String, String>,
    /// Smallest allowed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub min: BTreeMap<String, String>,
    /// Limits given to what names none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub default: BTreeMap<String, String>,
    /// Requests given to what names none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub default_request: BTreeMap<String, String>,
}

/// A ValidatingWebhookConfiguration or MutatingWebhookConfiguration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Webhooks {
    /// `ValidatingWebhookConfiguration` or `MutatingWebhookConfiguration`.
    pub kind: String,
    /// Its metadata.
    pub meta: Meta,
    /// Its webhooks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<Webhook>,
}

/// One webhook.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Webhook {
    /// Its name.
    pub name: String,
    /// The Service that answers; none where it is an address outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Entity>,
    /// What it is asked about, as `CREATE pods`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Requests fail when it does not answer.
    pub fails_closed: bool,
    /// Seconds that it may take.
    pub timeout: u32,
    /// Namespaces it is asked about.
    pub namespaces: Selector,
}

/// A Namespace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Namespace {
    /// Its metadata.
    pub meta: Meta,
    /// `Active` or `Terminating`.
    pub phase: String,
    /// Conditions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}
