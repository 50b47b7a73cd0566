//! What was measured: numbers over time, the alerts that were raised of them, and what could not be scraped.

use crate::entity::Entity;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is measured. A closed list: judging a number takes knowing what it means.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Certificates: time until one expires.
    CertificateLeft,
    /// The API server: requests that it turned away because it had too many.
    ApiserverRejected,
    /// The API server: the slowest hundredth of its answers, without watches.
    ApiserverLatency,
    /// Connections that a node's connection tracking holds, of those that it can.
    ConntrackUse,
    /// Connections of a database in use, of those that it allows.
    ConnectionsUse,
    /// CPU that a container uses, in cores.
    CpuUse,
    /// CPU that a container uses, of its limit.
    CpuUseOfLimit,
    /// Periods of the scheduler in which a container was held back by its CPU limit, of all in which it ran.
    CpuThrottled,
    /// The name service: answers that say that it failed, of all.
    DnsErrors,
    /// Requests that failed by the server's fault, of all.
    #[default]
    ErrorRatio,
    /// etcd: the slowest hundredth of its writes to disk.
    EtcdFsync,
    /// etcd: whether a member knows a leader.
    EtcdLeader,
    /// etcd: its database, of the size that it may have.
    EtcdSpace,
    /// The slowest hundredth of answers.
    #[serde(rename = "latency_p99")]
    LatencyP99,
    /// Requests that a pod gets, of an even share of all that its workload gets: 1 is even.
    LoadOfEven,
    /// Memory that a container holds, of its limit.
    MemoryUseOfLimit,
    /// A mesh's proxies: requests turned away because a circuit breaker is open.
    MeshOverflow,
    /// CPU of a node that is in use, of all.
    NodeCpuUse,
    /// Space free on a node's disk, of all.
    NodeDiskFree,
    /// Inodes free on a node's disk, of all.
    NodeInodesFree,
    /// Memory that a node could still give, of all.
    NodeMemoryAvailable,
    /// TCP segments that a node sent again, of all that it sent.
    NodeRetransmits,
    /// Connections of a client's pool in use, of those that it may have.
    PoolUse,
    /// Callers that wait for a connection of a pool.
    PoolWaiting,
    /// Whether a probe from outside was answered.
    ProbeSuccess,
    /// Messages that a consumer has not read yet.
    QueueLag,
    /// What is used of a quota.
    QuotaUse,
    /// Replicas that an autoscaler runs, of the most that it may.
    ReplicasOfMaximum,
    /// Requests.
    RequestRate,
    /// Space free in a claim's volume, of all.
    VolumeFree,
    /// Inodes free in a claim's volume, of all.
    VolumeInodesFree,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 0 to 1.
    Share,
    /// Seconds.
    Seconds,
    /// Things per second.
    PerSecond,
    /// Cores.
    Cores,
    /// Things.
    Count,
    /// 1 for yes, 0 for no.
    Truth,
}

/// Which way is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// More is worse.
    High,
    /// Less is worse.
    Low,
}

impl Signal {
    /// What its numbers count.
    pub fn unit(self) -> Unit {
        match self {
            Signal::CertificateLeft
            | Signal::ApiserverLatency
            | Signal::EtcdFsync
            | Signal::LatencyP99 => Unit::Seconds,
            Signal::ApiserverRejected | Signal::MeshOverflow | Signal::RequestRate => {
                Unit::PerSecond
            }
            Signal::CpuUse => Unit::Cores,
            Signal::LoadOfEven | Signal::PoolWaiting | Signal::QueueLag => Unit::Count,
            Signal::EtcdLeader | Signal::ProbeSuccess => Unit::Truth,
            _ => Unit::Share,
        }
    }

    /// Which way is bad. Of those that are neither by themselves, more tells more.
    pub fn bad(self) -> Bad {
        match self {
            Signal::CertificateLeft
            | Signal::EtcdLeader
            | Signal::NodeDiskFree
            | Signal::NodeInodesFree
            | Signal::NodeMemoryAvailable
            | Signal::ProbeSuccess
            | Signal::VolumeFree
            | Signal::VolumeInodesFree => Bad::Low,
            _ => Bad::High,
        }
    }
}

/// One signal of one object over time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Measure {
    /// What is measured.
    pub signal: Signal,
    /// Of what.
    pub subject: Entity,
    /// Which part of it: a container, a disk, a mount, a pool, a topic; empty where there is one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub part: String,
    /// Whom it calls, where its calls are measured; none where what it serves is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Entity>,
    /// The moment of the first value.
    pub start: Option<Timestamp>,
    /// Seconds from one value to the next.
    pub step_seconds: u32,
    /// The values, at most 60, the oldest first; none where there is no sample.
    pub values: Vec<Option<f64>>,
    /// The query that they come from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub query: String,
}

/// How much of a signal was looked at, so that what is not there is known to be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Measured {
    /// The signal.
    pub signal: Signal,
    /// Series that there are.
    pub series: u32,
    /// Those that are told: the worst and the most changed.
    pub told: u32,
    /// Why not all of them were looked at, where they were not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<String>,
}

/// An alert. What somebody once thought worth a call: a symptom to explain, never a cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Alert {
    /// Its name.
    pub name: String,
    /// Its severity, in its author's words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub severity: String,
    /// `firing` or `pending`.
    pub state: String,
    /// Its other labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Since when its expression holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What it says, in its author's words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// Ids of the silences that hold it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub silenced_by: Vec<String>,
    /// Alerts that inhibit it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inhibited_by: Vec<String>,
}

/// A target that is not scraped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ScrapeTarget {
    /// Its job.
    pub job: String,
    /// The part of the configuration that it comes from, as `serviceMonitor/shop/web/0`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pool: String,
    /// Its address.
    pub instance: String,
    /// Where it is scraped, as `http://10.0.0.1:8080/metrics`; parameters are left out.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The object that it is, where its labels tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Entity>,
    /// `up`, `down` or `unknown`.
    pub health: String,
    /// Why the last scrape failed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// When it was last tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tried: Option<Timestamp>,
}
