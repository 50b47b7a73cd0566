//! The rows of volumes and what asks for them.

use super::cells::{UNSET, age, array, field, name, plain, text_or};
use crate::snapshot::object::Object;
use jiff::Timestamp;
use serde_json::Value;

pub(super) fn claim(object: &Object, now: Timestamp) -> Vec<Value> {
    let volume = object.text("/spec/volumeName");
    let (capacity, modes) = match volume {
        "" => ("", String::new()),
        _ => (object.text("/status/capacity/storage"), modes(object, "/status/accessModes")),
    };
    vec![
        name(object),
        phase(object).into(),
        volume.into(),
        capacity.into(),
        modes.into(),
        object.text("/spec/storageClassName").into(),
        text_or(object, "/spec/volumeAttributesClassName", UNSET).into(),
        age(object, now),
        text_or(object, "/spec/volumeMode", UNSET).into(),
    ]
}

pub(super) fn volume(object: &Object, now: Timestamp) -> Vec<Value> {
    let claim = match object.text("/spec/claimRef/name") {
        "" => String::new(),
        name => format!("{}/{name}", object.text("/spec/claimRef/namespace")),
    };
    vec![
        name(object),
        object.text("/spec/capacity/storage").into(),
        modes(object, "/spec/accessModes").into(),
        object.text("/spec/persistentVolumeReclaimPolicy").into(),
        phase(object).into(),
        claim.into(),
        object.text("/spec/storageClassName").into(),
        text_or(object, "/spec/volumeAttributesClassName", UNSET).into(),
        object.text("/status/reason").into(),
        age(object, now),
        text_or(object, "/spec/volumeMode", UNSET).into(),
    ]
}

fn phase(object: &Object) -> &str {
    if object.text("/metadata/deletionTimestamp").is_empty() {
        return object.text("/status/phase");
    }
    "Terminating"
}

/// `RWO,ROX`, in the order of Kubernetes.
fn modes(object: &Object, pointer: &str) -> String {
    let given: Vec<_> = array(&object.value, pointer).iter().map(plain).collect();
    let short = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let modes = short.iter().filter(|(long, _)| given.iter().any(|mode| mode == long));
    modes.map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}

pub(super) fn class(object: &Object, now: Timestamp) -> Vec<Value> {
    let annotations = object.value.pointer("/metadata/annotations").unwrap_or(&Value::Null);
    let default = [
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    ]
    .iter()
    .any(|annotation| field(annotations, annotation) == "true");
    let expands = object.value.get("allowVolumeExpansion").and_then(Value::as_bool) == Some(true);
    vec![
        if default { format!("{} (default)", object.name).into() } else { name(object) },
        object.text("/provisioner").into(),
        text_or(object, "/reclaimPolicy", "Delete").into(),
        text_or(object, "/volumeBindingMode", "Immediate").into(),
        expands.into(),
        age(object, now),
    ]
}
