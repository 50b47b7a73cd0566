//! Events and logs: what components and workloads said.

use crate::entity::Entity;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Events of one reason and message about one object, grouped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Event {
    /// The object that they are about.
    pub subject: Entity,
    /// That object's uid.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// The part of the object, as `spec.containers{web}`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// It is a `Warning`.
    pub warning: bool,
    /// `FailedScheduling`, `BackOff`, ...
    pub reason: String,
    /// The component's own sentence.
    pub message: String,
    /// The component that said it: `kubelet`, `default-scheduler`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub component: String,
    /// How often.
    pub count: u32,
    /// First time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// Last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
}

/// What a container wrote, similar lines folded into one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Log {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// It is the run before the present one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub previous: bool,
    /// Lines that were read.
    pub read: u32,
    /// Older lines were not read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// The lines, oldest first, similar ones once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
}

/// One line, and how often lines like it were written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Line {
    /// The last of them.
    pub text: String,
    /// How many.
    pub count: u32,
    /// First time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// Last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// They name an offset, or a message by its id, and not all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub moves: bool,
}
