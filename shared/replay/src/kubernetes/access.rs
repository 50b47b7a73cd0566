//! What may be read, as the self-subject reviews tell it: all that was looked at.

use crate::kubernetes::reply::{self, Reply};
use crate::snapshot::Snapshot;
use crate::snapshot::resources::Resource;
use http::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Why objects of `resource` cannot be read; `None` where they can.
pub(crate) fn denied(snapshot: &Snapshot, resource: &Resource) -> Option<String> {
    let names = ["kubernetes", &resource.plural, &resource.qualified()];
    if let Some(why) = names.iter().find_map(|name| unavailable(snapshot, name)) {
        return Some(why);
    }
    if snapshot.objects.looked_at.contains(&resource.of) {
        return None;
    }
    Some("the snapshot holds none and does not say that there were none".to_owned())
}

/// Why logs cannot be read.
pub(crate) fn logs_denied(snapshot: &Snapshot) -> Option<String> {
    ["logs", "pods/log"].iter().find_map(|name| unavailable(snapshot, name))
}

fn unavailable(snapshot: &Snapshot, name: &str) -> Option<String> {
    let source = snapshot.about.sources.get(name).filter(|source| !source.available)?;
    let why = source.reason.as_deref().unwrap_or("the snapshot says that it could not be read");
    Some(why.to_owned())
}

/// Answers a SelfSubjectAccessReview or a SelfSubjectRulesReview; `None` for any other write.
pub(crate) fn review(snapshot: &Snapshot, plural: &str, body: &[u8]) -> Option<Reply> {
    let answer: fn(&Snapshot, &Value) -> Value = match plural {
        "selfsubjectaccessreviews" => access,
        "selfsubjectrulesreviews" => |snapshot, _| rules(snapshot),
        _ => return None,
    };
    let Ok(mut review) = serde_json::from_slice::<Value>(body) else {
        return Some(reply::not_json());
    };
    let status = answer(snapshot, &review);
    let Some(fields) = review.as_object_mut() else {
        return Some(reply::bad_request("the body is not an object"));
    };
    fields.insert("status".to_owned(), status);
    Some(Reply::json(StatusCode::CREATED, &review))
}

fn access(snapshot: &Snapshot, review: &Value) -> Value {
    let attribute = |name: &str| {
        let pointer = format!("/spec/resourceAttributes/{name}");
        review.pointer(&pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    if review.pointer("/spec/nonResourceAttributes").is_some() {
        return json!({"allowed": true});
    }
    let (verb, group, plural) = (attribute("verb"), attribute("group"), attribute("resource"));
    let known = |one: &&Resource| one.of.group == group && one.plural == plural;
    let Some(resource) = snapshot.objects.resources.iter().find(known) else {
        return json!({"allowed": false, "reason": "there is no such resource in the snapshot"});
    };
    if !matches!(verb.as_str(), "get" | "list") {
        return json!({"allowed": false, "reason": "a snapshot can only be read"});
    }
    let log = attribute("subresource") == "log";
    match denied(snapshot, resource).or_else(|| logs_denied(snapshot).filter(|_| log)) {
        None => json!({"allowed": true}),
        Some(why) => json!({"allowed": false, "reason": why}),
    }
}

fn rules(snapshot: &Snapshot) -> Value {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for resource in &snapshot.objects.resources {
        if denied(snapshot, resource).is_some() {
            continue;
        }
        let plurals = groups.entry(&resource.of.group).or_default();
        plurals.push(&resource.plural);
        if resource.plural == "pods" && logs_denied(snapshot).is_none() {
            plurals.push("pods/log");
        }
    }
    let rules: Vec<_> = groups
        .iter()
        .map(|(group, plurals)| json!({"verbs": ["get", "list"], "apiGroups": [group], "resources": plurals}))
        .collect();
    let urls = ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/readyz", "/version"];
    json!({
        "resourceRules": rules,
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": urls}],
        "incomplete": false,
    })
}
