//! Quotas, limit ranges, admission webhooks and namespaces.

use super::meta::{condition, count, meta, quantities, selector};
use evidence::entity::Entity;
use evidence::fact::policy::{LimitRange, Limits, Namespace, Quota, Webhook, Webhooks};
use k8s_openapi::api::admissionregistration::v1 as api;
use k8s_openapi::api::core::v1 as core;

/// A ResourceQuota: what the controller enforces, which is what stands in its status.
pub fn quota(from: core::ResourceQuota) -> Quota {
    let status = from.status.unwrap_or_default();
    let written = from.spec.and_then(|spec| spec.hard);
    Quota {
        meta: meta(from.metadata),
        hard: quantities(status.hard.or(written)),
        used: quantities(status.used),
    }
}

/// A LimitRange.
pub fn limit_range(from: core::LimitRange) -> LimitRange {
    let limits = from.spec.map(|spec| spec.limits).unwrap_or_default().into_iter();
    LimitRange {
        meta: meta(from.metadata),
        limits: limits
            .map(|it| Limits {
                kind: it.type_,
                max: quantities(it.max),
                min: quantities(it.min),
                default: quantities(it.default),
                default_request: quantities(it.default_request),
            })
            .collect(),
    }
}

/// A Namespace.
pub fn namespace(from: core::Namespace) -> Namespace {
    let status = from.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default().into_iter();
    Namespace {
        meta: meta(from.metadata),
        phase: status.phase.unwrap_or_default(),
        conditions: conditions
            .map(|it| {
                condition(it.type_, it.status, it.reason, it.message, it.last_transition_time)
            })
            .collect(),
    }
}

/// A ValidatingWebhookConfiguration.
pub fn validating(from: api::ValidatingWebhookConfiguration) -> Webhooks {
    let hooks = from.webhooks.unwrap_or_default().into_iter();
    Webhooks {
        kind: "ValidatingWebhookConfiguration".to_owned(),
        meta: meta(from.metadata),
        hooks: hooks
            .map(|it| Webhook {
                name: it.name,
                service: it.client_config.service.map(backend),
                rules: rules(it.rules),
                fails_closed: fails_closed(it.failure_policy),
                timeout: count(it.timeout_seconds.or(Some(10))),
                namespaces: it.namespace_selector.map(selector).unwrap_or_default(),
            })
            .collect(),
    }
}

/// A MutatingWebhookConfiguration.
pub fn mutating(from: api::MutatingWebhookConfiguration) -> Webhooks {
    let hooks = from.webhooks.unwrap_or_default().into_iter();
    Webhooks {
        kind: "MutatingWebhookConfiguration".to_owned(),
        meta: meta(from.metadata),
        hooks: hooks
            .map(|it| Webhook {
                name: it.name,
                service: it.client_config.service.map(backend),
                rules: rules(it.rules),
                fails_closed: fails_closed(it.failure_policy),
                timeout: count(it.timeout_seconds.or(Some(10))),
                namespaces: it.namespace_selector.map(selector).unwrap_or_default(),
            })
            .collect(),
    }
}

fn backend(from: api::ServiceReference) -> Entity {
    Entity::new("Service", &from.namespace, &from.name)
}

fn rules(from: Option<Vec<api::RuleWithOperations>>) -> Vec<String> {
    let each = from.unwrap_or_default().into_iter().map(|it| {
        let operations = it.operations.unwrap_or_default().join(",");
        format!("{operations} {}", it.resources.unwrap_or_default().join(","))
    });
    each.collect()
}

/// `Fail` is the default of v1.
fn fails_closed(policy: Option<String>) -> bool {
    policy.as_deref() != Some("Ignore")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_quota_is_what_is_enforced() {
        let from = json!({"metadata": {"name": "cpu"}, "spec": {"hard": {"requests.cpu": "20"}},
            "status": {"hard": {"requests.cpu": "10"}, "used": {"requests.cpu": "9500m"}}});
        let quota = quota(serde_json::from_value(from).unwrap());
        assert_eq!(quota.hard["requests.cpu"], "10");
        assert_eq!(quota.used["requests.cpu"], "9500m");
    }

    #[test]
    fn a_quota_that_nobody_has_counted_yet_is_as_written() {
        let from = json!({"metadata": {"name": "cpu"}, "spec": {"hard": {"pods": "2"}}});
        assert_eq!(quota(serde_json::from_value(from).unwrap()).hard["pods"], "2");
    }

    #[test]
    fn a_webhook_fails_closed_unless_told_otherwise() {
        let hook = |policy: serde_json::Value| {
            let from = json!({"metadata": {"name": "guard"}, "webhooks": [{"name": "guard.example", "sideEffects": "None",
                "admissionReviewVersions": ["v1"], "failurePolicy": policy,
                "clientConfig": {"service": {"namespace": "guard", "name": "guard"}},
                "rules": [{"operations": ["CREATE", "UPDATE"], "resources": ["pods"]}]}]});
            validating(serde_json::from_value(from).unwrap()).hooks.remove(0)
        };
        assert!(hook(serde_json::Value::Null).fails_closed);
        assert!(!hook(json!("Ignore")).fails_closed);
        assert_eq!(hook(json!("Fail")).rules, ["CREATE,UPDATE pods"]);
        assert_eq!(hook(json!("Fail")).service, Some(Entity::new("Service", "guard", "guard")));
    }
}
