//! What to ask next: first a survey of the scope, then only what would decide between what is left.

use super::symptoms;
use super::{Judged, judge, roots};
use crate::case::Case;
use crate::case::containers::Running;
use crate::case::words::stores::Store;
use crate::catalogue::CATALOGUE;
use crate::finding::Strength;
use evidence::entity::Entity;
use evidence::question::Question;
use std::collections::{BTreeMap, BTreeSet};

/// Rounds after which the engine concludes with what it has.
const MOST_ROUNDS: u32 = 4;
/// Questions put at once.
const MOST_AT_ONCE: usize = 12;
/// Workloads whose logs are read although nothing shows that they fail: those of one application.
const MOST_QUIET_LOGS: usize = 12;
/// Workloads whose logs are read because what they call fails: two or three tell what all would.
const MOST_CALLERS: usize = 4;

pub(super) fn next(case: &Case) -> Vec<Question> {
    if case.rounds() >= MOST_ROUNDS {
        return Vec::new();
    }
    let survey = Question::Survey {
        namespaces: case.scope.namespaces.clone(),
        workload: case.scope.workload.clone(),
    };
    if !case.was_asked(&survey) {
        return vec![survey];
    }
    let judged = judge(case);
    let symptoms: Vec<_> = symptoms::asked_about(case);
    let mut wanted: BTreeSet<Question> = BTreeSet::new();
    for (_, mode) in CATALOGUE {
        wanted.extend((mode.ask)(case));
    }
    let unproven: BTreeSet<Entity> = unproven(case, &symptoms, &judged);
    wanted.extend(logs_of_failing(case, &unproven));
    wanted.extend(logs_of_callers(case, &unproven));
    if symptoms::is_quiet(case) {
        wanted.extend(logs_of_quiet(case));
    }
    wanted.into_iter().filter(|it| !case.was_asked(it)).take(MOST_AT_ONCE).collect()
}

/// Objects with a symptom that no conclusive finding explains.
fn unproven(case: &Case, symptoms: &[symptoms::Symptom], judged: &Judged) -> BTreeSet<Entity> {
    let roots = roots::of(case, symptoms, &judged.found);
    symptoms
        .iter()
        .map(|symptom| &symptom.entity)
        .filter(|entity| {
            !roots.iter().any(|root| {
                root.found.finding.strength == Strength::Conclusive
                    && root.reached.contains(*entity)
            })
        })
        .cloned()
        .collect()
}

/// What the containers that fail wrote last: of one pod of each workload, the run that ended.
fn logs_of_failing(case: &Case, unproven: &BTreeSet<Entity>) -> Vec<Question> {
    let mut first: BTreeMap<(&Entity, &str), Running<'_>> = BTreeMap::new();
    for running in case.containers() {
        let fails = running.ended().is_some() || !running.status.ready;
        let wrote = running.ended().is_some() || is_running(&running);
        if fails && wrote && unproven.contains(running.root) {
            first.entry((running.root, &running.spec.name)).or_insert(running);
        }
    }
    first.into_values().map(|running| log(&running)).collect()
}

/// What those wrote last that call what fails: how it fails for them tells why.
fn logs_of_callers(case: &Case, unproven: &BTreeSet<Entity>) -> Vec<Question> {
    let mut callers: BTreeSet<Entity> = BTreeSet::new();
    for service in case.services() {
        let mut behind = case.workloads_behind(service.it);
        if unproven.contains(&service.meta.entity("Service"))
            || behind.any(|it| unproven.contains(&it.meta.entity(&it.kind)))
        {
            let clients = case.clients_of(&service.it.meta.namespace, &service.it.meta.name);
            callers.extend(clients.map(|it| it.meta.entity(&it.kind)));
        }
    }
    let mut first: BTreeMap<&Entity, Running<'_>> = BTreeMap::new();
    for running in case.containers().filter(|it| callers.contains(it.root)) {
        if !running.spec.init && is_running(&running) {
            first.entry(running.root).or_insert(running);
        }
    }
    first.into_values().take(MOST_CALLERS).map(|running| log(&running)).collect()
}

/// What containers wrote that show nothing else: of one pod of each workload asked about, what was started last first,
/// and databases last.
fn logs_of_quiet(case: &Case) -> Vec<Question> {
    let asked = case.asked_object();
    let mut first: BTreeMap<&Entity, Running<'_>> = BTreeMap::new();
    for running in case.containers().filter(|it| !it.spec.init) {
        let in_scope = case.scope.namespaces.contains(&running.pod.meta.namespace);
        let wanted = asked
            .as_ref()
            .is_none_or(|it| it == running.root || it.kind == "Service" || it.kind == "Pod");
        if in_scope && wanted && is_running(&running) {
            first.entry(running.root).or_insert(running);
        }
    }
    let mut quiet: Vec<Running<'_>> = first.into_values().collect();
    quiet.sort_by_key(|it| {
        let stores = Store::of_image(&it.spec.image).is_some();
        (stores, std::cmp::Reverse(it.pod.it.meta.created))
    });
    quiet.into_iter().take(MOST_QUIET_LOGS).map(|running| log(&running)).collect()
}

fn is_running(running: &Running<'_>) -> bool {
    matches!(running.status.state, Some(evidence::fact::pod::State::Running { .. }))
}

fn log(running: &Running<'_>) -> Question {
    // A container that runs again after a crash has said why in the run before.
    let running_now = is_running(running);
    let crashed =
        running.status.restarts > 0 && running.ended().is_some_and(|it| it.exit_code != 0);
    let waiting = running.waiting().is_some();
    Question::Logs {
        namespace: running.pod.meta.namespace.clone(),
        pod: running.pod.meta.name.clone(),
        container: running.spec.name.clone(),
        previous: crashed && (running_now || waiting),
    }
}
