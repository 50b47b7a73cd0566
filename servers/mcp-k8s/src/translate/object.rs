//! An object of any kind: its conditions and its scalar fields.

use super::meta::{condition, meta, shortened};
use evidence::fact::meta::Condition;
use evidence::fact::object::Object;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How many fields are kept.
const MOST_FIELDS: usize = 60;

/// How many of them may be of a long status, so that what was asked for is seen beside it.
const MOST_OF_STATUS: usize = 40;

/// Lists of a status that tell of what was, or of other objects: Argo CD's last ten syncs, and all that it delivers.
const CROWDS: [&str; 2] = ["history", "resources"];

/// How deep they are looked for: deeper ones are configuration of configuration.
const DEEPEST: usize = 8;

/// Any object. Its status is read before its spec, so that what it says of itself is never crowded out.
pub fn object(api_version: &str, kind: &str, from: Value) -> Result<Object, serde_json::Error> {
    let Value::Object(mut from) = from else {
        return serde_json::from_value::<Map<String, Value>>(from).map(|_| Object::default());
    };
    let metadata = from.remove("metadata").unwrap_or_else(|| Value::Object(Map::new()));
    let metadata: ObjectMeta = serde_json::from_value(metadata)?;
    let mut status = from.remove("status").unwrap_or_default();
    let conditions = status.as_object_mut().and_then(|it| it.remove("conditions"));
    for list in CROWDS {
        status.as_object_mut().and_then(|it| it.remove(list));
    }
    let mut parts = BTreeMap::new();
    take_conditions("status", &mut status, &mut parts);
    let mut fields = BTreeMap::new();
    let spec = from.remove("spec");
    let most = if spec.is_some() { MOST_OF_STATUS } else { MOST_FIELDS };
    collect("status", &status, 0, most, &mut fields);
    if let Some(spec) = spec {
        collect("spec", &spec, 0, MOST_FIELDS, &mut fields);
    }
    for (key, value) in &from {
        // Data of unknown kinds may be secret; a field of its own beside spec and status is read if it is a scalar.
        if !matches!(key.as_str(), "apiVersion" | "kind") && !value.is_object() {
            collect(key, value, 0, MOST_FIELDS, &mut fields);
        }
    }
    Ok(Object {
        kind: kind.to_owned(),
        api_version: api_version.to_owned(),
        meta: meta(metadata),
        conditions: read_conditions(conditions.unwrap_or_default()),
        parts,
        fields,
    })
}

/// How many parts with conditions of their own are kept.
const MOST_PARTS: usize = 20;

/// Takes the conditions of an object's parts out of its status, such as a Gateway's listeners and a route's parents.
fn take_conditions(path: &str, status: &mut Value, parts: &mut BTreeMap<String, Vec<Condition>>) {
    let Value::Object(map) = status else { return };
    for (key, below) in map {
        let Value::Array(list) = below else { continue };
        for (position, part) in list.iter_mut().enumerate() {
            let path = format!("{path}.{key}[{}]", label(position, part));
            let conditions = part.as_object_mut().and_then(|it| it.remove("conditions"));
            let conditions = read_conditions(conditions.unwrap_or_default());
            if !conditions.is_empty() && parts.len() < MOST_PARTS {
                parts.insert(path, conditions);
            }
        }
    }
}

/// What tells an element of a list from the others: its name, or else its position.
fn label(position: usize, element: &Value) -> String {
    let name = element.get("name").and_then(Value::as_str);
    name.map_or_else(|| position.to_string(), str::to_owned)
}

/// Keeps scalars, those that lie higher first, until there are `most`.
fn collect(
    path: &str,
    value: &Value,
    depth: usize,
    most: usize,
    fields: &mut BTreeMap<String, String>,
) {
    if depth > DEEPEST || fields.len() >= most {
        return;
    }
    match value {
        Value::Null => {}
        Value::Object(map) => {
            let (nested, scalars): (Vec<_>, Vec<_>) =
                map.iter().partition(|(_, below)| below.is_object() || below.is_array());
            for (key, below) in scalars.into_iter().chain(nested) {
                collect(&format!("{path}.{key}"), below, depth + 1, most, fields);
            }
        }
        Value::Array(list) => {
            for (position, below) in list.iter().enumerate() {
                let path = format!("{path}[{}]", label(position, below));
                collect(&path, below, depth + 1, most, fields);
            }
        }
        Value::String(text) => {
            fields.insert(path.to_owned(), shortened(text.clone()));
        }
        Value::Bool(_) | Value::Number(_) => {
            fields.insert(path.to_owned(), value.to_string());
        }
    }
}

