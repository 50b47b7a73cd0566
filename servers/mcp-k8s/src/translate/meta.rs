//! Metadata, conditions, selectors and the smaller words that many kinds share.

use super::touch;
use evidence::entity::Entity;
use evidence::fact::meta::{Condition, Meta, Requirement, Selector};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1 as api;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;

/// The longest text taken over from an object, in bytes: a status message fits, a script does not.
const LONGEST_TEXT: usize = 2048;

/// Annotations that say who made an object, what drives it or why it looks as it does.
const KEPT_ANNOTATIONS: [&str; 30] = [
    "argocd.argoproj.io/instance",
    "argocd.argoproj.io/tracking-id",
    "cert-manager.io/cluster-issuer",
    "cert-manager.io/issuer",
    "cluster-autoscaler.kubernetes.io/safe-to-evict",
    "deployment.kubernetes.io/revision",
    "downscaler/downtime",
    "downscaler/force-downtime",
    "downscaler/force-uptime",
    "downscaler/original-replicas",
    "downscaler/uptime",
    "ingressclass.kubernetes.io/is-default-class",
    "kubectl.kubernetes.io/restartedAt",
    "kubernetes.io/change-cause",
    "kubernetes.io/config.mirror",
    "kubernetes.io/config.source",
    "kubernetes.io/ingress.class",
    "linkerd.io/inject",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "nginx.ingress.kubernetes.io/backend-protocol",
    "nginx.ingress.kubernetes.io/ssl-passthrough",
    "policies.kyverno.io/last-applied-patches",
    "rollout.argoproj.io/revision",
    "sidecar.istio.io/inject",
    "storageclass.kubernetes.io/is-default-class",
    "volume.kubernetes.io/selected-node",
    "volume.kubernetes.io/storage-provisioner",
    "vpaObservedContainers",
    "vpaUpdates",
];

/// An object's metadata, reduced.
pub fn meta(from: api::ObjectMeta) -> Meta {
    let namespace = from.namespace.unwrap_or_default();
    let owner = from.owner_references.unwrap_or_default().into_iter().find(|owner| {
        // Other owners only hold the object against garbage collection; the controller made it.
        owner.controller == Some(true)
    });
    Meta {
        owner: owner.map(|owner| owned_by(owner, &namespace)),
        namespace,
        name: from.name.unwrap_or_default(),
        uid: from.uid.unwrap_or_default(),
        created: from.creation_timestamp.map(|time| time.0),
        deleted: from.deletion_timestamp.map(|time| time.0),
        finalizers: from.finalizers.unwrap_or_default(),
        labels: from.labels.unwrap_or_default(),
        annotations: kept(from.annotations.unwrap_or_default()),
        touches: touch::touches(from.managed_fields.unwrap_or_default()),
    }
}

fn owned_by(owner: api::OwnerReference, namespace: &str) -> Entity {
    // A pod that mirrors a file of the kubelet is owned by its node, which has no namespace.
    let namespace = if owner.kind == "Node" { "" } else { namespace };
    Entity { kind: owner.kind, namespace: namespace.to_owned(), name: owner.name }
}

fn kept(annotations: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let wanted = |key: &str| KEPT_ANNOTATIONS.contains(&key);
    let kept = annotations.into_iter().filter(|(key, _)| wanted(key));
    kept.map(|(key, value)| (key, shortened(value))).collect()
}

/// A condition from its parts, which every kind of condition has under a type of its own.
pub fn condition(
    kind: String,
    status: String,
    reason: Option<String>,
    message: Option<String>,
    since: Option<api::Time>,
) -> Condition {
    Condition {
        kind,
        status,
        reason: reason.unwrap_or_default(),
        message: shortened(message.unwrap_or_default()),
        since: time(since),
    }
}

/// Conditions of the shape that newer kinds share.
pub fn conditions(from: Option<Vec<api::Condition>>) -> Vec<Condition> {
    let each = from.unwrap_or_default().into_iter();
    each.map(|it| {
        let since = Some(it.last_transition_time);
        condition(it.type_, it.status, Some(it.reason), Some(it.message), since)
    })
    .collect()
}

