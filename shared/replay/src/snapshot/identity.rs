//! What an object written by hand lacks: an id, and the references by id that go with it.

use crate::snapshot::object::{GroupKind, Objects, key};
use crate::snapshot::resources::split_api_version;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Whether it is an Event in its newer form. An API server keeps one form and shows it in two; here it is the older.
pub(crate) fn is_newer_event(of: &GroupKind) -> bool {
    of.group == "events.k8s.io" && of.kind == "Event"
}

/// Writes an Event of `events.k8s.io` as the core has it.
pub(crate) fn modernise(value: &mut Value) {
    let Some(event) = value.as_object_mut() else { return };
    let api_version = event.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    if !api_version.starts_with("events.k8s.io/") {
        return;
    }
    event.insert("apiVersion".to_owned(), "v1".into());
    for (newer, older) in [
        ("regarding", "involvedObject"),
        ("note", "message"),
        ("reportingController", "reportingComponent"),
        ("deprecatedSource", "source"),
        ("deprecatedCount", "count"),
        ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"),
    ] {
        if let Some(field) = event.remove(newer) {
            event.entry(older).or_insert(field);
        }
    }
}

/// Gives an object its namespace and id, and makes text of labels and annotations that YAML takes for numbers.
pub(crate) fn settle(value: &mut Value, of: &GroupKind, namespace: &str, name: &str) {
    let Some(Value::Object(metadata)) = value.get_mut("metadata") else { return };
    if namespace.is_empty() {
        metadata.remove("namespace");
    } else {
        metadata.insert("namespace".to_owned(), namespace.into());
    }
    if lacks(metadata, "uid") {
        metadata.insert("uid".to_owned(), uid(of, namespace, name).into());
    }
    for texts in ["labels", "annotations"] {
        let Some(Value::Object(texts)) = metadata.get_mut(texts) else { continue };
        for text in texts.values_mut().filter(|text| text.is_number() || text.is_boolean()) {
            *text = text.to_string().into();
        }
    }
}

/// Fills the ids in owner references and events that name an object without one.
pub(crate) fn complete(objects: &mut Objects) {
    let mut uids: BTreeMap<(String, String), String> = BTreeMap::new();
    for (of, all) in &objects.of_kind {
        for (key, object) in all {
            uids.insert((of.kind.clone(), key.clone()), object.text("/metadata/uid").to_owned());
        }
    }
    for (of, all) in &mut objects.of_kind {
        for object in all.values_mut() {
            let namespace = object.namespace.clone();
            if let Some(Value::Array(owners)) =
                object.value.pointer_mut("/metadata/ownerReferences")
            {
                let only = owners.len() == 1;
                for owner in owners.iter_mut().filter_map(Value::as_object_mut) {
                    own(owner, &namespace, only, &uids);
                }
            }
            if of.group.is_empty()
                && of.kind == "Event"
                && let Some(Value::Object(subject)) = object.value.get_mut("involvedObject")
            {
                let namespace = word(subject, "namespace").to_owned();
                let known = find(subject, &namespace, &uids);
                if let Some(known) = known.filter(|_| lacks(subject, "uid")) {
                    subject.insert("uid".to_owned(), known.clone().into());
                }
            }
        }
    }
}

/// An owner reference without an id was written by hand: it means its object, and its controller where it is the only one.
fn own(
    owner: &mut Map<String, Value>,
    namespace: &str,
    only: bool,
    uids: &BTreeMap<(String, String), String>,
) {
    if !lacks(owner, "uid") {
        return;
    }
    let known = find(owner, namespace, uids).cloned().unwrap_or_else(|| {
        let (group, _) = split_api_version(word(owner, "apiVersion"));
        let of = GroupKind { group: group.to_owned(), kind: word(owner, "kind").to_owned() };
        uid(&of, namespace, word(owner, "name"))
    });
    owner.insert("uid".to_owned(), known.into());
    if only {
        owner.entry("controller").or_insert(true.into());
    }
}

/// The id of the object that a reference names, beside it or without a namespace.
fn find<'a>(
    reference: &Map<String, Value>,
    namespace: &str,
    uids: &'a BTreeMap<(String, String), String>,
) -> Option<&'a String> {
    let (kind, name) = (word(reference, "kind").to_owned(), word(reference, "name"));
    uids.get(&(kind.clone(), key(namespace, name))).or_else(|| uids.get(&(kind, key("", name))))
}

fn word<'a>(map: &'a Map<String, Value>, field: &str) -> &'a str {
    map.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn lacks(map: &Map<String, Value>, field: &str) -> bool {
    word(map, field).is_empty()
}

/// The same id for the same object in every snapshot, in the form of a UUID.
fn uid(of: &GroupKind, namespace: &str, name: &str) -> String {
    let digest = Sha256::digest(format!("{}/{}/{namespace}/{name}", of.group, of.kind));
    let mut text = String::with_capacity(36);
    for (index, byte) in digest.iter().take(16).enumerate() {
        if [4, 6, 8, 10].contains(&index) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
