//! ReferenceGrants: whether a route may refer to a Service in another namespace.

use super::routes::{GROUP, list, text};
use crate::translate::meta;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::Value;
use std::collections::BTreeMap;

/// Whether a grant lets routes of this kind and namespace refer to a Service of its own namespace.
pub(crate) fn lets(grant: &Value, kind: &str, namespace: &str, service: &str) -> bool {
    let from = list(grant, "/spec/from").iter().any(|it| {
        text(it, "/group") == GROUP
            && text(it, "/kind") == kind
            && text(it, "/namespace") == namespace
    });
    let to = list(grant, "/spec/to").iter().any(|it| {
        let name = text(it, "/name");
        text(it, "/group").is_empty()
            && text(it, "/kind") == "Service"
            && (name.is_empty() || name == service)
    });
    from && to
}

/// Whether a label selector as written meets labels; one in an unknown form meets none.
pub(crate) fn selects(selector: &Value, labels: &BTreeMap<String, String>) -> bool {
    let selector = serde_json::from_value::<LabelSelector>(selector.clone());
    selector.is_ok_and(|it| meta::selector(it).matches(labels))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_grant_names_who_and_what() {
        let grant = json!({"spec": {"from": [{"group": GROUP, "kind": "HTTPRoute", "namespace": "edge"}],
            "to": [{"group": "", "kind": "Service", "name": "web"}]}});
        assert!(lets(&grant, "HTTPRoute", "edge", "web"));
        assert!(!lets(&grant, "HTTPRoute", "edge", "db"));
        assert!(!lets(&grant, "HTTPRoute", "other", "web"));
        assert!(!lets(&grant, "GRPCRoute", "edge", "web"));
    }
}
