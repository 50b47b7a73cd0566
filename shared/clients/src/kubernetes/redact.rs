//! Takes secrets out of a Kubernetes object, and leaves what explains it.

use readonly::redact::{Redactor, is_secret_name};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The annotation in which `kubectl apply` repeats the whole object, secrets and all.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Stands where a secret stood; no name has it.
pub const HIDDEN: char = '\0';

/// Redacts `object` in place, Lists included: values of Secrets, values whose name says that they are secret, and anything
/// else that looks like a credential. Drops the last applied configuration, which repeats them all.
pub fn object(object: &mut Value, redactor: &Redactor) {
    if let Some(Value::Array(items)) = object.get_mut("items") {
        for item in items {
            self::object(item, redactor);
        }
    }
    let secret = object.get("kind").and_then(Value::as_str).is_some_and(is_secret);
    let Value::Object(fields) = object else {
        return;
    };
    for (name, field) in fields {
        match name.as_str() {
            // Names of objects and of kinds say what the object is; they are looked for by these.
            "apiVersion" | "kind" => {}
            "metadata" => metadata(field, redactor),
            "data" | "stringData" if secret => hide(field, redactor),
            _ => value(field, redactor),
        }
    }
}

/// The same with the redactor of this process.
pub fn in_process(object: &mut Value) {
    self::object(object, Redactor::of_process());
}

/// Drops `metadata.managedFields`, which is most of an object and of no use to a reader of it.
pub fn drop_managed_fields(object: &mut Value) {
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata.remove("managedFields");
    }
}

/// The value of an environment variable, redacted whole where its name says that it is secret.
pub fn variable<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    named(name, value, Redactor::of_process())
}

/// A text of that name with [`HIDDEN`] in place of every secret in it: who takes parts of a text must not look for secrets in the
/// parts, as one that was cut in two is not known any more.
pub fn without_secrets(name: &str, text: &str) -> String {
    if is_secret_name(name) {
        return HIDDEN.to_string();
    }
    let mut clean = String::with_capacity(text.len());
    let mut done = 0;
    for secret in Redactor::secrets(text) {
        clean.push_str(text.get(done..secret.start).unwrap_or_default());
        clean.push(HIDDEN);
        done = secret.end;
    }
    clean.push_str(text.get(done..).unwrap_or_default());
    clean
}

fn is_secret(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("secret")
}

fn named<'a>(name: &str, value: &'a str, redactor: &Redactor) -> Cow<'a, str> {
    // `$(OTHER)` is a reference that the kubelet fills in.
    let reference = value.starts_with("$(") && value.ends_with(')');
    if is_secret_name(name) && !value.is_empty() && !reference {
        return Cow::Owned(redactor.value(value));
    }
    redactor.text(value)
}

/// Names, labels, owners and managed fields join objects to each other, so only annotations are touched.
fn metadata(metadata: &mut Value, redactor: &Redactor) {
    let Some(Value::Object(annotations)) = metadata.get_mut("annotations") else {
        return;
    };
    annotations.remove(LAST_APPLIED);
    for (name, annotation) in annotations {
        if let Value::String(text) = annotation {
            replace(text, |text| named(name, text, redactor));
        }
    }
}

