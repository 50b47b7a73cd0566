//! How an object differs from what was last applied of it, which `kubectl apply` and Argo CD leave in an annotation.

use super::application::Part;
use crate::difference::{self, Difference};
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::redact;
use clients::kubernetes::words::Meaning;
use evidence::testimony::Source;
use mcp::failure::Failure;
use serde_json::Value;

/// Where the last applied object is.
const LAST_APPLIED: &str =
    "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";

/// Fields that are maps.
const MAPS: [&str; 7] =
    ["annotations", "data", "labels", "limits", "matchLabels", "nodeSelector", "requests"];

/// One object beside what was wanted of it.
pub(crate) struct Drift {
    /// Fields that were applied and are otherwise now: before is what was wanted, after what is.
    pub(crate) differences: Vec<Difference>,
    /// The read.
    pub(crate) source: Source,
}

/// Compares one object.
///
/// # Errors
/// Why it cannot be compared, in one line.
pub(crate) async fn of(client: &Client, part: &Part) -> Result<Drift, String> {
    let word = match part.group.as_str() {
        "" => part.kind.clone(),
        group => format!("{}.{group}", part.kind),
    };
    let meaning = client.resolve(&word).await.map_err(|refusal| Failure::from(&refusal).message)?;
    let resource = match meaning {
        Meaning::Kind(resource) => resource,
        Meaning::Unreadable(why) => return Err(why.to_owned()),
        Meaning::Unknown(_) => return Err("the cluster does not serve its kind".to_owned()),
        Meaning::Unanswered { groups, .. } => {
            return Err(format!("the kind is not known: {} did not answer", groups.join(", ")));
        }
    };
    let reach = match (resource.namespaced, part.namespace.as_str()) {
        (false, _) => Reach::Cluster,
        (true, namespace) => Reach::Namespace(namespace),
    };
    let got = client.get::<Value>(&resource, reach, &part.name).await;
    let got = got.map_err(|refusal| Failure::from(&refusal).message)?;
    let source = Source { method: "GET".to_owned(), path: got.path, observed_at: got.observed_at };
    let differences =
        between(got.object).ok_or("it keeps no last applied form, as after a server-side apply")?;
    Ok(Drift { differences, source })
}

/// None where the object does not keep what was applied.
fn between(mut live: Value) -> Option<Vec<Difference>> {
    let applied = live.pointer(LAST_APPLIED)?.as_str()?;
    let mut wanted: Value = serde_json::from_str(applied).ok()?;
    redact::in_process(&mut wanted);
    redact::in_process(&mut live);
    let mut found = difference::between(&wanted, &live);
    // What nobody wrote is a default or an answer.
    found.retain(|it| it.before.is_some() && !is_left_out(it));
    Some(found)
}

/// An API server does not keep an empty list or map, and keeps `emptyDir: {}`.
fn is_left_out(it: &Difference) -> bool {
    let name = it.path.rsplit('.').next().unwrap_or_default();
    let before = it.before.as_deref();
    it.after.is_none() && (before == Some("[]") || (before == Some("{}") && MAPS.contains(&name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_was_applied_can_drift() {
        let applied = json!({"kind": "Deployment", "metadata": {"name": "web", "annotations": {}},
            "spec": {"replicas": 2, "paused": false, "nodeSelector": {}, "tolerations": []}});
        let live = json!({"kind": "Deployment", "metadata": {"name": "web", "uid": "1", "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": applied.to_string()}},
            "spec": {"replicas": 5, "paused": false, "progressDeadlineSeconds": 600}});
        let lines: Vec<String> = between(live).unwrap().iter().map(Difference::line).collect();
        assert_eq!(lines, ["spec.replicas: 2 → 5"]);
    }

    #[test]
    fn what_keeps_no_wish_is_not_compared() {
        assert!(between(json!({"kind": "Deployment", "metadata": {"name": "web"}})).is_none());
    }
}