/// Conditions as nearly every kind has them; what looks otherwise is left out.
fn read_conditions(from: Value) -> Vec<Condition> {
    let Value::Array(list) = from else { return Vec::new() };
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let each = list.iter().filter_map(|it| {
        let since = text(it, "lastTransitionTime").and_then(|time| time.parse().ok());
        let mut read = condition(
            text(it, "type")?,
            // Argo CD's conditions have no status: being there is being true.
            text(it, "status").unwrap_or_else(|| "True".to_owned()),
            text(it, "reason"),
            text(it, "message"),
            None,
        );
        read.since = since;
        Some(read)
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(from: Value) -> Object {
        object("argoproj.io/v1alpha1", "Application", from).unwrap()
    }

    #[test]
    fn fields_are_found_by_their_paths() {
        let object = read(json!({"metadata": {"name": "shop", "namespace": "argocd"},
            "spec": {"sources": [{"name": "app", "targetRevision": "main"}, {"chart": "redis"}]},
            "status": {"health": {"status": "Degraded"}, "reconciled": 3}}));
        assert_eq!(object.fields["status.health.status"], "Degraded");
        assert_eq!(object.fields["status.reconciled"], "3");
        assert_eq!(object.fields["spec.sources[app].targetRevision"], "main");
        assert_eq!(object.fields["spec.sources[1].chart"], "redis");
    }

    #[test]
    fn a_long_spec_never_crowds_out_the_status() {
        let many: Map<String, Value> = (0..200).map(|it| (format!("a{it}"), json!(it))).collect();
        let object =
            read(json!({"metadata": {"name": "x"}, "spec": many, "status": {"phase": "Failed"}}));
        assert_eq!(object.fields.len(), MOST_FIELDS);
        assert_eq!(object.fields["status.phase"], "Failed");
    }

    #[test]
    fn a_long_status_leaves_room_for_what_was_asked_for() {
        let records: Vec<Value> =
            (0..50).map(|it| json!({"id": it, "phase": "Injected"})).collect();
        let status = json!({"experiment": {"records": records, "desiredPhase": "Run"}});
        let object =
            read(json!({"metadata": {"name": "x"}, "spec": {"action": "delay"}, "status": status}));
        assert_eq!(object.fields["status.experiment.desiredPhase"], "Run");
        assert_eq!(object.fields["spec.action"], "delay");
    }

    #[test]
    fn what_was_crowds_out_nothing_that_is() {
        let history: Vec<Value> = (0..10)
            .map(|it| json!({"id": it, "revision": "abc", "deployedAt": "x", "source": {"path": "p", "repoURL": "r"}}))
            .collect();
        let status = json!({"history": history, "operationState": {"phase": "Failed"}, "sync": {"status": "OutOfSync"}});
        let object = read(
            json!({"metadata": {"name": "x"}, "spec": {"project": "default"}, "status": status}),
        );
        assert_eq!(object.fields["status.operationState.phase"], "Failed");
        assert_eq!(object.fields["status.sync.status"], "OutOfSync");
    }

    #[test]
    fn a_condition_without_a_status_is_true() {
        let object = read(json!({"metadata": {"name": "x"}, "status": {"conditions": [
            {"type": "ComparisonError", "message": "no such revision", "lastTransitionTime": "2026-11-01T10:00:00Z"}]}}));
        assert_eq!(object.conditions[0].status, "True");
        assert_eq!(object.conditions[0].since, Some("2026-11-01T10:00:00Z".parse().unwrap()));
        assert!(object.fields.is_empty());
    }

    #[test]
    fn parts_keep_their_own_conditions() {
        let object = read(json!({"metadata": {"name": "x"}, "status": {
            "listeners": [{"name": "https", "attachedRoutes": 0, "conditions": [
                {"type": "ResolvedRefs", "status": "False", "reason": "InvalidCertificateRef"}]}],
            "parents": [{"controllerName": "example.org/gateway", "conditions": [{"type": "Accepted", "status": "True"}]}]}}));
        let parts: Vec<&str> = object.parts.keys().map(String::as_str).collect();
        assert_eq!(parts, ["status.listeners[https]", "status.parents[0]"]);
        assert_eq!(object.parts["status.listeners[https]"][0].reason, "InvalidCertificateRef");
        assert_eq!(object.fields["status.listeners[https].attachedRoutes"], "0");
    }

    #[test]
    fn data_is_not_taken_over() {
        let object =
            read(json!({"metadata": {"name": "x"}, "data": {"password": "hunter2"}, "value": 7}));
        assert_eq!(object.fields.keys().collect::<Vec<_>>(), ["value"]);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert!(object("v1", "Thing", json!("text")).is_err());
    }
}
