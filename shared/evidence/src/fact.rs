//! What was seen: one object, event or log, reduced to what can matter to a diagnosis. Never an opinion about it.
//!
//! Every field but a name has a default, so that a page can state only what its verdict needs.

pub mod access;
pub mod alerting_rule;
pub mod event;
pub mod meta;
pub mod metric;
pub mod network;
pub mod node;
pub mod object;
pub mod pod;
pub mod policy;
pub mod spec;
pub mod storage;
pub mod workload;

use crate::entity::Entity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing seen, and which read of its testimony saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// Position in the testimony's `sources`.
    #[serde(default)]
    pub source: usize,
    /// What was seen.
    pub body: Body,
}

/// What was seen, by kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A pod.
    Pod(pod::Pod),
    /// A Deployment, StatefulSet or DaemonSet.
    Workload(workload::Workload),
    /// A ReplicaSet or ControllerRevision: one revision of a workload.
    Revision(workload::Revision),
    /// A Job.
    Job(workload::Job),
    /// A CronJob.
    CronJob(workload::CronJob),
    /// A HorizontalPodAutoscaler.
    Autoscaler(workload::Autoscaler),
    /// A PodDisruptionBudget.
    Budget(workload::Budget),
    /// A Service.
    Service(network::Service),
    /// The EndpointSlices of one Service, taken together.
    Endpoints(network::Endpoints),
    /// An Ingress.
    Ingress(network::Ingress),
    /// A NetworkPolicy.
    NetworkPolicy(network::NetworkPolicy),
    /// A Node.
    Node(node::Node),
    /// A PersistentVolumeClaim.
    Claim(storage::Claim),
    /// A PersistentVolume.
    Volume(storage::Volume),
    /// A StorageClass.
    StorageClass(storage::StorageClass),
    /// A ResourceQuota.
    Quota(policy::Quota),
    /// A LimitRange.
    LimitRange(policy::LimitRange),
    /// A validating or mutating webhook configuration.
    Webhooks(policy::Webhooks),
    /// A Namespace.
    Namespace(policy::Namespace),
    /// A ConfigMap, or a Secret whose keys alone are known.
    Config(access::Config),
    /// A ServiceAccount.
    Account(access::Account),
    /// A Role, ClusterRole or a binding of one.
    Grant(access::Grant),
    /// Events of one reason about one object, grouped.
    Event(event::Event),
    /// What a container wrote.
    Log(event::Log),
    /// Any other object, custom ones included.
    Object(object::Object),
    /// One signal of one object over time.
    Measure(metric::Measure),
    /// How much of a signal was looked at.
    Measured(metric::Measured),
    /// An alert.
    Alert(metric::Alert),
    /// A target that is not scraped.
    ScrapeTarget(metric::ScrapeTarget),
    /// The rule of an alert.
    AlertingRule(alerting_rule::AlertingRule),
}

impl Body {
    /// The object that this is about.
    pub fn entity(&self) -> Entity {
        match self {
            Body::Pod(it) => it.meta.entity("Pod"),
            Body::Workload(it) => it.meta.entity(&it.kind),
            Body::Revision(it) => it.meta.entity(&it.kind),
            Body::Job(it) => it.meta.entity("Job"),
            Body::CronJob(it) => it.meta.entity("CronJob"),
            Body::Autoscaler(it) => it.meta.entity("HorizontalPodAutoscaler"),
            Body::Budget(it) => it.meta.entity("PodDisruptionBudget"),
            Body::Service(it) => it.meta.entity("Service"),
            Body::Endpoints(it) => Entity::new("Service", &it.namespace, &it.service),
            Body::Ingress(it) => it.meta.entity("Ingress"),
            Body::NetworkPolicy(it) => it.meta.entity("NetworkPolicy"),
            Body::Node(it) => it.meta.entity("Node"),
            Body::Claim(it) => it.meta.entity("PersistentVolumeClaim"),
            Body::Volume(it) => it.meta.entity("PersistentVolume"),
            Body::StorageClass(it) => it.meta.entity("StorageClass"),
            Body::Quota(it) => it.meta.entity("ResourceQuota"),
            Body::LimitRange(it) => it.meta.entity("LimitRange"),
            Body::Webhooks(it) => it.meta.entity(&it.kind),
            Body::Namespace(it) => it.meta.entity("Namespace"),
            Body::Config(it) => it.meta.entity(&it.kind),
            Body::Account(it) => it.meta.entity("ServiceAccount"),
            Body::Grant(it) => it.meta.entity(&it.kind),
            Body::Event(it) => it.subject.clone(),
            Body::Log(it) => Entity::new("Pod", &it.namespace, &it.pod),
            Body::Object(it) => it.meta.entity(&it.kind),
            Body::Measure(it) => it.subject.clone(),
            Body::Measured(it) => Entity::new("Signal", "", &format!("{:?}", it.signal)),
            Body::Alert(it) => {
                let namespace = it.labels.get("namespace").map_or("", String::as_str);
                Entity::new("Alert", namespace, &it.name)
            }
            Body::ScrapeTarget(it) => {
                Entity::new("ScrapeTarget", "", &format!("{}/{}", it.job, it.instance))
            }
            Body::AlertingRule(it) => Entity::new("AlertingRule", "", &it.name),
        }
    }
}
