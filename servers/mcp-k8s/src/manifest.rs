//! An object as somebody would write it: without what the API server added.

use serde_json::{Map, Value};

/// Metadata that only the API server needs.
const BOOKKEEPING: [&str; 5] =
    ["generation", "managedFields", "resourceVersion", "selfLink", "uid"];

/// The volume of a pod's own token, which every pod has.
const TOKEN_VOLUME: &str = "kube-api-access-";
/// Taints that every pod tolerates for five minutes.
const ADDED_TOLERATIONS: [&str; 2] =
    ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/// Takes off what the API server added.
pub(crate) fn clean(object: &mut Value) {
    let built_in = is_built_in(object);
    let Value::Object(fields) = object else { return };
    if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
        BOOKKEEPING.iter().for_each(|field| drop(metadata.remove(*field)));
    }
    if !built_in {
        return;
    }
    for (name, part) in fields {
        if matches!(name.as_str(), "spec" | "status" | "template") {
            without_defaults(part);
        }
    }
}

/// Of a group of Kubernetes itself: what others define may mean something else by the same names.
fn is_built_in(object: &Value) -> bool {
    let api_version = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    !group.contains('.') || group.ends_with(".k8s.io")
}

fn without_defaults(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, field| !field.is_null() && !is_default(name, field));
            fields.values_mut().for_each(without_defaults);
            fields.retain(|name, field| {
                !matches!(name.as_str(), "tolerations" | "volumeMounts" | "volumes")
                    || field.as_array().is_none_or(|all| !all.is_empty())
            });
        }
        Value::Array(elements) => {
            elements.retain(|element| !is_added(element));
            elements.iter_mut().for_each(without_defaults);
        }
        _ => {}
    }
}

/// Whether the API server fills in this field of a built-in kind so where nobody writes it.
fn is_default(name: &str, field: &Value) -> bool {
    match name {
        "dnsPolicy" => field == "ClusterFirst",
        "enableServiceLinks" => *field == true,
        "internalTrafficPolicy" => field == "Cluster",
        "ipFamilyPolicy" => field == "SingleStack",
        "preemptionPolicy" => field == "PreemptLowerPriority",
        "progressDeadlineSeconds" => *field == 600,
        "protocol" => field == "TCP",
        "resources" | "securityContext" => field.as_object().is_some_and(Map::is_empty),
        "restartPolicy" => field == "Always",
        "revisionHistoryLimit" => *field == 10,
        "schedulerName" => field == "default-scheduler",
        "sessionAffinity" => field == "None",
        "successThreshold" => *field == 1,
        "terminationGracePeriodSeconds" => *field == 30,
        "terminationMessagePath" => field == "/dev/termination-log",
        "terminationMessagePolicy" => field == "File",
        _ => false,
    }
}

/// The token's volume and its mounts, and the tolerations that admission adds.
fn is_added(element: &Value) -> bool {
    let text = |name: &str| element.get(name).and_then(Value::as_str).unwrap_or_default();
    let token = text("name").starts_with(TOKEN_VOLUME)
        && (element.get("projected").is_some() || element.get("mountPath").is_some());
    let tolerated = ADDED_TOLERATIONS.contains(&text("key"))
        && element.get("tolerationSeconds").and_then(Value::as_i64) == Some(300);
    token || tolerated
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_api_server_added_goes_and_the_rest_stays() {
        let mut pod = json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web", "uid": "1", "resourceVersion": "2", "managedFields": [{}]},
            "spec": {"dnsPolicy": "ClusterFirst", "restartPolicy": "Never",
                "containers": [{"name": "web", "resources": {}, "ports": [{"containerPort": 80, "protocol": "TCP"}],
                    "volumeMounts": [{"name": "kube-api-access-x", "mountPath": "/var"}]}],
                "tolerations": [{"key": "node.kubernetes.io/not-ready", "tolerationSeconds": 300}],
                "volumes": [{"name": "kube-api-access-x", "projected": {}}]}});
        clean(&mut pod);
        let expected = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
            "spec": {"restartPolicy": "Never", "containers": [{"name": "web", "ports": [{"containerPort": 80}]}]}});
        assert_eq!(pod, expected);
    }

    #[test]
    fn a_custom_kind_keeps_what_would_be_a_default_elsewhere() {
        let mut custom = json!({"apiVersion": "example.com/v1", "spec": {"protocol": "TCP"}});
        clean(&mut custom);
        assert_eq!(custom["spec"]["protocol"], "TCP");
    }
}
