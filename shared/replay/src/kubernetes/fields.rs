//! Field selectors: `metadata.name=web,status.phase!=Running`, as far as each kind supports them.

use crate::snapshot::object::Object;
use crate::snapshot::resources::Resource;
use serde_json::Value;

/// A parsed selector: all of its terms must hold.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<Term>);

#[derive(Debug)]
struct Term {
    field: String,
    equal: bool,
    value: String,
}

impl Fields {
    /// Whether `object` is selected.
    pub(crate) fn select(&self, object: &Object) -> bool {
        self.0.iter().all(|term| (value(object, &term.field) == term.value) == term.equal)
    }
}

/// Parses a selector for objects of `resource`; the error is the API server's.
pub(crate) fn parse(selector: &str, resource: &Resource) -> Result<Fields, String> {
    let mut terms = Vec::new();
    for text in selector.split(',').filter(|text| !text.is_empty()) {
        let (field, equal, value) = split(text)
            .ok_or_else(|| format!("invalid selector: '{selector}'; can't understand '{text}'"))?;
        if !supports(resource, field) {
            return Err(unsupported(resource, field));
        }
        terms.push(Term { field: field.to_owned(), equal, value: value.to_owned() });
    }
    Ok(Fields(terms))
}

fn split(term: &str) -> Option<(&str, bool, &str)> {
    let at = term.find(['=', '!'])?;
    let (field, rest) = term.split_at(at);
    for (operator, equal) in [("!=", false), ("==", true), ("=", true)] {
        if let Some(value) = rest.strip_prefix(operator) {
            return Some((field, equal, value));
        }
    }
    None
}

/// The fields beyond name and namespace, as Kubernetes 1.34 selects by them.
fn own_fields(resource: &Resource) -> &'static [&'static str] {
    match (resource.of.group.as_str(), resource.of.kind.as_str()) {
        ("", "Pod") => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
        ("", "Event") => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        ("", "Node") => &["spec.unschedulable"],
        ("", "Namespace") => &["status.phase"],
        ("", "Secret") => &["type"],
        ("", "Service") => &["spec.clusterIP", "spec.type"],
        ("", "ReplicationController") => &["status.replicas"],
        ("batch", "Job") => &["status.successful"],
        ("certificates.k8s.io", "CertificateSigningRequest") => &["spec.signerName"],
        _ => &[],
    }
}

fn supports(resource: &Resource, field: &str) -> bool {
    match field {
        "metadata.name" => true,
        // Known even for cluster-wide kinds, but for these two.
        "metadata.namespace" => !matches!(resource.of.kind.as_str(), "Node" | "Namespace"),
        field => own_fields(resource).contains(&field),
    }
}

/// Kinds with fields of their own, and custom ones, say it in other words than the rest.
fn unsupported(resource: &Resource, field: &str) -> String {
    if resource.columns.is_some() || !own_fields(resource).is_empty() {
        return format!("field label not supported: {field}");
    }
    format!(
        "\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
    )
}

fn value(object: &Object, field: &str) -> String {
    match field {
        "metadata.name" => return object.name.clone(),
        "metadata.namespace" => return object.namespace.clone(),
        "source" => return first(object, &["/source/component", "/reportingComponent"]),
        "status.podIP" | "status.podIPs" => {
            return first(object, &["/status/podIP", "/status/podIPs/0/ip"]);
        }
        "status.successful" => return scalar(object.value.pointer("/status/succeeded"), "0"),
        "spec.hostNetwork" | "spec.unschedulable" => {
            return scalar(object.value.pointer(&pointer(field)), "false");
        }
        "status.replicas" => return scalar(object.value.pointer(&pointer(field)), "0"),
        _ => {}
    }
    scalar(object.value.pointer(&pointer(field)), "")
}

fn pointer(field: &str) -> String {
    format!("/{}", field.replace('.', "/"))
}

fn first(object: &Object, pointers: &[&str]) -> String {
    pointers
        .iter()
        .map(|pointer| object.text(pointer))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
        .to_owned()
}

fn scalar(value: Option<&Value>, absent: &str) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Bool(_) | Value::Number(_))) => value.to_string(),
        _ => absent.to_owned(),
    }
}
