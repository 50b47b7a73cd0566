//! Under which key a fact is found again.

use super::measured;
use evidence::entity::Entity;
use evidence::fact::Body;

/// What a fact is, what it is about, and what tells it from others about the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) sort: Sort,
    pub(crate) entity: Entity,
    pub(crate) detail: String,
}

/// The sorts of facts, in the order of `evidence::fact::Body`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    Pod,
    Workload,
    Revision,
    Job,
    CronJob,
    Autoscaler,
    Budget,
    Service,
    Endpoints,
    Ingress,
    NetworkPolicy,
    Node,
    Claim,
    Volume,
    StorageClass,
    Quota,
    LimitRange,
    Webhooks,
    Namespace,
    Config,
    Account,
    Grant,
    Event,
    Log,
    Object,
    Measure,
    Measured,
    Alert,
    ScrapeTarget,
    AlertingRule,
}

/// Under which key a fact is found again.
pub(super) fn key(body: &Body) -> Key {
    let (sort, detail) = match body {
        Body::Pod(_) => (Sort::Pod, String::new()),
        Body::Workload(_) => (Sort::Workload, String::new()),
        Body::Revision(_) => (Sort::Revision, String::new()),
        Body::Job(_) => (Sort::Job, String::new()),
        Body::CronJob(_) => (Sort::CronJob, String::new()),
        Body::Autoscaler(_) => (Sort::Autoscaler, String::new()),
        Body::Budget(_) => (Sort::Budget, String::new()),
        Body::Service(_) => (Sort::Service, String::new()),
        Body::Endpoints(_) => (Sort::Endpoints, String::new()),
        Body::Ingress(_) => (Sort::Ingress, String::new()),
        Body::NetworkPolicy(_) => (Sort::NetworkPolicy, String::new()),
        Body::Node(_) => (Sort::Node, String::new()),
        Body::Claim(_) => (Sort::Claim, String::new()),
        Body::Volume(_) => (Sort::Volume, String::new()),
        Body::StorageClass(_) => (Sort::StorageClass, String::new()),
        Body::Quota(_) => (Sort::Quota, String::new()),
        Body::LimitRange(_) => (Sort::LimitRange, String::new()),
        Body::Webhooks(_) => (Sort::Webhooks, String::new()),
        Body::Namespace(_) => (Sort::Namespace, String::new()),
        Body::Config(_) => (Sort::Config, String::new()),
        Body::Account(_) => (Sort::Account, String::new()),
        Body::Grant(_) => (Sort::Grant, String::new()),
        Body::Event(event) => {
            (Sort::Event, [&*event.uid, &*event.field, &*event.reason, &*event.message].join("\n"))
        }
        Body::Log(log) => (Sort::Log, format!("{}\n{}", log.container, log.previous)),
        Body::Object(object) => (Sort::Object, object.api_version.clone()),
        Body::Measure(measure) => return measured::key(measure),
        Body::Measured(_) => (Sort::Measured, String::new()),
        Body::Alert(alert) => (Sort::Alert, format!("{:?}", alert.labels)),
        Body::ScrapeTarget(_) => (Sort::ScrapeTarget, String::new()),
        Body::AlertingRule(rule) => (Sort::AlertingRule, rule.group.clone()),
    };
    Key { sort, entity: body.entity(), detail }
}
