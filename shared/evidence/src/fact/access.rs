//! Configuration objects and rights.

use super::meta::Meta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A ConfigMap, or a Secret whose keys alone are known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Config {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Its metadata.
    pub meta: Meta,
    /// Its keys; none where only its existence is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<String>>,
    /// Hosts with ports and URLs in the text of a ConfigMap, by key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, Vec<String>>,
    /// The configuration of CoreDNS: the only text of a ConfigMap that is taken over whole.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub corefile: String,
}

/// A ServiceAccount.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Account {
    /// Its metadata.
    pub meta: Meta,
    /// Names of its `imagePullSecrets`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pull_secrets: Vec<String>,
}

/// A Role, ClusterRole, RoleBinding or ClusterRoleBinding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Grant {
    /// `Role`, `ClusterRole`, `RoleBinding` or `ClusterRoleBinding`.
    pub kind: String,
    /// Its metadata.
    pub meta: Meta,
    /// What a role allows, as `get,list configmaps`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The API groups of each rule, in their order, as `apps,batch`; the core group is empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The role that a binding binds, as `Role/reader`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// Whom a binding binds it to, as `ServiceAccount/shop/web`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
}
