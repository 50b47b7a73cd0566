//! The rows of nodes, namespaces and events.

use super::cells::{NONE, UNKNOWN, age, array, field, name, number, text_or};
use crate::kubernetes::since::since;
use crate::snapshot::object::Object;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) fn node(object: &Object, now: Timestamp) -> Vec<Value> {
    let mut row = vec![
        name(object),
        node_status(object).into(),
        roles(object).into(),
        age(object, now),
        object.text("/status/nodeInfo/kubeletVersion").into(),
    ];
    for kind in ["InternalIP", "ExternalIP"] {
        let addresses = array(&object.value, "/status/addresses");
        let address = addresses.iter().find(|address| field(address, "type") == kind);
        row.push(address.map_or(NONE, |address| field(address, "address")).into());
    }
    for what in ["osImage", "kernelVersion", "containerRuntimeVersion"] {
        row.push(text_or(object, &format!("/status/nodeInfo/{what}"), UNKNOWN).into());
    }
    row
}

fn node_status(object: &Object) -> String {
    let conditions = array(&object.value, "/status/conditions");
    let ready = conditions.iter().find(|condition| field(condition, "type") == "Ready");
    let mut status = match ready.map(|ready| field(ready, "status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if object.value.pointer("/spec/unschedulable").and_then(Value::as_bool) == Some(true) {
        status.push_str(",SchedulingDisabled");
    }
    status
}

fn roles(object: &Object) -> String {
    let labels = object.value.pointer("/metadata/labels").and_then(Value::as_object);
    let mut roles = BTreeSet::new();
    for (label, value) in labels.into_iter().flatten() {
        let role = label.strip_prefix("node-role.kubernetes.io/");
        let role = role.or_else(|| value.as_str().filter(|_| label == "kubernetes.io/role"));
        roles.extend(role.filter(|role| !role.is_empty()));
    }
    match roles.is_empty() {
        true => NONE.to_owned(),
        false => roles.into_iter().collect::<Vec<_>>().join(","),
    }
}

pub(super) fn namespace(object: &Object, now: Timestamp) -> Vec<Value> {
    vec![name(object), object.text("/status/phase").into(), age(object, now)]
}

pub(super) fn event(object: &Object, now: Timestamp) -> Vec<Value> {
    let ago = |moment: &str| since(moment, now);
    let first = ago(text_or(object, "/firstTimestamp", object.text("/eventTime")));
    let mut last = match object.text("/lastTimestamp") {
        "" => first.clone(),
        moment => ago(moment),
    };
    let mut count = number(object, "/count").max(1);
    if object.value.get("series").is_some_and(Value::is_object) {
        last = ago(object.text("/series/lastObservedTime"));
        count = number(object, "/series/count");
    }
    let subject = object.text("/involvedObject/kind").to_lowercase();
    let subject = match object.text("/involvedObject/name") {
        "" => subject,
        name => format!("{subject}/{name}"),
    };
    let component = text_or(object, "/source/component", object.text("/reportingComponent"));
    let source = match text_or(object, "/source/host", object.text("/reportingInstance")) {
        "" => component.to_owned(),
        instance => format!("{component}, {instance}"),
    };
    vec![
        last.into(),
        object.text("/type").into(),
        object.text("/reason").into(),
        subject.into(),
        object.text("/involvedObject/fieldPath").into(),
        source.into(),
        object.text("/message").trim().into(),
        first.into(),
        count.into(),
        name(object),
    ]
}
