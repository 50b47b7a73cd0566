//! The rows of configuration, identities and their rights.

use super::cells::{age, array, count, field, name};
use crate::snapshot::object::Object;
use jiff::Timestamp;
use serde_json::Value;

pub(super) fn config_map(object: &Object, now: Timestamp) -> Vec<Value> {
    vec![
        name(object),
        (count(object, "/data") + count(object, "/binaryData")).into(),
        age(object, now),
    ]
}

pub(super) fn secret(object: &Object, now: Timestamp) -> Vec<Value> {
    vec![name(object), object.text("/type").into(), count(object, "/data").into(), age(object, now)]
}

pub(super) fn service_account(object: &Object, now: Timestamp) -> Vec<Value> {
    vec![name(object), count(object, "/secrets").into(), age(object, now)]
}

pub(super) fn lease(object: &Object, now: Timestamp) -> Vec<Value> {
    vec![name(object), object.text("/spec/holderIdentity").into(), age(object, now)]
}

pub(super) fn binding(object: &Object, now: Timestamp) -> Vec<Value> {
    let role = format!("{}/{}", object.text("/roleRef/kind"), object.text("/roleRef/name"));
    let subjects = array(&object.value, "/subjects");
    let of = |kind: &str| -> Value {
        let words =
            subjects.iter().filter(|one| field(one, "kind") == kind).map(|one| match kind {
                "ServiceAccount" => format!("{}/{}", field(one, "namespace"), field(one, "name")),
                _ => field(one, "name").to_owned(),
            });
        words.collect::<Vec<_>>().join(", ").into()
    };
    vec![name(object), role.into(), age(object, now), of("User"), of("Group"), of("ServiceAccount")]
}