/// Redacts what is no object of its own, such as a part of one.
pub(crate) fn value(any: &mut Value, redactor: &Redactor) {
    match any {
        Value::String(text) => replace(text, |text| redactor.text(text)),
        Value::Array(elements) => array(elements, redactor),
        Value::Object(fields) => object_fields(fields, redactor),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Redacts each element; in arguments, what follows `--password` is named by it.
fn array(elements: &mut [Value], redactor: &Redactor) {
    let mut before = String::new();
    for element in elements {
        let flag = element.as_str().and_then(flag_without_value).unwrap_or_default().to_owned();
        match element {
            Value::String(text) if flag.is_empty() => {
                replace(text, |text| named(&before, text, redactor));
            }
            other => value(other, redactor),
        }
        before = flag;
    }
}

fn flag_without_value(argument: &str) -> Option<&str> {
    let flag = argument.strip_prefix('-')?.trim_start_matches('-');
    (!flag.contains(['=', ' '])).then_some(flag)
}

fn object_fields(fields: &mut Map<String, Value>, redactor: &Redactor) {
    // `{name: DB_PASSWORD, value: ...}`: the name stands beside the value.
    let beside = fields.get("name").and_then(Value::as_str).map(str::to_owned);
    for (name, field) in fields {
        match field {
            Value::String(text) if name == "value" => {
                let name = beside.as_deref().unwrap_or(name);
                replace(text, |text| named(name, text, redactor));
            }
            Value::String(text) => replace(text, |text| named(name, text, redactor)),
            // A pod template within a workload has metadata of its own.
            Value::Object(_) if name == "metadata" => metadata(field, redactor),
            other => value(other, redactor),
        }
    }
}

/// Hides every value below, keeping the keys: which keys a Secret has is what a missing one is told by.
fn hide(any: &mut Value, redactor: &Redactor) {
    match any {
        Value::String(text) => *text = redactor.value(text),
        Value::Array(elements) => elements.iter_mut().for_each(|each| hide(each, redactor)),
        Value::Object(fields) => fields.values_mut().for_each(|field| hide(field, redactor)),
        Value::Null | Value::Bool(_) | Value::Number(_) => *any = Value::Null,
    }
}

fn replace(text: &mut String, redacted: impl FnOnce(&str) -> Cow<'_, str>) {
    if let Cow::Owned(new) = redacted(text) {
        *text = new;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn redacted(mut any: Value) -> Value {
        object(&mut any, &Redactor::with_key([7; 32]));
        any
    }

    fn is_mark(any: &Value) -> bool {
        any.as_str().is_some_and(|text| text.starts_with("<redacted"))
    }

    #[test]
    fn a_secret_keeps_its_keys_alone() {
        let secret = redacted(json!({"kind": "Secret", "metadata": {"name": "db"},
            "data": {"user": "YWRtaW4=", "empty": 1}, "stringData": {"note": "plain"}}));
        assert_eq!(secret["metadata"]["name"], "db");
        assert!(is_mark(&secret["data"]["user"]) && is_mark(&secret["stringData"]["note"]));
        assert_eq!(secret["data"]["empty"], Value::Null);
    }

    #[test]
    fn every_object_of_a_list_is_redacted() {
        let list = redacted(json!({"kind": "List", "items": [
            {"kind": "Secret", "data": {"user": "YWRtaW4="}}]}));
        assert!(is_mark(&list["items"][0]["data"]["user"]));
    }

    #[test]
    fn a_secret_like_variable_is_hidden_wherever_it_stands() {
        let deployment = redacted(json!({"kind": "Deployment", "spec": {"template": {"spec": {
            "containers": [{"name": "web", "env": [
                {"name": "DB_PASSWORD", "value": "hunter2hunter2"},
                {"name": "LOG_LEVEL", "value": "debug"},
                {"name": "PASSWORD", "value": "$(DB_PASSWORD)"},
                {"name": "DB_PASSWORD_FROM", "valueFrom":
                    {"secretKeyRef": {"name": "db-secret", "key": "password"}}}]}]}}}}));
        let env = &deployment["spec"]["template"]["spec"]["containers"][0]["env"];
        assert!(is_mark(&env[0]["value"]), "{env}");
        assert_eq!(env[1]["value"], "debug");
        assert_eq!(env[2]["value"], "$(DB_PASSWORD)");
        let reference = json!({"name": "db-secret", "key": "password"});
        assert_eq!(env[3]["valueFrom"]["secretKeyRef"], reference);
    }

    #[test]
    fn equal_secrets_have_equal_marks() {
        let secret = redacted(json!({"kind": "Secret",
            "data": {"a": "aHVudGVyMg==", "b": "aHVudGVyMg==", "c": "other"}}));
        assert_eq!(secret["data"]["a"], secret["data"]["b"]);
        assert_ne!(secret["data"]["a"], secret["data"]["c"]);
    }

    #[test]
    fn the_last_applied_configuration_goes() {
        let pod = redacted(json!({"kind": "Pod", "metadata": {"annotations": {
            (LAST_APPLIED): "{\"env\":\"hunter2\"}", "note": "stays"}}}));
        assert_eq!(pod["metadata"]["annotations"], json!({"note": "stays"}));
    }

    #[test]
    fn the_last_applied_configuration_of_a_template_goes() {
        let set = redacted(json!({"kind": "ReplicaSet", "spec": {"template": {"metadata": {
            "labels": {"app": "web"}, "annotations": {(LAST_APPLIED): "{}"}}}}}));
        let metadata = &set["spec"]["template"]["metadata"];
        assert_eq!(metadata, &json!({"labels": {"app": "web"}, "annotations": {}}));
    }

    #[test]
    fn an_argument_after_a_secret_like_flag_is_hidden() {
        let pod = redacted(json!({"kind": "Pod", "spec": {"containers": [
            {"args": ["--password", "hunter2hunter2", "--verbose", "--port", "80"]}]}}));
        let args = &pod["spec"]["containers"][0]["args"];
        assert!(is_mark(&args[1]), "{args}");
        assert_eq!((&args[0], &args[4]), (&json!("--password"), &json!("80")));
    }

    #[test]
    fn a_configuration_file_loses_its_credentials_alone() {
        let map = redacted(json!({"kind": "ConfigMap", "data": {
            "app.conf": "host=db\npassword=hunter2hunter2\n", "DB_PASSWORD": "plain"}}));
        let file = map["data"]["app.conf"].as_str().unwrap();
        assert!(file.starts_with("host=db\n") && !file.contains("hunter2"), "{file}");
        assert!(is_mark(&map["data"]["DB_PASSWORD"]));
    }

    #[test]
    fn what_joins_objects_stays() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {
            "name": "token-issuer-7d4b9c-x2x9k", "namespace": "auth",
            "uid": "6f1f2a52-3c0e-4a88-9a53-0f3f5f3a6a10", "resourceVersion": "123456789",
            "labels": {"password": "rotated", "pod-template-hash": "7d4b9c8f6d"}},
            "spec": {"serviceAccountName": "token-issuer", "containers": [
                {"name": "web", "image": "registry.example.com/token-issuer@sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1"}],
                "volumes": [{"name": "token", "secret": {"secretName": "issuer-token"}}]}});
        assert_eq!(redacted(pod.clone()), pod);
    }

    #[test]
    fn managed_fields_are_dropped_when_asked() {
        let mut pod = json!({"metadata": {"name": "web", "managedFields": [{}]}});
        drop_managed_fields(&mut pod);
        assert_eq!(pod, json!({"metadata": {"name": "web"}}));
    }
}
