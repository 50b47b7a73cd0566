//! A HorizontalPodAutoscaler: what it measures beside what it wants.

use super::meta::{condition, count, meta};
use evidence::entity::Entity;
use evidence::fact::workload::Autoscaler;
use k8s_openapi::api::autoscaling::v2 as api;
use std::collections::BTreeMap;

/// A HorizontalPodAutoscaler.
pub fn autoscaler(from: api::HorizontalPodAutoscaler) -> Autoscaler {
    let spec = from.spec.unwrap_or_default();
    let status = from.status.unwrap_or_default();
    let meta = meta(from.metadata);
    let measured: BTreeMap<String, String> =
        status.current_metrics.unwrap_or_default().into_iter().filter_map(measured).collect();
    let wanted = spec.metrics.unwrap_or_default().into_iter().filter_map(wanted);
    let metrics = wanted.map(|(name, target)| match measured.get(&name) {
        Some(value) => format!("{name} {value}/{target}"),
        None => format!("{name} unknown/{target}"),
    });
    let grows = spec.behavior.and_then(|it| it.scale_up).and_then(|it| it.select_policy);
    let conditions = status.conditions.unwrap_or_default().into_iter();
    Autoscaler {
        target: Entity::new(
            &spec.scale_target_ref.kind,
            &meta.namespace,
            &spec.scale_target_ref.name,
        ),
        meta,
        min: count(spec.min_replicas.or(Some(1))),
        max: count(Some(spec.max_replicas)),
        current: count(status.current_replicas),
        desired: count(Some(status.desired_replicas)),
        never_grows: grows.is_some_and(|it| it == "Disabled"),
        metrics: metrics.collect(),
        conditions: conditions
            .map(|it| {
                condition(it.type_, it.status, it.reason, it.message, it.last_transition_time)
            })
            .collect(),
    }
}

fn wanted(from: api::MetricSpec) -> Option<(String, String)> {
    if let Some(it) = from.resource {
        return Some((it.name, target(it.target)));
    }
    if let Some(it) = from.container_resource {
        return Some((format!("{}/{}", it.container, it.name), target(it.target)));
    }
    if let Some(it) = from.pods {
        return Some((it.metric.name, target(it.target)));
    }
    if let Some(it) = from.object {
        return Some((it.metric.name, target(it.target)));
    }
    from.external.map(|it| (it.metric.name, target(it.target)))
}

fn target(from: api::MetricTarget) -> String {
    if let Some(percent) = from.average_utilization {
        return format!("{percent}%");
    }
    from.average_value.or(from.value).map(|quantity| quantity.0).unwrap_or_default()
}

fn measured(from: api::MetricStatus) -> Option<(String, String)> {
    if let Some(it) = from.resource {
        return Some((it.name, value(it.current)?));
    }
    if let Some(it) = from.container_resource {
        return Some((format!("{}/{}", it.container, it.name), value(it.current)?));
    }
    if let Some(it) = from.pods {
        return Some((it.metric.name, value(it.current)?));
    }
    if let Some(it) = from.object {
        return Some((it.metric.name, value(it.current)?));
    }
    let external = from.external?;
    Some((external.metric.name, value(external.current)?))
}

fn value(from: api::MetricValueStatus) -> Option<String> {
    if let Some(percent) = from.average_utilization {
        return Some(format!("{percent}%"));
    }
    from.average_value.or(from.value).map(|quantity| quantity.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_metric_stands_beside_its_target_and_an_unread_one_says_so() {
        let from = json!({"metadata": {"name": "web", "namespace": "shop"},
            "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 5, "metrics": [
                {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}},
                {"type": "Pods", "pods": {"metric": {"name": "requests"}, "target": {"type": "AverageValue", "averageValue": "100"}}}]},
            "status": {"desiredReplicas": 5, "currentReplicas": 5, "currentMetrics": [
                {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 92, "averageValue": "184m"}}}]}});
        let autoscaler = autoscaler(serde_json::from_value(from).unwrap());
        assert_eq!(autoscaler.metrics, ["cpu 92%/80%", "requests unknown/100"]);
        assert_eq!(autoscaler.target, Entity::new("Deployment", "shop", "web"));
        assert_eq!((autoscaler.min, autoscaler.max), (1, 5));
    }
}
