//! Revisions of a workload: what made each, who, and how two of them differ.

use crate::difference::{self, Difference};
use crate::translate;
use clients::kubernetes::reads::{CONTROLLER_REVISIONS, REPLICA_SETS};
use clients::kubernetes::redact;
use clients::kubernetes::resource::Resource;
use evidence::fact::Body;
use evidence::fact::meta::{Meta, Touch};
use evidence::fact::workload::{Revision, Workload};
use jiff::Timestamp;
use serde_json::Value;

/// Where a Deployment's controller keeps the numbers that a ReplicaSet had before.
const BEFORE: &str = "deployment.kubernetes.io/revision-history";
/// Between the write of a workload and its controller's new revision, in seconds.
const TOGETHER: i64 = 5;
/// The label and annotations that controllers add to what somebody wrote.
const ADDED: [&str; 3] =
    ["pod-template-hash", "controller-revision-hash", "pod-template-generation"];

/// One revision, with what was asked of its pods.
pub(crate) struct Written {
    /// What it says to a diagnosis.
    pub(crate) fact: Revision,
    /// The pod template without secrets and what controllers add.
    pub(crate) template: Value,
    /// The numbers that it had before it was taken back, as `1,3`.
    pub(crate) before: String,
}

/// A ReplicaSet or ControllerRevision as a revision.
///
/// # Errors
/// Where it is not in the form of its kind.
pub(crate) fn written(
    resource: &Resource,
    mut object: Value,
) -> Result<Option<Written>, serde_json::Error> {
    let body = translate::any(&resource.api_version(), &resource.kind, object.clone())?;
    let Body::Revision(fact) = body else { return Ok(None) };
    let annotations = object.pointer("/metadata/annotations");
    let before = annotations.and_then(|it| it.get(BEFORE)).and_then(Value::as_str);
    let before = before.unwrap_or_default().to_owned();
    redact::in_process(&mut object);
    let place = if *resource == REPLICA_SETS { "/spec/template" } else { "/data/spec/template" };
    let mut template = object.pointer_mut(place).map(Value::take).unwrap_or_default();
    if let Some(fields) = template.as_object_mut() {
        // How a patch is to be applied says nothing of the pods.
        fields.remove("$patch");
    }
    for part in ["/metadata/labels", "/metadata/annotations"] {
        if let Some(fields) = template.pointer_mut(part).and_then(Value::as_object_mut) {
            fields.retain(|name, _| !ADDED.contains(&name.as_str()));
        }
    }
    Ok(Some(Written { fact, template, before }))
}

/// Where the revisions of a kind of workload are kept; none for what has none.
pub(crate) fn kept_in(kind: &str) -> Option<Resource> {
    match kind {
        "Deployment" => Some(REPLICA_SETS),
        "StatefulSet" | "DaemonSet" => Some(CONTROLLER_REVISIONS),
        _ => None,
    }
}

/// How two revisions differ.
pub(crate) fn differences(before: &Written, after: &Written) -> Vec<Difference> {
    let mut found = difference::between(&before.template, &after.template);
    for it in &mut found {
        // All of it is of the pod's spec; saying so on each line helps nobody.
        if let Some(rest) = it.path.strip_prefix("spec.") {
            it.path = rest.to_owned();
        }
        if it.path.contains(".env[")
            && let Some(variable) = it.path.strip_suffix(".value")
        {
            it.path = variable.to_owned();
        }
    }
    found
}

/// Who wrote the pod template at the moment that a revision was made, as they call themselves.
pub(crate) fn author(workload: &Meta, made: Option<Timestamp>) -> String {
    let Some(made) = made else { return String::new() };
    let near = workload.touches.iter().filter(|it| writes_template(it) && is_near(it.at, made));
    near.map(|it| it.manager.as_str()).next_back().unwrap_or_default().to_owned()
}

/// The last time that somebody wrote the pod template, and who.
pub(crate) fn last_write(workload: &Meta) -> Option<&Touch> {
    workload.touches.iter().rev().find(|it| writes_template(it))
}

/// It may have written the pod template: a manager's entry has the fields that it owns, whenever it wrote them.
pub(crate) fn writes_template(touch: &Touch) -> bool {
    touch.subresource.is_empty() && touch.fields.iter().any(|it| it.starts_with("spec.template"))
}

/// A write that a controller answered with what was made then.
pub(crate) fn is_near(written: Option<Timestamp>, made: Timestamp) -> bool {
    written.is_some_and(|at| (made.as_second() - at.as_second()).abs() <= TOGETHER)
}

/// How a rollout stands, as `kubectl rollout status` says it.
pub(crate) fn status(it: &Workload) -> String {
    let stuck = it.conditions.iter().any(|one| one.reason == "ProgressDeadlineExceeded");
    if it.paused {
        return format!("paused, {} of {} pods are of the newest revision", it.updated, it.desired);
    }
    if it.unobserved {
        return "not begun: the controller has not seen the newest spec".to_owned();
    }
    let how = if stuck { "stuck past its deadline" } else { "in progress" };
    if it.updated < it.desired && it.strategy == "OnDelete" {
        return format!(
            "waits for pods to be deleted: {} of {} are of the newest revision",
            it.updated, it.desired
        );
    }
    if it.updated < it.desired {
        return format!("{how}: {} of {} pods are of the newest revision", it.updated, it.desired);
    }
    if it.current > it.updated {
        return format!("{how}: {} old pods are still there", it.current - it.updated);
    }
    if it.available < it.desired {
        return format!("{how}: {} of {} pods are available", it.available, it.desired);
    }
    format!("complete: {} of {} pods are available", it.available, it.desired)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn replica_set(image: &str, password: &str) -> Written {
        let object = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web-1"},
            "spec": {"selector": {}, "template": {"metadata": {"labels": {"app": "web", "pod-template-hash": image}},
                "spec": {"containers": [{"name": "web", "image": image,
                    "env": [{"name": "DB_PASSWORD", "value": password}]}]}}}});
        written(&REPLICA_SETS, object).unwrap().unwrap()
    }

    #[test]
    fn a_password_that_changed_is_seen_to_change_and_not_seen() {
        let (before, after) =
            (replica_set("web:1", "hunter2hunter2"), replica_set("web:1", "hunter3hunter3"));
        let lines: Vec<String> =
            differences(&before, &after).iter().map(Difference::line).collect();
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with("containers[web].env[DB_PASSWORD]: <redacted"), "{lines:?}");
        assert!(!lines[0].contains("hunter"), "{lines:?}");
    }

    #[test]
    fn what_controllers_add_is_no_difference() {
        let paths: Vec<String> = differences(&replica_set("web:1", ""), &replica_set("web:2", ""))
            .into_iter()
            .map(|it| it.path)
            .collect();
        assert_eq!(paths, ["containers[web].image"]);
    }

    #[test]
    fn a_rollout_says_what_it_waits_for() {
        let workload = |updated, current, available| Workload {
            desired: 3,
            updated,
            current,
            available,
            ..Workload::default()
        };
        assert_eq!(
            status(&workload(1, 3, 3)),
            "in progress: 1 of 3 pods are of the newest revision"
        );
        assert_eq!(status(&workload(3, 4, 3)), "in progress: 1 old pods are still there");
        assert_eq!(status(&workload(3, 3, 2)), "in progress: 2 of 3 pods are available");
        assert_eq!(status(&workload(3, 3, 3)), "complete: 3 of 3 pods are available");
    }
}
