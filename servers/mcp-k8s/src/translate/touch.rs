//! `metadata.managedFields`: who wrote which fields of an object, and when.
//!
//! The format is that of <https://kubernetes.io/docs/reference/using-api/server-side-apply/>: `f:NAME` is a field,
//! `k:{...}` an element of a list by its keys, `v:...` an element of a set, `i:N` one by position, `.` the thing itself.

use evidence::fact::meta::Touch;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use serde_json::{Map, Value};

/// How many fields one touch names.
const MOST_FIELDS: usize = 200;

/// Annotations that decide what becomes of traffic or of claims; all others are remarks, for which nobody is asked.
const ANNOTATIONS: [&str; 3] = [
    "downscaler/original-replicas",
    "ingressclass.kubernetes.io/is-default-class",
    "storageclass.kubernetes.io/is-default-class",
];
/// What the annotations begin with by which ingress-nginx, HAProxy's two controllers and Traefik treat what comes in.
const OF_ENTRANCES: [&str; 4] = [
    "haproxy-ingress.github.io/",
    "haproxy.org/",
    "nginx.ingress.kubernetes.io/",
    "traefik.ingress.kubernetes.io/",
];

/// Where who leads writes so every few seconds, on the object that is kept for that.
const LEADER: &str = "f:control-plane.alpha.kubernetes.io/leader";

/// Who touched which fields, the latest last.
pub fn touches(entries: Vec<ManagedFieldsEntry>) -> Vec<Touch> {
    let changes = entries.into_iter().filter(|it| !leads_alone(it));
    let mut touches: Vec<Touch> = changes.map(touch).collect();
    touches.sort_by(|left, right| (left.at, &left.manager).cmp(&(right.at, &right.manager)));
    touches
}

fn touch(entry: ManagedFieldsEntry) -> Touch {
    let mut fields = Vec::new();
    let mut subresource = entry.subresource.unwrap_or_default();
    if let Some(Value::Object(tree)) = entry.fields_v1.map(|fields| fields.0) {
        for (key, below) in &tree {
            match key.as_str() {
                // Written all the time, and read from the object itself.
                "f:status" => {}
                "f:metadata" => of_metadata(below, &mut fields),
                _ => collect(&step("", key), below, &mut fields),
            }
        }
        // Custom kinds need not have a status of its own; who owns that, and remarks beside it, writes that all the same.
        if subresource.is_empty() && fields.is_empty() && tree.contains_key("f:status") {
            "status".clone_into(&mut subresource);
        }
    }
    Touch {
        manager: entry.manager.unwrap_or_default(),
        operation: entry.operation.unwrap_or_default(),
        subresource,
        at: entry.time.map(|time| time.0),
        fields,
    }
}

/// Whether an entry is of who leads, and of nothing else.
fn leads_alone(entry: &ManagedFieldsEntry) -> bool {
    let tree = entry.fields_v1.as_ref().and_then(|fields| fields.0.as_object());
    let only = |tree: &Map<String, Value>, key: &str| tree.keys().all(|it| it == key || it == ".");
    let Some(metadata) = tree.filter(|it| only(it, "f:metadata")) else { return false };
    let metadata = metadata.get("f:metadata").and_then(Value::as_object);
    let annotations = metadata.filter(|it| only(it, "f:annotations"));
    let annotations = annotations.and_then(|it| it.get("f:annotations")?.as_object());
    annotations.is_some_and(|it| it.contains_key(LEADER) && only(it, LEADER))
}

/// Of the metadata labels matter, for they decide what selects the object, and few annotations, by their key.
fn of_metadata(metadata: &Value, fields: &mut Vec<String>) {
    if let Some(labels) = metadata.get("f:labels") {
        collect("metadata.labels", labels, fields);
    }
    let Some(annotations) = metadata.get("f:annotations") else { return };
    let set = annotations.as_object().into_iter().flat_map(Map::keys);
    let set = set.filter_map(|it| it.strip_prefix("f:")).filter(|it| decides(it));
    fields.extend(set.map(|it| format!("metadata.annotations[{it}]")));
}

fn decides(annotation: &str) -> bool {
    ANNOTATIONS.contains(&annotation) || OF_ENTRANCES.iter().any(|it| annotation.starts_with(it))
}

fn collect(path: &str, tree: &Value, fields: &mut Vec<String>) {
    let children = tree.as_object().map(Map::iter).into_iter().flatten();
    let mut is_leaf = true;
    for (key, below) in children.filter(|(key, _)| *key != ".") {
        is_leaf = false;
        collect(&step(path, key), below, fields);
    }
    if is_leaf && fields.len() < MOST_FIELDS {
        fields.push(path.to_owned());
    }
}

/// The path one step further down.
fn step(path: &str, key: &str) -> String {
    match key.split_once(':') {
        Some(("f", name)) if path.is_empty() => name.to_owned(),
        Some(("f", name)) => format!("{path}.{name}"),
        Some(("k", keys)) => format!("{path}[{}]", element(keys)),
        Some(("v", value)) => format!("{path}[{}]", value.trim_matches('"')),
        Some(("i", position)) => format!("{path}[{position}]"),
        _ => format!("{path}.{key}"),
    }
}

