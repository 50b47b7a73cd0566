//! Claims, volumes and storage classes.

use super::meta::{Meta, Requirement, Selector};
use crate::entity::Entity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A PersistentVolumeClaim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Claim {
    /// Its metadata.
    pub meta: Meta,
    /// `Pending`, `Bound` or `Lost`.
    pub phase: String,
    /// The class asked for: none to have the default one, empty for none at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The volume it is bound to or asks for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub volume: String,
    /// Access modes asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<String>,
    /// Storage asked for, as written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request: String,
    /// Labels that the volume must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<Selector>,
}

/// A PersistentVolume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Volume {
    /// Its metadata.
    pub meta: Meta,
    /// `Available`, `Bound`, `Released` or `Failed`.
    pub phase: String,
    /// Its class.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class: String,
    /// Access modes it offers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<String>,
    /// Storage it offers, as written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub capacity: String,
    /// The claim that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<Entity>,
    /// The nodes that reach it: one of these must hold whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub node_affinity: Vec<Vec<Requirement>>,
    /// `Retain` or `Delete`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reclaim: String,
    /// `status.message`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// A StorageClass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StorageClass {
    /// Its metadata.
    pub meta: Meta,
    /// The provisioner.
    pub provisioner: String,
    /// Claims that name no class get this one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// It binds only when a pod wants it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub waits_for_consumer: bool,
}
