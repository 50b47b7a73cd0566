//! Claims, volumes and storage classes.

use super::meta::{meta, node_terms, quantities, selector, shortened};
use evidence::entity::Entity;
use evidence::fact::storage::{Claim, StorageClass, Volume};
use k8s_openapi::api::core::v1 as api;
use k8s_openapi::api::storage::v1 as storage;

/// The annotation that makes a class the one for claims that name none.
const IS_DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

/// A PersistentVolumeClaim.
pub fn claim(from: api::PersistentVolumeClaim) -> Claim {
    let spec = from.spec.unwrap_or_default();
    let mut requests = quantities(spec.resources.and_then(|it| it.requests));
    Claim {
        meta: meta(from.metadata),
        phase: from.status.and_then(|status| status.phase).unwrap_or_default(),
        class: spec.storage_class_name,
        volume: spec.volume_name.unwrap_or_default(),
        access: spec.access_modes.unwrap_or_default(),
        request: requests.remove("storage").unwrap_or_default(),
        selector: spec.selector.map(selector),
    }
}

/// A PersistentVolume.
pub fn volume(from: api::PersistentVolume) -> Volume {
    let spec = from.spec.unwrap_or_default();
    let status = from.status.unwrap_or_default();
    let terms = spec.node_affinity.and_then(|it| it.required).map(|it| it.node_selector_terms);
    Volume {
        meta: meta(from.metadata),
        phase: status.phase.unwrap_or_default(),
        class: spec.storage_class_name.unwrap_or_default(),
        access: spec.access_modes.unwrap_or_default(),
        capacity: quantities(spec.capacity).remove("storage").unwrap_or_default(),
        claim: spec.claim_ref.map(|it| Entity {
            kind: "PersistentVolumeClaim".to_owned(),
            namespace: it.namespace.unwrap_or_default(),
            name: it.name.unwrap_or_default(),
        }),
        node_affinity: terms.map(node_terms).unwrap_or_default(),
        reclaim: spec.persistent_volume_reclaim_policy.unwrap_or_default(),
        message: shortened(status.message.unwrap_or_default()),
    }
}

/// A StorageClass.
pub fn storage_class(from: storage::StorageClass) -> StorageClass {
    let meta = meta(from.metadata);
    StorageClass {
        default: meta.annotations.get(IS_DEFAULT).is_some_and(|value| value == "true"),
        meta,
        provisioner: from.provisioner,
        waits_for_consumer: from.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_class_and_the_empty_class_are_different() {
        let none = json!({"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "5Gi"}}}});
        let none = claim(serde_json::from_value(none).unwrap());
        let empty = json!({"metadata": {"name": "data"}, "spec": {"storageClassName": ""}});
        let empty = claim(serde_json::from_value(empty).unwrap());
        assert_eq!((none.class, none.request.as_str()), (None, "5Gi"));
        assert_eq!(empty.class.as_deref(), Some(""));
    }

    #[test]
    fn a_volume_names_its_claim_and_its_nodes() {
        let from = json!({"metadata": {"name": "pv1"}, "spec": {"capacity": {"storage": "5Gi"},
            "claimRef": {"namespace": "shop", "name": "data"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                {"key": "zone", "operator": "In", "values": ["a"]}]}]}}}, "status": {"phase": "Bound"}});
        let volume = volume(serde_json::from_value(from).unwrap());
        assert_eq!(volume.claim, Some(Entity::new("PersistentVolumeClaim", "shop", "data")));
        assert_eq!(volume.node_affinity[0][0].values, ["a"]);
        assert_eq!(volume.capacity, "5Gi");
    }

    #[test]
    fn the_default_class_is_told_by_its_annotation() {
        let from = json!({"metadata": {"name": "fast", "annotations": {
            "storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": "disk.csi",
            "volumeBindingMode": "WaitForFirstConsumer"});
        let class = storage_class(serde_json::from_value(from).unwrap());
        assert!(class.default && class.waits_for_consumer);
    }
}
