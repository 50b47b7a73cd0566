//! Pods that fail without a workload's count showing it: pods that nothing owns, restarts, pods that will not go.

use super::workloads::{awaits_room, is_ready, patience, shows_failure};
use super::{Gravity, Symptom};
use crate::case::Case;
use crate::case::containers::Running;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::pod::{ContainerStatus, Ended, Pod, State};
use jiff::{SignedDuration, Timestamp};

/// A pod that was told to go has this long before it counts as stuck: the default grace and some.
const LEAVING: SignedDuration = SignedDuration::from_mins(5);

/// What ends sooner than this after its start does not get over its start: the kubelet waits longer before the next one
/// until a container has run for as long.
const SOON: SignedDuration = SignedDuration::from_mins(10);

/// What has run for so many times as long as the run before does not crash at its start any more.
const LONGER: i32 = 3;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for root in case.roots() {
        let mut worst: Option<Symptom> = None;
        for pod in case.pods_of(root) {
            let found = leaving(case, root, pod)
                .or_else(|| unowned(case, root, pod))
                .or_else(|| restarting(case, root, pod));
            if let Some(found) = found
                && worst.as_ref().is_none_or(|worst| worst.gravity < found.gravity)
            {
                worst = Some(found);
            }
        }
        symptoms.extend(worst);
    }
}

fn leaving(case: &Case, root: &Entity, pod: Seen<'_, Pod>) -> Option<Symptom> {
    let deleted = pod.meta.deleted?;
    if case.as_of.duration_since(deleted) < LEAVING {
        return None;
    }
    let what = format!("pod {} should have gone by {deleted}", pod.meta.name);
    let cites = vec![Cite::new(pod.exhibit, format!("{}: {what}", pod.meta.entity("Pod")))];
    Some(Symptom {
        entity: root.clone(),
        what,
        since: Some(deleted),
        gravity: Gravity::Partial,
        cites,
    })
}

