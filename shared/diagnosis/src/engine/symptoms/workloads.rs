//! Workloads that lack ready pods.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::case::stand_ins::is_stand_in;
use crate::case::touching::toucher;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::pod::{Pod, State};
use evidence::fact::spec::{Container, Probe};
use evidence::fact::workload::Workload;
use jiff::SignedDuration;

/// How long new pods may take before they count as late, where nothing else says that they fail.
const GRACE: SignedDuration = SignedDuration::from_mins(2);

/// How long a pod may take at most that says itself how long its start takes.
const LONGEST_START: SignedDuration = SignedDuration::from_mins(10);

/// A node that was ordered for a pod is there after so long, or does not come.
const ORDERED: SignedDuration = SignedDuration::from_mins(10);

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for workload in case.workloads() {
        symptoms.extend(short(case, workload));
    }
}

fn short(case: &Case, workload: Seen<'_, Workload>) -> Option<Symptom> {
    let entity = workload.meta.entity(&workload.kind);
    if workload.meta.deleted.is_some() {
        return None;
    }
    // What is wrong with pods that there are, they tell themselves.
    if is_stand_in(&workload.kind) && workload.desired > 0 && workload.current >= workload.desired {
        return None;
    }
    if workload.desired == 0 {
        return idle(case, workload, entity);
    }
    let unfinished = workload.updated < workload.desired && stuck(&workload);
    // Enough pods of the old revision may serve while one of the new fails: surge hides it from the counts. One that only
    // waits fails once the rollout has waited for it for too long.
    let failing: Vec<_> = case
        .pods_of(&entity)
        .filter(|pod| pod.meta.deleted.is_none() && pod.phase != "Failed")
        .filter(|pod| !is_ready(pod) && (shows_failure(pod) || stuck(&workload)))
        .collect();
    let held = is_held(&workload) && is_news_or_asked(case, &workload);
    if !held && !stuck(&workload) && is_meant(case, &workload, &entity) {
        return None;
    }
    let asked = case.asks_about(&workload.kind, &workload.meta.name);
    let kept_back = case.kept_back(workload).filter(|_| asked);
    let complete = workload.ready >= workload.desired && !unfinished && !held && failing.is_empty();
    if complete && let Some(kept) = &kept_back {
        let what = format!("{} of {} pods keep its old template", kept.old, workload.desired);
        let cites = vec![Cite::new(workload.exhibit, format!("{entity}: {what}"))];
        let since = kept.newest.meta.created;
        return Some(Symptom { entity, what, since, gravity: Gravity::Partial, cites });
    }
    if complete {
        return None;
    }
    if !held && case.rules.current_state && is_starting(case, &workload, &entity) {
        return None;
    }
    let what = if workload.ready < workload.desired {
        format!("{} of {} pods ready", workload.ready, workload.desired)
    } else if !failing.is_empty() {
        let failing = failing.len();
        let pods = if failing == 1 {
            "1 further pod does".to_owned()
        } else {
            format!("{failing} further pods do")
        };
        format!("{pods} not come up ({} of {} pods ready)", workload.ready, workload.desired)
    } else if held {
        "its newest template waits because it is paused".to_owned()
    } else {
        let (updated, desired) = (workload.updated, workload.desired);
        format!("its new revision does not come up ({updated} of {desired} pods updated)")
    };
    let gravity = if workload.ready == 0 { Gravity::Down } else { Gravity::Partial };
    let says = format!("{entity}: {what}");
    let since = condition(&workload.conditions, "Available")
        .filter(|it| it.status != "True")
        .and_then(|it| it.since)
        .or_else(|| failing.iter().filter_map(|pod| pod.meta.created).min());
    Some(Symptom { entity, what, since, gravity, cites: vec![Cite::new(workload.exhibit, says)] })
}

/// Every pod that it lacks is not ready on purpose. Whoever asks about one that keeps room free wants to know of it.
fn is_meant(case: &Case, workload: &Workload, entity: &Entity) -> bool {
    let asked = case.asks_about(&workload.kind, &workload.meta.name);
    let mut unready = case.pods_of(entity).filter(|pod| !is_ready(pod)).peekable();
    workload.current >= workload.desired
        && workload.updated >= workload.desired
        && unready.peek().is_some()
        && unready.all(|pod| case.stands_by(entity, pod.it) || !asked && case.keeps_room(pod.it))
}

