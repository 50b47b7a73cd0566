//! The rows of what limits, scales and guards.

use super::cells::{UNKNOWN, UNSET, age, array, count, field, name, number, plain, text_or};
use crate::snapshot::object::Object;
use jiff::Timestamp;
use serde_json::Value;

pub(super) fn quota(object: &Object, now: Timestamp) -> Vec<Value> {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    let hard = object.value.pointer("/status/hard").and_then(Value::as_object);
    for (resource, hard) in hard.into_iter().flatten() {
        let used = object.value.pointer("/status/used").and_then(|used| used.get(resource));
        let words = format!("{resource}: {}/{}", used.map_or("0".to_owned(), plain), plain(hard));
        if resource.starts_with("limits") { limits.push(words) } else { requests.push(words) }
    }
    requests.sort();
    limits.sort();
    vec![name(object), requests.join(", ").into(), limits.join(", ").into(), age(object, now)]
}

pub(super) fn autoscaler(object: &Object, now: Timestamp) -> Vec<Value> {
    let target = format!(
        "{}/{}",
        object.text("/spec/scaleTargetRef/kind"),
        object.text("/spec/scaleTargetRef/name")
    );
    let least = object.value.pointer("/spec/minReplicas").map_or(UNSET.to_owned(), plain);
    vec![
        name(object),
        target.into(),
        metrics(object).into(),
        least.into(),
        number(object, "/spec/maxReplicas").into(),
        number(object, "/status/currentReplicas").into(),
        age(object, now),
    ]
}

/// `cpu: 12%/80%`, at most two of them.
fn metrics(object: &Object) -> String {
    let wanted = array(&object.value, "/spec/metrics");
    let current = array(&object.value, "/status/currentMetrics");
    if wanted.is_empty() {
        return "<none>".to_owned();
    }
    let show = |(index, metric): (usize, &Value)| {
        let kind = field(metric, "type");
        let mut part = kind.to_owned();
        if let Some(first) = part.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        let wanted = metric.get(&part);
        let target = wanted.and_then(|one| one.get("target"));
        let now =
            current.get(index).and_then(|one| one.get(&part)).and_then(|one| one.get("current"));
        let words = format!("{}/{}", quantity(now), quantity(target));
        match wanted.map(|one| field(one, "name")).filter(|_| kind.ends_with("Resource")) {
            Some(resource) => format!("{resource}: {words}"),
            None => words,
        }
    };
    let shown: Vec<_> = wanted.iter().enumerate().take(2).map(show).collect();
    match wanted.len().saturating_sub(2) {
        0 => shown.join(", "),
        more => format!("{} + {more} more...", shown.join(", ")),
    }
}

fn quantity(value: Option<&Value>) -> String {
    let Some(value) = value else { return UNKNOWN.to_owned() };
    if let Some(percent) = value.get("averageUtilization").and_then(Value::as_i64) {
        return format!("{percent}%");
    }
    let amount = value.get("averageValue").or_else(|| value.get("value"));
    amount.map_or(UNKNOWN.to_owned(), plain)
}

pub(super) fn disruption_budget(object: &Object, now: Timestamp) -> Vec<Value> {
    let bound = |pointer: &str| object.value.pointer(pointer).map_or("N/A".to_owned(), plain);
    vec![
        name(object),
        bound("/spec/minAvailable").into(),
        bound("/spec/maxUnavailable").into(),
        number(object, "/status/disruptionsAllowed").into(),
        age(object, now),
    ]
}

pub(super) fn priority_class(object: &Object, now: Timestamp) -> Vec<Value> {
    let default = object.value.get("globalDefault").and_then(Value::as_bool) == Some(true);
    let preempts = text_or(object, "/preemptionPolicy", "PreemptLowerPriority");
    vec![
        name(object),
        number(object, "/value").into(),
        default.into(),
        age(object, now),
        preempts.into(),
    ]
}

pub(super) fn webhooks(object: &Object, now: Timestamp) -> Vec<Value> {
    vec![name(object), count(object, "/webhooks").into(), age(object, now)]
}
