//! A pod, and how its containers do.

use super::meta::{Condition, Meta};
use super::spec::PodSpec;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pod {
    /// Its metadata; the owner is its controller.
    pub meta: Meta,
    /// What it is meant to be.
    #[serde(default)]
    pub spec: PodSpec,
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phase: String,
    /// `status.reason`, such as `Evicted`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// `status.message`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Conditions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// How its containers do, init containers first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<ContainerStatus>,
    /// `status.podIP`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// `status.startTime`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// Healthy pods of the same owner that this one stands for, itself not counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub alike: u32,
}

/// How one container does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ContainerStatus {
    /// Its name.
    pub name: String,
    /// It is an init container.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub init: bool,
    /// It passes its readiness probe.
    pub ready: bool,
    /// It passed its startup probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<bool>,
    /// How often it was started again.
    #[serde(skip_serializing_if = "is_zero")]
    pub restarts: u32,
    /// The digest that it runs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image_id: String,
    /// What it does now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// How its run before the present one ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Ended>,
}

/// What a container does now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits.
    Waiting {
        /// `ImagePullBackOff`, `CrashLoopBackOff`, ...
        #[serde(default)]
        reason: String,
        /// The kubelet's own sentence.
        #[serde(default)]
        message: String,
    },
    /// It runs.
    Running {
        /// Since when.
        #[serde(default)]
        since: Option<Timestamp>,
    },
    /// It has ended.
    Terminated(Ended),
}

/// How a container's run ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Ended {
    /// The exit code; 128 + n for signal n.
    pub exit_code: i32,
    /// `OOMKilled`, `Error`, `Completed`, `ContainerCannotRun`, ...
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What the container or its runtime left as a last word.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// When the run began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished: Option<Timestamp>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}
