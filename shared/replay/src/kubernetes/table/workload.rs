//! The rows of what runs pods.

use super::cells::{
    NONE, age, array, containers, count, field, labels, name, number, replicas, selector, text_or,
};
use crate::kubernetes::since::{since, span};
use crate::snapshot::object::Object;
use jiff::Timestamp;
use serde_json::Value;

const TEMPLATE: &str = "/spec/template/spec";

pub(super) fn deployment(object: &Object, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(object, TEMPLATE);
    vec![
        name(object),
        format!("{}/{}", number(object, "/status/readyReplicas"), replicas(object)).into(),
        number(object, "/status/updatedReplicas").into(),
        number(object, "/status/availableReplicas").into(),
        age(object, now),
        names,
        images,
        selector(object.value.pointer("/spec/selector")).into(),
    ]
}

/// ReplicaSets, and ReplicationControllers with their older kind of selector.
pub(super) fn replica_set(object: &Object, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(object, TEMPLATE);
    let selects = object.value.pointer("/spec/selector");
    let new =
        selects.is_some_and(|one| one.get("matchLabels").or(one.get("matchExpressions")).is_some());
    let selects = if new { selector(selects) } else { labels(selects.and_then(Value::as_object)) };
    vec![
        name(object),
        replicas(object).into(),
        number(object, "/status/replicas").into(),
        number(object, "/status/readyReplicas").into(),
        age(object, now),
        names,
        images,
        selects.into(),
    ]
}

pub(super) fn stateful_set(object: &Object, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(object, TEMPLATE);
    let ready = format!("{}/{}", number(object, "/status/readyReplicas"), replicas(object));
    vec![name(object), ready.into(), age(object, now), names, images]
}

pub(super) fn daemon_set(object: &Object, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(object, TEMPLATE);
    let nodes =
        object.value.pointer(&format!("{TEMPLATE}/nodeSelector")).and_then(Value::as_object);
    let mut row = vec![name(object)];
    for what in [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ] {
        row.push(number(object, &format!("/status/{what}")).into());
    }
    row.push(labels(nodes).into());
    row.push(age(object, now));
    row.extend([names, images, selector(object.value.pointer("/spec/selector")).into()]);
    row
}

pub(super) fn pod_template(object: &Object, _: Timestamp) -> Vec<Value> {
    let [names, images] = containers(object, "/template/spec");
    let of_pod = object.value.pointer("/template/metadata/labels").and_then(Value::as_object);
    vec![name(object), names, images, labels(of_pod).into()]
}

pub(super) fn controller_revision(object: &Object, now: Timestamp) -> Vec<Value> {
    let owners = array(&object.value, "/metadata/ownerReferences");
    let owner =
        owners.iter().find(|owner| owner.get("controller").and_then(Value::as_bool) == Some(true));
    let owner = owner.map_or(NONE.to_owned(), |owner| {
        let kind = field(owner, "kind").to_lowercase();
        let kind = match field(owner, "apiVersion").split_once('/') {
            Some((group, _)) => format!("{kind}.{group}"),
            None => kind,
        };
        format!("{kind}/{}", field(owner, "name"))
    });
    vec![name(object), owner.into(), number(object, "/revision").into(), age(object, now)]
}

pub(super) fn job(object: &Object, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(object, TEMPLATE);
    let succeeded = number(object, "/status/succeeded");
    let wanted = object.value.pointer("/spec/completions").and_then(Value::as_i64);
    let completions = match (wanted, number(object, "/spec/parallelism")) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, parallel) if parallel > 1 => format!("{succeeded}/1 of {parallel}"),
        (None, _) => format!("{succeeded}/1"),
    };
    vec![
        name(object),
        job_status(object).into(),
        completions.into(),
        duration(object, now).into(),
        age(object, now),
        names,
        images,
        selector(object.value.pointer("/spec/selector")).into(),
    ]
}

fn job_status(object: &Object) -> &'static str {
    let conditions = array(&object.value, "/status/conditions");
    let holds = |kind: &str| {
        conditions.iter().any(|one| field(one, "type") == kind && field(one, "status") == "True")
    };
    let deleted = !object.text("/metadata/deletionTimestamp").is_empty();
    let words = [
        ("Complete", holds("Complete")),
        ("Failed", holds("Failed")),
        ("Terminating", deleted),
        ("Suspended", holds("Suspended")),
        ("FailureTarget", holds("FailureTarget")),
        ("SuccessCriteriaMet", holds("SuccessCriteriaMet")),
    ];
    words.iter().find(|(_, holds)| *holds).map_or("Running", |(word, _)| word)
}

fn duration(object: &Object, now: Timestamp) -> String {
    let moment = |pointer: &str| object.text(pointer).parse::<Timestamp>().ok();
    let Some(start) = moment("/status/startTime") else { return String::new() };
    let end = moment("/status/completionTime").unwrap_or(now);
    span(end.as_second() - start.as_second())
}

pub(super) fn cron_job(object: &Object, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(object, "/spec/jobTemplate/spec/template/spec");
    let suspended = object.value.pointer("/spec/suspend").and_then(Value::as_bool) == Some(true);
    let last = match object.text("/status/lastScheduleTime") {
        "" => NONE.to_owned(),
        moment => since(moment, now),
    };
    vec![
        name(object),
        object.text("/spec/schedule").into(),
        text_or(object, "/spec/timeZone", NONE).into(),
        if suspended { "True" } else { "False" }.into(),
        count(object, "/status/active").into(),
        last.into(),
        age(object, now),
        names,
        images,
        selector(object.value.pointer("/spec/jobTemplate/spec/selector")).into(),
    ]
}
