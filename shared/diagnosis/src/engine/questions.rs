//! What to ask next: first a survey of the scope, then only what would decide between what is left.

use super::symptoms;
use super::{Judged, judge, roots};
use crate::case::Case;
use crate::case::containers::Running;
use crate::catalogue::CATALOGUE;
use crate::finding::Strength;
use evidence::entity::Entity;
use evidence::question::Question;
use std::collections::{BTreeMap, BTreeSet};

/// Rounds after which the engine concludes with what it has.
const MOST_ROUNDS: u32 = 4;
/// Questions put at once.
const MOST_AT_ONCE: usize = 12;
/// Workloads whose logs are read although nothing shows that they fail.
const MOST_QUIET_LOGS: usize = 6;

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
        let wrote = running.ended().is_some()
            || matches!(running.status.state, Some(evidence::fact::pod::State::Running { .. }));
        if fails && wrote && unproven.contains(running.root) {
            first.entry((running.root, &running.spec.name)).or_insert(running);
        }
    }
    first.into_values().map(|running| log(&running)).collect()
}

/// What containers wrote that show nothing else: of one pod of each workload asked about.
fn logs_of_quiet(case: &Case) -> Vec<Question> {
    let asked = case.asked_object();
    let mut first: BTreeMap<&Entity, Running<'_>> = BTreeMap::new();
    for running in case.containers().filter(|it| !it.spec.init) {
        let in_scope = case.scope.namespaces.contains(&running.pod.meta.namespace);
        let wanted = asked
            .as_ref()
            .is_none_or(|it| it == running.root || it.kind == "Service" || it.kind == "Pod");
        if in_scope
            && wanted
            && matches!(running.status.state, Some(evidence::fact::pod::State::Running { .. }))
        {
            first.entry(running.root).or_insert(running);
        }
    }
    first.into_values().take(MOST_QUIET_LOGS).map(|running| log(&running)).collect()
}

fn log(running: &Running<'_>) -> Question {
    // A container that runs again after a crash has said why in the run before.
    let running_now =
        matches!(running.status.state, Some(evidence::fact::pod::State::Running { .. }));
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
