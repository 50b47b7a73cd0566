//! What keeps pods running: workloads, their revisions, jobs, autoscalers and budgets.

use super::meta::{Condition, Meta, Selector};
use super::spec::PodSpec;
use crate::entity::Entity;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A Deployment, StatefulSet or DaemonSet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Workload {
    /// `Deployment`, `StatefulSet` or `DaemonSet`.
    pub kind: String,
    /// Its metadata.
    pub meta: Meta,
    /// Pods wanted. For a DaemonSet the number of nodes that should run one.
    pub desired: u32,
    /// Pods there are.
    pub current: u32,
    /// Pods of the newest template.
    pub updated: u32,
    /// Pods that are ready.
    pub ready: u32,
    /// Pods ready long enough to count.
    pub available: u32,
    /// `spec.paused`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// The controller has not yet seen the newest spec.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unobserved: bool,
    /// Which pods are its own.
    pub selector: Selector,
    /// Labels of the pod template.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub template_labels: BTreeMap<String, String>,
    /// The pod template.
    pub template: PodSpec,
    /// `RollingUpdate`, `Recreate` or `OnDelete`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub strategy: String,
    /// `maxUnavailable`, as written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub max_unavailable: String,
    /// `maxSurge`, as written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub max_surge: String,
    /// `partition` of a StatefulSet's update strategy: pods of lower numbers keep their template.
    #[serde(skip_serializing_if = "is_zero")]
    pub partition: u32,
    /// `podManagementPolicy` of a StatefulSet is `Parallel`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub parallel: bool,
    /// `serviceName` of a StatefulSet.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// Storage classes of a StatefulSet's claim templates, by claim name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, String>,
    /// Conditions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A ReplicaSet or ControllerRevision; its owner is the workload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Revision {
    /// `ReplicaSet` or `ControllerRevision`.
    pub kind: String,
    /// Its metadata; the owner is the workload.
    pub meta: Meta,
    /// Its number, where it bears one: higher is newer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Pods wanted of it.
    pub desired: u32,
    /// Pods there are.
    pub current: u32,
    /// Pods that are ready.
    pub ready: u32,
    /// Labels of the pod template.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub template_labels: BTreeMap<String, String>,
    /// The pod template.
    pub template: PodSpec,
    /// Conditions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// A Job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Job {
    /// Its metadata; the owner may be a CronJob.
    pub meta: Meta,
    /// Pods that run.
    pub active: u32,
    /// Pods that succeeded.
    pub succeeded: u32,
    /// Pods that failed.
    pub failed: u32,
    /// `backoffLimit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backoff_limit: Option<u32>,
    /// `activeDeadlineSeconds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<u64>,
    /// `spec.suspend`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// `spec.parallelism`, where it is not 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<u32>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<Timestamp>,
    /// The pod template.
    pub template: PodSpec,
    /// Conditions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// A CronJob.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CronJob {
    /// Its metadata.
    pub meta: Meta,
    /// The schedule, as written.
    pub schedule: String,
    /// `spec.suspend`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// `Allow`, `Forbid` or `Replace`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub concurrency: String,
    /// Jobs that run now.
    pub active: u32,
    /// When it last started a Job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_scheduled: Option<Timestamp>,
    /// When a Job of it last succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_succeeded: Option<Timestamp>,
    /// The pod template.
    pub template: PodSpec,
}

/// A HorizontalPodAutoscaler.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Autoscaler {
    /// Its metadata.
    pub meta: Meta,
    /// What it scales.
    pub target: Entity,
    /// Fewest replicas.
    pub min: u32,
    /// Most replicas.
    pub max: u32,
    /// Replicas there are.
    pub current: u32,
    /// Replicas it wants.
    pub desired: u32,
    /// `behavior.scaleUp.selectPolicy` is `Disabled`: it may only take replicas away.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub never_grows: bool,
    /// What it measures, as `cpu 92%/80%`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<String>,
    /// Conditions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// A PodDisruptionBudget.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Budget {
    /// Its metadata.
    pub meta: Meta,
    /// The pods that it guards.
    pub selector: Selector,
    /// `minAvailable`, as written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub min_available: String,
    /// `maxUnavailable`, as written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub max_unavailable: String,
    /// Pods that may go now.
    pub allowed: u32,
    /// Healthy pods there are.
    pub healthy: u32,
    /// Healthy pods it wants.
    pub desired: u32,
    /// Pods it counts.
    pub expected: u32,
    /// Conditions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}
