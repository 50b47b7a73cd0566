//! A pod and how its containers do.

use super::meta::{condition, count, meta, shortened, time};
use super::spec::spec;
use evidence::fact::pod::{ContainerStatus, Ended, Pod, State};
use k8s_openapi::api::core::v1 as api;

/// A pod.
pub fn pod(from: api::Pod) -> Pod {
    let status = from.status.unwrap_or_default();
    let init = status.init_container_statuses.unwrap_or_default().into_iter();
    let main = status.container_statuses.unwrap_or_default().into_iter();
    let conditions = status.conditions.unwrap_or_default().into_iter();
    Pod {
        meta: meta(from.metadata),
        spec: from.spec.map(spec).unwrap_or_default(),
        phase: status.phase.unwrap_or_default(),
        reason: status.reason.unwrap_or_default(),
        message: shortened(status.message.unwrap_or_default()),
        conditions: conditions
            .map(|it| {
                condition(it.type_, it.status, it.reason, it.message, it.last_transition_time)
            })
            .collect(),
        containers: init
            .map(|it| container(it, true))
            .chain(main.map(|it| container(it, false)))
            .collect(),
        address: status.pod_ip.unwrap_or_default(),
        started: time(status.start_time),
        alike: 0,
    }
}

fn container(from: api::ContainerStatus, init: bool) -> ContainerStatus {
    ContainerStatus {
        name: from.name,
        init,
        ready: from.ready,
        started: from.started,
        restarts: count(Some(from.restart_count)),
        image_id: from.image_id,
        state: from.state.and_then(state),
        last: from.last_state.and_then(|last| last.terminated).map(ended),
    }
}

fn state(from: api::ContainerState) -> Option<State> {
    if let Some(waiting) = from.waiting {
        return Some(State::Waiting {
            reason: waiting.reason.unwrap_or_default(),
            message: shortened(waiting.message.unwrap_or_default()),
        });
    }
    if let Some(running) = from.running {
        return Some(State::Running { since: time(running.started_at) });
    }
    from.terminated.map(|it| State::Terminated(ended(it)))
}

fn ended(from: api::ContainerStateTerminated) -> Ended {
    Ended {
        exit_code: from.exit_code,
        reason: from.reason.unwrap_or_default(),
        message: shortened(from.message.unwrap_or_default()),
        started: time(from.started_at),
        finished: time(from.finished_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> Pod {
        pod(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn a_crash_loop_keeps_how_the_last_run_ended() {
        let pod = read(json!({"metadata": {"name": "web"}, "status": {"phase": "Running",
            "containerStatuses": [{"name": "web", "image": "", "imageID": "", "ready": false, "restartCount": 7,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
                "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled",
                    "startedAt": "2026-11-01T10:00:00Z", "finishedAt": "2026-11-01T10:00:09Z"}}}]}}));
        let container = &pod.containers[0];
        assert_eq!(container.restarts, 7);
        assert_eq!(
            container.state,
            Some(State::Waiting {
                reason: "CrashLoopBackOff".to_owned(),
                message: "back-off 5m0s".to_owned()
            })
        );
        let last = container.last.clone().unwrap();
        assert_eq!((last.exit_code, last.reason.as_str()), (137, "OOMKilled"));
        assert_eq!(last.finished, Some("2026-11-01T10:00:09Z".parse().unwrap()));
    }

    #[test]
    fn init_containers_come_first() {
        let pod = read(json!({"metadata": {"name": "web"}, "status": {
            "containerStatuses": [{"name": "web", "image": "", "imageID": "", "ready": false, "restartCount": 0}],
            "initContainerStatuses": [{"name": "migrate", "image": "", "imageID": "", "ready": true,
                "restartCount": 0}]}}));
        let said: Vec<(&str, bool)> =
            pod.containers.iter().map(|it| (it.name.as_str(), it.init)).collect();
        assert_eq!(said, [("migrate", true), ("web", false)]);
    }

    #[test]
    fn an_evicted_pod_keeps_its_reason() {
        let pod = read(json!({"metadata": {"name": "web"}, "status": {"phase": "Failed",
            "reason": "Evicted", "message": "The node was low on resource: memory."}}));
        assert_eq!((pod.phase.as_str(), pod.reason.as_str()), ("Failed", "Evicted"));
    }
}
