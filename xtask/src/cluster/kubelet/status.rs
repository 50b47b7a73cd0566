//! The status that the kubelet writes of a pod.

use super::account::Account;
use super::pod::{Container, Pod};
use super::time;
use super::words::Words;
use anyhow::Result;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The status of a pod in which one container does as the account says, and all others run.
pub(super) fn of(
    account: &Account,
    pod: &Pod,
    container: &Container,
    ip: &str,
    words: &Words,
) -> Result<Value> {
    let mut statuses = Vec::new();
    for each in &pod.spec.containers {
        let is_meant = each.name == container.name;
        statuses.push(if is_meant { told(account, each, pod, words)? } else { running(each, pod) });
    }
    let host = pod.node_address();
    Ok(json!({
        "phase": account.phase.as_deref().unwrap_or("Running"),
        "conditions": conditions(account, &container.name)?,
        "containerStatuses": statuses,
        "hostIP": host,
        "hostIPs": [{"ip": host}],
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "startTime": pod.status.start_time.as_ref().unwrap_or(&pod.metadata.creation_timestamp),
    }))
}

fn told(account: &Account, container: &Container, pod: &Pod, words: &Words) -> Result<Value> {
    // Before its first run a container has neither an id nor an image that was found.
    let has_run = account.last_state.is_some() || account.state.get("waiting").is_none();
    let last = account.last_state.as_ref().map(|last| words.put_into_all(last)).transpose()?;
    Ok(json!({
        "name": container.name,
        "image": container.image,
        "imageID": if has_run { image_id(container) } else { String::new() },
        "containerID": if has_run { container_id(container, pod) } else { String::new() },
        "ready": account.ready,
        "started": account.started || account.ready,
        "restartCount": account.restarts,
        "state": words.put_into_all(&account.state)?,
        "lastState": last.unwrap_or_else(|| json!({})),
    }))
}

fn running(container: &Container, pod: &Pod) -> Value {
    json!({
        "name": container.name,
        "image": container.image,
        "imageID": image_id(container),
        "containerID": container_id(container, pod),
        "ready": true,
        "started": true,
        "restartCount": 0,
        "state": {"running": {"startedAt": format!("{:.0}", Timestamp::now())}},
        "lastState": {},
    })
}

fn conditions(account: &Account, container: &str) -> Result<Value> {
    let since = time(account.since.as_deref())?;
    let message = format!("containers with unready status: [{container}]");
    let met = |kind: &str| json!({"type": kind, "status": "True", "lastTransitionTime": since});
    let of_readiness = |kind: &str| match account.ready {
        true => met(kind),
        false => json!({
            "type": kind, "status": "False", "lastTransitionTime": since,
            "reason": "ContainersNotReady", "message": message,
        }),
    };
    Ok(json!([
        met("PodReadyToStartContainers"),
        met("Initialized"),
        of_readiness("Ready"),
        of_readiness("ContainersReady"),
    ]))
}

fn image_id(container: &Container) -> String {
    let repository =
        container.image.rsplit_once(':').map_or(container.image.as_str(), |(name, _)| name);
    format!("{repository}@sha256:{}", digits(&container.image))
}

fn container_id(container: &Container, pod: &Pod) -> String {
    format!("containerd://{}", digits(&format!("{}/{}", pod.metadata.uid, container.name)))
}

/// 64 hexadecimal digits that are always the same for the same text.
fn digits(text: &str) -> String {
    let quarter = |number: u8| {
        let mut hasher = DefaultHasher::new();
        (number, text).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    };
    (0..4).map(quarter).collect()
}
