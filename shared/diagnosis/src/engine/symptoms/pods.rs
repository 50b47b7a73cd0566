//! Pods that fail without a workload's count showing it: pods that nothing owns, restarts, pods that will not go.

use super::workloads::{is_ready, shows_failure};
use super::{Gravity, Symptom};
use crate::case::Case;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::pod::{ContainerStatus, Ended, Pod, State};
use jiff::SignedDuration;

/// A pod that was told to go has this long before it counts as stuck: the default grace and some.
const LEAVING: SignedDuration = SignedDuration::from_mins(5);

/// What ends sooner than this after its start does not get over its start: the kubelet waits longer before the next one
/// until a container has run for as long.
const SOON: SignedDuration = SignedDuration::from_mins(10);

/// What has run for so long does not crash at its start any more.
const LONG: SignedDuration = SignedDuration::from_mins(30);

/// A pod may wait this long for its containers.
const GRACE: SignedDuration = SignedDuration::from_mins(2);

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
    let what = format!("pod {} has been terminating since {deleted}", pod.meta.name);
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
    let age = pod.meta.created.map(|created| case.as_of.duration_since(created));
    if case.rules.current_state && !shows_failure(&pod) && age.is_some_and(|age| age < GRACE) {
        return None;
    }
    let what = format!("pod {} is {} and not ready", pod.meta.name, pod.phase);
    let cites = vec![Cite::new(
        pod.exhibit,
        format!("{}: {} and not ready", pod.meta.entity("Pod"), pod.phase),
    )];
    Some(Symptom { entity: root.clone(), what, since: pod.started, gravity: Gravity::Down, cites })
}

fn is_job(root: &Entity) -> bool {
    matches!(root.kind.as_str(), "Job" | "CronJob")
}

/// A container that ended soon after each start, and has run for long since: what ended it is over. One that ended after a
/// long run may end after the next.
fn is_over(case: &Case, status: &ContainerStatus) -> bool {
    let Some(State::Running { since: Some(since) }) = status.state else { return false };
    let Some(Ended { started: Some(started), finished: Some(finished), .. }) = &status.last else {
        return false;
    };
    finished.duration_since(*started) < SOON && case.as_of.duration_since(since) >= LONG
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
        last.exit_code != 0 && counts && !over && (recent || !case.rules.baseline)
    })?;
    let what = format!("container {} was started again {} times", status.name, status.restarts);
    let since = status.last.as_ref().and_then(|last| last.finished);
    let cites = vec![Cite::new(pod.exhibit, format!("{}: {what}", pod.meta.entity("Pod")))];
    Some(Symptom { entity: root.clone(), what, since, gravity: Gravity::Light, cites })
}