/// What tells an element of a list from the others, as people call it: its name, else its first key that is not
/// merely a protocol.
fn element(keys: &str) -> String {
    let Ok(Value::Object(keys)) = serde_json::from_str(keys) else {
        return keys.to_owned();
    };
    let telling = keys.iter().find(|(key, _)| *key != "protocol");
    match keys.get("name").or(telling.map(|(_, value)| value)) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(tree: Value) -> Vec<String> {
        let entry = json!({"manager": "kubectl-edit", "operation": "Update", "fieldsType": "FieldsV1",
            "fieldsV1": tree, "time": "2026-11-01T10:00:00Z"});
        touch(serde_json::from_value(entry).unwrap()).fields
    }

    #[test]
    fn a_containers_image_is_named_by_the_container() {
        let tree = json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {
            "k:{\"name\":\"web\"}": {".": {}, "f:image": {}}}}}}});
        assert_eq!(fields(tree), ["spec.template.spec.containers[web].image"]);
    }

    #[test]
    fn a_port_is_named_by_its_number() {
        let tree = json!({"f:spec": {"f:ports": {
            "k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:targetPort": {}},
            "k:{\"containerPort\":90,\"protocol\":\"UDP\"}": {".": {}}}}});
        assert_eq!(fields(tree), ["spec.ports[90]", "spec.ports[80].targetPort"]);
    }

    #[test]
    fn keys_of_a_config_map_and_labels_are_kept() {
        let tree = json!({"f:data": {".": {}, "f:app.yml": {}},
            "f:metadata": {"f:labels": {".": {}, "f:app": {}}, "f:annotations": {"f:note": {},
                "f:nginx.ingress.kubernetes.io/backend-protocol": {}}}});
        let annotation = "metadata.annotations[nginx.ingress.kubernetes.io/backend-protocol]";
        assert_eq!(fields(tree), ["data.app.yml", "metadata.labels.app", annotation]);
    }

    #[test]
    fn what_steers_an_entrance_is_kept() {
        for annotation in [
            "nginx.ingress.kubernetes.io/rewrite-target",
            "haproxy-ingress.github.io/rewrite-target",
            "haproxy.org/path-rewrite",
            "traefik.ingress.kubernetes.io/router.middlewares",
        ] {
            let tree = json!({"f:metadata": {"f:annotations": {format!("f:{annotation}"): {}}}});
            assert_eq!(fields(tree), [format!("metadata.annotations[{annotation}]")]);
        }
    }

    #[test]
    fn an_atomic_field_is_a_leaf() {
        assert_eq!(fields(json!({"f:spec": {"f:selector": {}}})), ["spec.selector"]);
    }

    #[test]
    fn status_is_left_out() {
        assert_eq!(fields(json!({"f:status": {"f:phase": {}}})), Vec::<String>::new());
    }

    #[test]
    fn who_owns_a_status_alone_writes_that() {
        let of = |tree: Value| {
            let entry = json!({"manager": "argocd-application-controller", "fieldsV1": tree});
            touch(serde_json::from_value(entry).unwrap()).subresource
        };
        assert_eq!(of(json!({"f:status": {"f:sync": {}}})), "status");
        let annotated = json!({"f:status": {}, "f:metadata": {"f:annotations": {"f:note": {}}}});
        assert_eq!(of(annotated), "status");
        let held =
            json!({"f:status": {}, "f:metadata": {"f:finalizers": {".": {}, "v:\"x\"": {}}}});
        assert_eq!(of(held), "status");
        let labelled = json!({"f:status": {}, "f:metadata": {"f:labels": {"f:app": {}}}});
        assert_eq!(of(labelled), "");
        assert_eq!(of(json!({"f:metadata": {"f:annotations": {"f:note": {}}}})), "");
    }

    #[test]
    fn who_leads_is_no_change() {
        let of = |annotations: Value| {
            let tree = json!({"f:metadata": {"f:annotations": annotations}});
            let entry = json!([{"manager": "ingress-controller", "fieldsV1": tree}]);
            touches(serde_json::from_value(entry).unwrap()).len()
        };
        let leader = "f:control-plane.alpha.kubernetes.io/leader";
        assert_eq!(of(json!({".": {}, leader: {}})), 0);
        assert_eq!(of(json!({leader: {}})), 0);
        assert_eq!(of(json!({leader: {}, "f:note": {}})), 1);
    }

    #[test]
    fn a_set_element_is_named_by_its_value() {
        assert_eq!(fields(json!({"f:spec": {"f:set": {"v:\"one\"": {}}}})), ["spec.set[one]"]);
    }

    #[test]
    fn fields_are_bounded() {
        let many: Map<String, Value> =
            (0..500).map(|number| (format!("f:{number}"), json!({}))).collect();
        assert_eq!(fields(json!({"f:data": many})).len(), MOST_FIELDS);
    }

    #[test]
    fn the_latest_touch_is_last() {
        let entries = json!([{"manager": "b", "time": "2026-11-02T10:00:00Z"},
            {"manager": "a", "time": "2026-11-01T10:00:00Z"}, {"manager": "c"}]);
        let touches = touches(serde_json::from_value(entries).unwrap());
        let managers: Vec<&str> = touches.iter().map(|touch| touch.manager.as_str()).collect();
        assert_eq!(managers, ["c", "a", "b"]);
    }
}