/// A label selector.
pub fn selector(from: api::LabelSelector) -> Selector {
    let expressions = from.match_expressions.unwrap_or_default().into_iter();
    Selector {
        labels: from.match_labels.unwrap_or_default(),
        requirements: expressions
            .map(|it| Requirement {
                key: it.key,
                operator: it.operator,
                values: it.values.unwrap_or_default(),
            })
            .collect(),
    }
}

/// The terms of a required node affinity; fields of a node appear as `metadata.name`.
pub fn node_terms(from: Vec<NodeSelectorTerm>) -> Vec<Vec<Requirement>> {
    let each = from.into_iter().map(|term| {
        let labels = term.match_expressions.unwrap_or_default().into_iter();
        labels.chain(term.match_fields.unwrap_or_default()).map(node_requirement).collect()
    });
    each.collect()
}

fn node_requirement(from: NodeSelectorRequirement) -> Requirement {
    Requirement { key: from.key, operator: from.operator, values: from.values.unwrap_or_default() }
}

/// Quantities as written.
pub fn quantities(from: Option<BTreeMap<String, Quantity>>) -> BTreeMap<String, String> {
    from.unwrap_or_default().into_iter().map(|(name, quantity)| (name, quantity.0)).collect()
}

/// A number or a name, as written.
pub fn as_written(from: Option<IntOrString>) -> String {
    match from {
        Some(IntOrString::Int(number)) => number.to_string(),
        Some(IntOrString::String(text)) => text,
        None => String::new(),
    }
}

/// A count; what is absent or negative is none.
pub fn count(from: Option<i32>) -> u32 {
    from.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}

/// A port; what is out of range, which the API server lets nobody write, is 0.
pub fn port(from: i32) -> u16 {
    u16::try_from(from).unwrap_or(0)
}

/// A moment.
pub fn time(from: Option<api::Time>) -> Option<Timestamp> {
    from.map(|time| time.0)
}

/// Text that is not longer than a fact may be; what is cut off is marked by `…`.
pub fn shortened(mut text: String) -> String {
    if text.len() > LONGEST_TEXT {
        text.truncate(text.floor_char_boundary(LONGEST_TEXT));
        text.push('…');
    }
    text
}

/// A value that says more than the default one, else nothing.
pub fn unless(default: &str, from: Option<String>) -> String {
    from.filter(|value| value != default).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> Meta {
        meta(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn only_the_controller_is_the_owner() {
        let meta = read(json!({"name": "web-1", "namespace": "shop", "ownerReferences": [
            {"apiVersion": "v1", "kind": "ConfigMap", "name": "holder", "uid": "1"},
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "2", "controller": true}]}));
        assert_eq!(meta.owner, Some(Entity::new("ReplicaSet", "shop", "web")));
    }

    #[test]
    fn an_owning_node_has_no_namespace() {
        let meta = read(json!({"name": "etcd-n1", "namespace": "kube-system", "ownerReferences": [
            {"apiVersion": "v1", "kind": "Node", "name": "n1", "uid": "2", "controller": true}]}));
        assert_eq!(meta.owner, Some(Entity::new("Node", "", "n1")));
    }

    #[test]
    fn annotations_that_explain_are_kept_and_others_are_not() {
        let meta = read(json!({"name": "web", "annotations": {
            "kubernetes.io/change-cause": "image 2.0",
            "kubectl.kubernetes.io/last-applied-configuration": "{}"}}));
        assert_eq!(meta.annotations.keys().collect::<Vec<_>>(), ["kubernetes.io/change-cause"]);
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let text = shortened("ä".repeat(2000));
        assert_eq!(text.len(), LONGEST_TEXT + '…'.len_utf8());
    }

    #[test]
    fn the_list_of_annotations_is_sorted() {
        assert!(KEPT_ANNOTATIONS.is_sorted());
    }
}
