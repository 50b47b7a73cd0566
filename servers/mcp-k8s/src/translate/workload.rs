//! Deployments, StatefulSets, DaemonSets, and their revisions.

use super::meta::{as_written, condition, count, meta, selector};
use super::spec::template;
use evidence::fact::workload::{Revision, Workload};
use k8s_openapi::api::apps::v1 as api;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// Where a Deployment's controller, and Argo's of Rollouts, write a ReplicaSet's number.
const REVISIONS: [&str; 2] = ["deployment.kubernetes.io/revision", "rollout.argoproj.io/revision"];

/// A Deployment.
pub fn deployment(from: api::Deployment) -> Workload {
    let spec = from.spec.unwrap_or_default();
    let status = from.status.unwrap_or_default();
    let strategy = spec.strategy.unwrap_or_default();
    let rolling = strategy.rolling_update.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default().into_iter();
    let (template_labels, template) = template(spec.template);
    Workload {
        kind: "Deployment".to_owned(),
        unobserved: is_unobserved(&from.metadata, status.observed_generation),
        meta: meta(from.metadata),
        desired: count(spec.replicas.or(Some(1))),
        current: count(status.replicas),
        updated: count(status.updated_replicas),
        ready: count(status.ready_replicas),
        available: count(status.available_replicas),
        paused: spec.paused.unwrap_or(false),
        selector: selector(spec.selector),
        template_labels,
        template,
        strategy: strategy.type_.unwrap_or_default(),
        max_unavailable: as_written(rolling.max_unavailable),
        max_surge: as_written(rolling.max_surge),
        conditions: conditions
            .map(|it| {
                condition(it.type_, it.status, it.reason, it.message, it.last_transition_time)
            })
            .collect(),
        ..Workload::default()
    }
}

/// A StatefulSet.
pub fn stateful_set(from: api::StatefulSet) -> Workload {
    let spec = from.spec.unwrap_or_default();
    let status = from.status.unwrap_or_default();
    let strategy = spec.update_strategy.unwrap_or_default();
    let rolling = strategy.rolling_update.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default().into_iter();
    let claims = spec.volume_claim_templates.unwrap_or_default().into_iter();
    let (template_labels, template) = template(spec.template);
    Workload {
        kind: "StatefulSet".to_owned(),
        unobserved: is_unobserved(&from.metadata, status.observed_generation),
        meta: meta(from.metadata),
        desired: count(spec.replicas.or(Some(1))),
        current: count(Some(status.replicas)),
        updated: count(status.updated_replicas),
        ready: count(status.ready_replicas),
        available: count(status.available_replicas),
        selector: selector(spec.selector),
        template_labels,
        template,
        strategy: strategy.type_.unwrap_or_default(),
        max_unavailable: as_written(rolling.max_unavailable),
        partition: count(rolling.partition),
        parallel: spec.pod_management_policy.as_deref() == Some("Parallel"),
        service: spec.service_name.unwrap_or_default(),
        claims: claims.map(claim_class).collect(),
        conditions: conditions
            .map(|it| {
                condition(it.type_, it.status, it.reason, it.message, it.last_transition_time)
            })
            .collect(),
        ..Workload::default()
    }
}

/// A DaemonSet.
pub fn daemon_set(from: api::DaemonSet) -> Workload {
    let spec = from.spec.unwrap_or_default();
    let status = from.status.unwrap_or_default();
    let strategy = spec.update_strategy.unwrap_or_default();
    let rolling = strategy.rolling_update.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default().into_iter();
    let (template_labels, template) = template(spec.template);
    Workload {
        kind: "DaemonSet".to_owned(),
        unobserved: is_unobserved(&from.metadata, status.observed_generation),
        meta: meta(from.metadata),
        desired: count(Some(status.desired_number_scheduled)),
        current: count(Some(status.current_number_scheduled)),
        updated: count(status.updated_number_scheduled),
        ready: count(Some(status.number_ready)),
        available: count(status.number_available),
        selector: selector(spec.selector),
        template_labels,
        template,
        strategy: strategy.type_.unwrap_or_default(),
        max_unavailable: as_written(rolling.max_unavailable),
        max_surge: as_written(rolling.max_surge),
        conditions: conditions
            .map(|it| {
                condition(it.type_, it.status, it.reason, it.message, it.last_transition_time)
            })
            .collect(),
        ..Workload::default()
    }
}

/// A ReplicaSet, which is a revision of its Deployment.
pub fn replica_set(from: api::ReplicaSet) -> Revision {
    let spec = from.spec.unwrap_or_default();
    let status = from.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default().into_iter();
    let (template_labels, template) = spec.template.map(template).unwrap_or_default();
    let meta = meta(from.metadata);
    Revision {
        kind: "ReplicaSet".to_owned(),
        number: REVISIONS.iter().find_map(|it| meta.annotations.get(*it)?.parse().ok()),
        meta,
        desired: count(spec.replicas.or(Some(1))),
        current: count(Some(status.replicas)),
        ready: count(status.ready_replicas),
        template_labels,
        template,
        conditions: conditions
            .map(|it| {
                condition(it.type_, it.status, it.reason, it.message, it.last_transition_time)
            })
            .collect(),
    }
}