/// A workload without pods is as somebody wanted it, unless somebody asks about it and somebody misses it.
fn idle(case: &Case, workload: Seen<'_, Workload>, entity: Entity) -> Option<Symptom> {
    let asked = case.asks_about(&workload.kind, &workload.meta.name)
        || case.is_named(&workload.meta.namespace, &workload.meta.name);
    if workload.kind == "DaemonSet" {
        let what = "no node is meant to run it".to_owned();
        let cites = vec![Cite::new(workload.exhibit, format!("{entity}: {what}"))];
        let symptom = Symptom { entity, what, since: None, gravity: Gravity::Down, cites };
        return case.shut_out(workload).filter(|_| asked).map(|_| symptom);
    }
    if !asked || case.rules.used && !case.is_wanted(workload.it) {
        return None;
    }
    if case.asleep(workload).is_some() || case.rests_unmissed(workload.it) {
        return None;
    }
    let what = "scaled to 0 pods".to_owned();
    let cites = vec![Cite::new(workload.exhibit, format!("{entity}: {what}"))];
    Some(Symptom { entity, what, since: None, gravity: Gravity::Down, cites })
}

/// What has been paused for long is so by somebody's will; whoever asks about it may not know.
fn is_news_or_asked(case: &Case, workload: &Workload) -> bool {
    // The template that waits is of no revision yet.
    let set = ["spec.template", "spec.paused"].into_iter();
    let set = set.filter_map(|it| toucher(&workload.meta, it)?.at).max();
    case.asks_about(&workload.kind, &workload.meta.name)
        || case.is_named(&workload.meta.namespace, &workload.meta.name)
        || set.or(workload.meta.created).is_none_or(|at| case.is_news(Some(at)))
}

/// It is paused, and no pod is of its newest template: a canary has some.
fn is_held(workload: &Workload) -> bool {
    workload.paused && workload.updated == 0 && workload.current > 0
}

/// The rollout's own verdict on itself.
fn stuck(workload: &Workload) -> bool {
    condition(&workload.conditions, "Progressing").is_some_and(|it| it.status == "False")
        || condition(&workload.conditions, "ReplicaFailure").is_some_and(|it| it.status == "True")
}

/// Pods that are young and show no sign of failing are a rollout in progress.
fn is_starting(case: &Case, workload: &Workload, entity: &Entity) -> bool {
    if stuck(workload) {
        return false;
    }
    let mut late = 0;
    let mut young = 0;
    // What somebody misses may as well be late.
    let asked = case.reported || case.asks_about(&workload.kind, &workload.meta.name);
    // What is on its way out, or has ended, is not what it lacks.
    let counts = |pod: &Pod| pod.meta.deleted.is_none() && pod.phase != "Failed";
    for pod in case.pods_of(entity).filter(|pod| !is_ready(pod) && counts(pod)) {
        if !asked && awaits_room(case, &pod) {
            young += 1;
            continue;
        }
        let age = pod.meta.created.map(|created| case.as_of.duration_since(created));
        // What is bound to a node that is not there is removed, and made anew, for ever young.
        let lost = !pod.spec.node_name.is_empty() && case.node(&pod.spec.node_name).is_absent();
        if lost || shows_failure(&pod) || age.is_none_or(|age| age > patience(&pod, asked)) {
            late += 1;
        } else {
            young += 1;
        }
    }
    late == 0 && young > 0
}

/// How long a new pod may take: as long as its probes let it start, where nobody asks about it or misses anything.
pub(super) fn patience(pod: &Pod, asked: bool) -> SignedDuration {
    let startup = |it: &Probe| it.delay.saturating_add(it.period.saturating_mul(it.failures));
    let start = |it: &Container| {
        let startup = it.startup.as_ref().map_or(0, startup);
        startup.max(it.readiness.as_ref().map_or(0, |it| it.delay))
    };
    let longest = pod.spec.containers.iter().map(start).max().unwrap_or(0);
    let longest = SignedDuration::from_secs(i64::from(longest)).min(LONGEST_START);
    if asked { GRACE } else { GRACE.max(longest) }
}