/// Pods whose owner keeps no count that we read: bare pods, bare ReplicaSets, Jobs that still try, custom owners.
fn unowned(case: &Case, root: &Entity, pod: Seen<'_, Pod>) -> Option<Symptom> {
    if matches!(root.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet")
        && case.workload(root).seen().is_some()
    {
        return None;
    }
    if is_ready(&pod) || pod.meta.deleted.is_some() {
        return None;
    }
    if is_job(root) && pod.phase == "Failed" {
        return None; // The Job itself tells whether that was the end of it.
    }
    let asked = case.asks_about(&root.kind, &root.name);
    if pod.phase == "Pending" && !asked && case.gives_way(root, pod.it) {
        return None;
    }
    if case.rules.current_state {
        let asked = asked || case.asks_about("Pod", &pod.meta.name);
        if pod.phase == "Failed" && !asked && is_left_over(case, root, pod.it) {
            return None;
        }
        let asked = asked || case.reported;
        let age = pod.meta.created.map(|created| case.as_of.duration_since(created));
        let starts = !shows_failure(&pod) && age.is_some_and(|age| age < patience(pod.it, asked));
        if starts || !asked && awaits_room(case, pod.it) {
            return None;
        }
    }
    let what = format!("pod {} is {} and not ready", pod.meta.name, pod.phase);
    let cites = vec![Cite::new(
        pod.exhibit,
        format!("{}: {} and not ready", pod.meta.entity("Pod"), pod.phase),
    )];
    Some(Symptom { entity: root.clone(), what, since: pod.started, gravity: Gravity::Down, cites })
}

/// Nobody takes away a pod that has failed: one that ended before the time that is looked at, or of which a younger one has
/// taken the place, is history.
fn is_left_over(case: &Case, root: &Entity, pod: &Pod) -> bool {
    let ended = |it: &ContainerStatus| match &it.state {
        Some(State::Terminated(ended)) => ended.finished,
        _ => None,
    };
    let ends: Option<Timestamp> = pod.containers.iter().filter_map(ended).max();
    let told = pod.conditions.iter().filter_map(|it| it.since).max();
    ends.or(told).is_some_and(|at| at < case.window.start)
        || case.pods_of(root).any(|it| it.it.meta.created > pod.meta.created && is_ready(it.it))
}

fn is_job(root: &Entity) -> bool {
    matches!(root.kind.as_str(), "Job" | "CronJob")
}

/// What ended a container is over: it has done its work, or it ended soon after each start, and has run for long since. One
/// that ended after a long run may end after the next.
fn is_over(case: &Case, status: &ContainerStatus) -> bool {
    if let Some(State::Terminated(ended)) = &status.state {
        return status.init && ended.exit_code == 0;
    }
    let Some(State::Running { since: Some(since) }) = status.state else { return false };
    let Some(Ended { started: Some(started), finished: Some(finished), .. }) = &status.last else {
        return false;
    };
    let ran = finished.duration_since(*started);
    ran < SOON && case.as_of.duration_since(since) >= SOON.max(ran * LONGER)
}

/// Whether a probe ended the run before: a program that minds `SIGTERM` ends well all the same.
fn is_killed_by_probe(
    case: &Case,
    root: &Entity,
    pod: Seen<'_, Pod>,
    it: &ContainerStatus,
) -> bool {
    let Some(spec) = pod.it.spec.containers.iter().find(|spec| spec.name == it.name) else {
        return false;
    };
    case.killed_by_probe(&Running { root, pod, spec, status: it }).is_some()
}

/// A container of a ready pod that was killed or crashed within the window.
fn restarting(case: &Case, root: &Entity, pod: Seen<'_, Pod>) -> Option<Symptom> {
    if is_job(root) {
        return None;
    }
    let status = pod.it.containers.iter().find(|status| {
        let Some(last) = &status.last else { return false };
        let recent = last.finished.is_none_or(|at| at >= case.window.start);
        let counts = status.restarts >= 3 || last.reason == "OOMKilled";
        let over = case.rules.current_state && is_over(case, status);
        let failed = last.exit_code != 0 || is_killed_by_probe(case, root, pod, status);
        failed && counts && !over && (recent || !case.rules.baseline)
    })?;
    let what = format!("container {} was started again {} times", status.name, status.restarts);
    let since = status.last.as_ref().and_then(|last| last.finished);
    let cites = vec![Cite::new(pod.exhibit, format!("{}: {what}", pod.meta.entity("Pod")))];
    Some(Symptom { entity: root.clone(), what, since, gravity: Gravity::Light, cites })
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    const FAILED: &str = r#"
- pod:
    meta: {namespace: shop, name: build-1, created: "2026-11-20T10:00:00Z", owner: {kind: TaskRun, namespace: shop, name: build}}
    phase: Failed
    containers: [{name: step, state: {terminated: {exit_code: 1, reason: Error, finished: "ENDED"}}}]
"#;
    const YOUNGER: &str = r#"
- pod:
    meta: {namespace: shop, name: build-2, created: "2026-11-21T11:50:00Z", owner: {kind: TaskRun, namespace: shop, name: build}}
    phase: Succeeded
"#;

    #[test]
    fn what_failed_before_the_window_is_history_unless_it_was_asked_about() {
        let old = FAILED.replace("ENDED", "2026-11-20T10:05:00Z");
        assert!(seen(&old, None).is_empty());
        assert_eq!(seen(&old, Some("pod/build-1")), ["TaskRun shop/build"]);
    }

    #[test]
    fn what_failed_lately_is_a_symptom_until_another_one_does_it() {
        let new = FAILED.replace("ENDED", "2026-11-21T11:40:00Z");
        assert_eq!(seen(&new, None), ["TaskRun shop/build"]);
        assert!(seen(&format!("{new}{YOUNGER}"), None).is_empty());
    }

    const RESTARTED: &str = r#"
- pod:
    meta: {namespace: shop, name: web-0, owner: {kind: StatefulSet, namespace: shop, name: web}}
    phase: Running
    spec: {containers: [{name: web, liveness: {handler: http}}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [STATUS]
"#;

    fn restarted(status: &str) -> usize {
        seen(&RESTARTED.replace("STATUS", status), None).len()
    }

    #[test]
    fn an_init_container_that_has_done_its_work_is_over() {
        let status = |code: i32| {
            format!(
                "{{name: wait, init: true, restarts: 3, state: {{terminated: {{exit_code: {code}}}}}, last: {{exit_code: 1, finished: \"2026-11-21T11:50:00Z\"}}}}"
            )
        };
        assert_eq!(restarted(&status(0)), 0);
        assert_eq!(restarted(&status(1)), 1);
    }

    #[test]
    fn what_waited_for_its_database_and_runs_since_is_over() {
        let status = |since: &str| {
            format!(
                "{{name: web, ready: true, restarts: 4, state: {{running: {{since: \"{since}\"}}}}, last: {{exit_code: 1, started: \"2026-11-21T11:44:00Z\", finished: \"2026-11-21T11:44:20Z\"}}}}"
            )
        };
        assert_eq!(restarted(&status("2026-11-21T11:45:00Z")), 0);
        assert_eq!(restarted(&status("2026-11-21T11:55:00Z")), 1);
    }

    #[test]
    fn a_program_that_ends_well_when_a_probe_ends_it_is_a_symptom() {
        let status = "{name: web, ready: true, restarts: 15, state: {running: {since: \"2026-11-21T11:58:00Z\"}}, last: {exit_code: 0, finished: \"2026-11-21T11:57:00Z\"}}";
        let killed = r#"
- event: {subject: {kind: Pod, namespace: shop, name: web-0}, reason: Killing, message: "Container web failed liveness probe, will be restarted", last: "2026-11-21T11:57:00Z"}
"#;
        let facts = RESTARTED.replace("STATUS", status);
        assert!(seen(&facts, None).is_empty());
        assert_eq!(seen(&format!("{facts}{killed}"), None), ["StatefulSet shop/web"]);
    }
}