/// A ControllerRevision, which is a revision of its StatefulSet or DaemonSet: its data is the patch that makes it.
pub fn controller_revision(from: api::ControllerRevision) -> Revision {
    let data = from.data.map(|data| data.0).unwrap_or_default();
    let read =
        data.pointer("/spec/template").cloned().map(serde_json::from_value::<PodTemplateSpec>);
    // Other controllers keep other data here; such a revision has a number, and no template.
    let (template_labels, template) = match read {
        Some(Ok(from)) => template(from),
        Some(Err(_)) | None => Default::default(),
    };
    Revision {
        kind: "ControllerRevision".to_owned(),
        meta: meta(from.metadata),
        number: u64::try_from(from.revision).ok(),
        template_labels,
        template,
        ..Revision::default()
    }
}

fn is_unobserved(meta: &ObjectMeta, observed: Option<i64>) -> bool {
    match (meta.generation, observed) {
        (Some(generation), Some(observed)) => observed < generation,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn claim_class(from: PersistentVolumeClaim) -> (String, String) {
    let class = from.spec.and_then(|spec| spec.storage_class_name);
    (from.metadata.name.unwrap_or_default(), class.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn web(replicas: Value, status: Value) -> Workload {
        let from = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop", "generation": 3},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}},
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 1}},
                "template": {"metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [{"name": "web", "image": "web:1"}]}}},
            "status": status});
        deployment(serde_json::from_value(from).unwrap())
    }

    #[test]
    fn replicas_that_nobody_wrote_are_one() {
        assert_eq!(web(Value::Null, json!({})).desired, 1);
        assert_eq!(web(json!(0), json!({})).desired, 0);
    }

    #[test]
    fn a_spec_that_the_controller_has_not_seen_is_unobserved() {
        assert!(web(json!(1), json!({"observedGeneration": 2})).unobserved);
        assert!(!web(json!(1), json!({"observedGeneration": 3})).unobserved);
    }

    #[test]
    fn limits_of_a_rollout_are_as_written() {
        let workload = web(json!(1), json!({}));
        assert_eq!((workload.max_surge.as_str(), workload.max_unavailable.as_str()), ("25%", "1"));
    }

    #[test]
    fn a_replica_set_is_a_numbered_revision() {
        let from = json!({"metadata": {"name": "web-5d", "namespace": "shop",
            "annotations": {"deployment.kubernetes.io/revision": "12"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "1",
                "controller": true}]},
            "spec": {"replicas": 2, "selector": {}, "template": {"spec": {"containers": [{"name": "web", "image": "web:2"}]}}},
            "status": {"replicas": 2, "readyReplicas": 1}});
        let revision = replica_set(serde_json::from_value(from).unwrap());
        assert_eq!(revision.number, Some(12));
        let of_rollout = json!({"metadata": {"name": "web-5d", "annotations": {"rollout.argoproj.io/revision": "7"}},
            "spec": {"selector": {}}});
        let revision_of_rollout = replica_set(serde_json::from_value(of_rollout).unwrap());
        assert_eq!(revision_of_rollout.number, Some(7));
        assert_eq!((revision.desired, revision.current, revision.ready), (2, 2, 1));
        assert_eq!(revision.template.containers[0].image, "web:2");
    }

    #[test]
    fn a_controller_revision_holds_the_template() {
        let from = json!({"metadata": {"name": "db-1"}, "revision": 4, "data": {"spec": {"template": {
            "$patch": "replace", "spec": {"containers": [{"name": "db", "image": "db:4"}]}}}}});
        let revision = controller_revision(serde_json::from_value(from).unwrap());
        assert_eq!(revision.number, Some(4));
        assert_eq!(revision.template.containers[0].image, "db:4");
    }

    #[test]
    fn a_daemon_set_wants_what_its_nodes_want() {
        let from = json!({"metadata": {"name": "agent"}, "spec": {"selector": {}, "template": {}},
            "status": {"desiredNumberScheduled": 3, "currentNumberScheduled": 3, "numberReady": 2,
                "numberMisscheduled": 0}});
        let workload = daemon_set(serde_json::from_value(from).unwrap());
        assert_eq!((workload.desired, workload.ready), (3, 2));
    }

    #[test]
    fn a_stateful_set_names_the_classes_of_its_claims() {
        let from = json!({"metadata": {"name": "db"}, "spec": {"selector": {}, "serviceName": "db-headless",
            "template": {}, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"},
                "spec": {"storageClassName": "fast"}}]}, "status": {"replicas": 1}});
        let workload = stateful_set(serde_json::from_value(from).unwrap());
        assert_eq!(workload.partition, 2);
        assert_eq!(workload.claims["data"], "fast");
        assert_eq!(workload.service, "db-headless");
    }
}