/// Whether a node was ordered for a pod that found none, a moment ago: the cluster autoscaler and Karpenter say so.
pub(super) fn awaits_room(case: &Case, pod: &Pod) -> bool {
    let unplaced = condition(&pod.conditions, "PodScheduled")
        .is_some_and(|it| it.status == "False" && it.reason == "Unschedulable");
    let words = ["TriggeredScaleUp", "Nominated", "NotTriggerScaleUp"].as_slice();
    let said = case.events_of(&pod.meta.entity("Pod"), words).max_by_key(|it| it.last);
    unplaced
        && said.is_some_and(|it| {
            let lately = it.last.is_some_and(|at| case.as_of.duration_since(at) < ORDERED);
            lately && it.reason != "NotTriggerScaleUp"
        })
}

/// The pod passes all its checks, or is done.
pub(super) fn is_ready(pod: &Pod) -> bool {
    pod.phase == "Succeeded"
        || condition(&pod.conditions, "Ready").is_some_and(|it| it.status == "True")
        || (pod.conditions.is_empty()
            && pod.phase == "Running"
            && pod.containers.iter().all(|it| it.init || it.ready))
}

/// A state that time alone does not mend.
pub(super) fn shows_failure(pod: &Pod) -> bool {
    pod.phase == "Failed"
        || condition(&pod.conditions, "PodScheduled")
            // A gate is there to be waited at; only a long wait tells that nobody opens it.
            .is_some_and(|it| it.status == "False" && it.reason != "SchedulingGated")
        || pod.containers.iter().any(|status| match &status.state {
            Some(State::Waiting { reason, .. }) => {
                !matches!(reason.as_str(), "" | "ContainerCreating" | "PodInitializing")
            }
            Some(State::Terminated(ended)) => ended.exit_code != 0,
            _ => status.restarts > 0,
        })
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    const PAUSED: &str = "- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 3, current: 3, updated: NEW, ready: 3, paused: true}";

    #[test]
    fn a_template_that_waits_because_of_a_pause_is_a_symptom() {
        assert_eq!(seen(&PAUSED.replace("NEW", "0"), None), ["Deployment shop/web"]);
    }

    const ROOM: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: room}, desired: 1, current: 1, updated: 1}
- pod:
    meta: {namespace: shop, name: room-1, created: "2026-11-21T10:00:00Z", owner: {kind: Deployment, namespace: shop, name: room}}
    phase: Pending
    spec: {priority: -10, containers: [{name: main, image: "registry.k8s.io/pause:3.10"}]}
    conditions: [{type: PodScheduled, status: "False", reason: Unschedulable}]
"#;

    #[test]
    fn a_placeholder_that_finds_no_room_is_one_only_where_it_was_asked_about() {
        assert!(seen(ROOM, None).is_empty());
        assert_eq!(seen(ROOM, Some("deployment/room")).len(), 1);
    }

    #[test]
    fn work_of_low_priority_that_finds_no_room_is_one() {
        assert_eq!(seen(&ROOM.replace("pause:3.10", "batch:1"), None).len(), 1);
        assert_eq!(seen(&ROOM.replace("-10", "0"), None).len(), 1);
    }

    const LED: &str = r#"
- workload: {kind: StatefulSet, meta: {namespace: shop, name: db}, desired: 2, current: 2, updated: 2, ready: 1}
- pod:
    meta: {namespace: shop, name: db-0, owner: {kind: StatefulSet, namespace: shop, name: db}}
    phase: Running
    spec: {containers: [{name: db, readiness: {handler: http, path: /leader}}]}
    containers: [{name: db, ready: true, state: {running: {}}}]
    conditions: [{type: Ready, status: "True"}]
- pod:
    meta: {namespace: shop, name: db-1, owner: {kind: StatefulSet, namespace: shop, name: db}}
    phase: Running
    spec: {containers: [{name: db, readiness: {handler: http, path: /leader}}]}
    containers: [{name: db, ready: false, state: {running: {}}}]
    conditions: [{type: Ready, status: "False"}]
