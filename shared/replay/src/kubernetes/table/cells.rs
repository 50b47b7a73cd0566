//! Cells that many kinds have.

use crate::kubernetes::since::since;
use crate::snapshot::object::Object;
use jiff::Timestamp;
use serde_json::{Map, Value};

pub(super) const NONE: &str = "<none>";
pub(super) const UNSET: &str = "<unset>";
pub(super) const UNKNOWN: &str = "<unknown>";

pub(super) fn name(object: &Object) -> Value {
    object.name.as_str().into()
}

pub(super) fn age(object: &Object, now: Timestamp) -> Value {
    since(object.text("/metadata/creationTimestamp"), now).into()
}

/// Text at a pointer, or what stands for none.
pub(super) fn text_or<'a>(object: &'a Object, pointer: &str, none: &'a str) -> &'a str {
    match object.text(pointer) {
        "" => none,
        text => text,
    }
}

pub(super) fn number(object: &Object, pointer: &str) -> i64 {
    object.value.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

/// Wanted replicas: one, where nobody said how many.
pub(super) fn replicas(object: &Object) -> i64 {
    object.value.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1)
}

pub(super) fn array<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// How many entries a map or a list has.
pub(super) fn count(object: &Object, pointer: &str) -> usize {
    match object.value.pointer(pointer) {
        Some(Value::Object(map)) => map.len(),
        Some(Value::Array(list)) => list.len(),
        _ => 0,
    }
}

pub(super) fn field<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A number or text as it is written.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Names and images of a template's containers.
pub(super) fn containers(object: &Object, pod_spec: &str) -> [Value; 2] {
    let containers = array(&object.value, &format!("{pod_spec}/containers"));
    let of =
        |what: &str| containers.iter().map(|one| field(one, what)).collect::<Vec<_>>().join(",");
    [of("name").into(), of("image").into()]
}

/// `app=web,tier=front`.
pub(super) fn labels(map: Option<&Map<String, Value>>) -> String {
    let Some(map) = map.filter(|map| !map.is_empty()) else { return NONE.to_owned() };
    let mut pairs: Vec<_> =
        map.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect();
    pairs.sort();
    pairs.join(",")
}

/// A selector with `matchLabels` and `matchExpressions`.
pub(super) fn selector(value: Option<&Value>) -> String {
    let Some(value) = value else { return NONE.to_owned() };
    let mut parts: Vec<(String, String)> = Vec::new();
    for (key, value) in value.get("matchLabels").and_then(Value::as_object).into_iter().flatten() {
        parts.push((key.clone(), format!("{key}={}", plain(value))));
    }
    for expression in array(value, "/matchExpressions") {
        let key = field(expression, "key");
        let mut values: Vec<_> = array(expression, "/values").iter().map(plain).collect();
        values.sort();
        let values = values.join(",");
        let words = match field(expression, "operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        };
        parts.push((key.to_owned(), words));
    }
    if parts.is_empty() {
        return NONE.to_owned();
    }
    parts.sort();
    parts.into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(",")
}

/// The first few, and how many more.
pub(super) fn first(words: &[String], most: usize, none: &str) -> String {
    if words.is_empty() {
        return none.to_owned();
    }
    let shown: Vec<_> = words.iter().take(most).map(String::as_str).collect();
    match words.len().saturating_sub(most) {
        0 => shown.join(","),
        more => format!("{} + {more} more...", shown.join(",")),
    }
}