"#;

    #[test]
    fn one_that_stands_by_behind_a_leader_is_none() {
        assert!(seen(LED, Some("statefulset/db")).is_empty());
    }

    #[test]
    fn where_nobody_leads_or_others_are_asked_it_is_one() {
        let nobody =
            LED.replace(r#"{type: Ready, status: "True"}"#, r#"{type: Ready, status: "False"}"#);
        assert_eq!(seen(&nobody, None).len(), 1);
        assert_eq!(seen(&LED.replace("/leader", "/healthz"), None).len(), 1);
    }

    const SURGE: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, current: 2, updated: 1, ready: 1, conditions: [{type: Progressing, status: "STATUS", reason: REASON}]}
- pod:
    meta: {namespace: shop, name: web-2, created: "2026-11-21T11:00:00Z", owner: {kind: Deployment, namespace: shop, name: web}}
    phase: Pending
    spec: {containers: [{name: web}]}
    conditions: [{type: Ready, status: "False"}]
    containers: [{name: web, state: {waiting: {reason: ContainerCreating}}}]
"#;

    #[test]
    fn a_further_pod_that_only_waits_is_one_when_the_rollout_says_that_it_is_too_long() {
        let late = SURGE.replace("STATUS", "False").replace("REASON", "ProgressDeadlineExceeded");
        assert_eq!(seen(&late, None), ["Deployment shop/web"]);
        let going = SURGE.replace("STATUS", "True").replace("REASON", "ReplicaSetUpdated");
        assert!(seen(&going, None).is_empty());
    }

    #[test]
    fn a_canary_is_none() {
        assert!(seen(&PAUSED.replace("NEW", "1"), Some("deployment/web")).is_empty());
    }

    #[test]
    fn what_was_paused_long_ago_is_one_only_where_it_was_asked_about() {
        let made = "name: web, created: \"2026-06-01T10:00:00Z\"";
        let facts = PAUSED.replace("NEW", "0").replace("name: web", made);
        assert!(seen(&facts, None).is_empty());
        assert_eq!(seen(&facts, Some("deployment/web")).len(), 1);
    }

    const STARTS: &str = r#"
- workload: {kind: StatefulSet, meta: {namespace: shop, name: mq, owner: {kind: RabbitmqCluster, namespace: shop, name: mq}}, desired: 1, current: 1, updated: 1}
- pod:
    meta: {namespace: shop, name: mq-0, created: "CREATED", owner: {kind: StatefulSet, namespace: shop, name: mq}}
    phase: Running
    spec: {node_name: n, containers: [{name: mq, startup: {handler: tcp, period: 10, failures: 30}}]}
    conditions: [{type: Ready, status: "False"}]
    containers: [{name: mq, state: {running: {}}}]
- node: {meta: {name: n}}
"#;

    #[test]
    fn a_pod_of_an_operators_workload_may_start_for_as_long_as_its_probe_lets_it() {
        assert!(seen(&STARTS.replace("CREATED", "2026-11-21T11:56:00Z"), None).is_empty());
        assert!(!seen(&STARTS.replace("CREATED", "2026-11-21T11:50:00Z"), None).is_empty());
        let asked = Some("statefulset/mq");
        assert!(!seen(&STARTS.replace("CREATED", "2026-11-21T11:56:00Z"), asked).is_empty());
    }

    const ORDERED: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, current: 1, updated: 1}
- pod:
    meta: {namespace: shop, name: web-1, created: "2026-11-21T11:55:00Z", owner: {kind: Deployment, namespace: shop, name: web}}
    phase: Pending
    spec: {containers: [{name: web}]}
    conditions: [{type: PodScheduled, status: "False", reason: Unschedulable}]
- event: {subject: {kind: Pod, namespace: shop, name: web-1}, reason: REASON, message: "m", last: "2026-11-21T11:56:00Z"}
"#;

    #[test]
    fn a_pod_for_which_a_node_was_ordered_waits_for_that() {
        assert!(seen(&ORDERED.replace("REASON", "TriggeredScaleUp"), None).is_empty());
        assert!(seen(&ORDERED.replace("REASON", "Nominated"), None).is_empty());
        assert_eq!(seen(&ORDERED.replace("REASON", "NotTriggerScaleUp"), None).len(), 1);
    }
}
