//! What to ask next: first a survey of the scope, then only what would decide between what is left.

use super::symptoms::{self, Gravity};
use super::{Judged, judge, roots};
use crate::aim::Aim;
use crate::case::Case;
use crate::case::containers::Running;
use crate::catalogue::CATALOGUE;
use crate::finding::Strength;
use evidence::entity::Entity;
use evidence::question::Question;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Rounds after which the engine concludes with what it has.
const MOST_ROUNDS: u32 = 4;
/// What the questions of one round may cost, in requests or so.
const BUDGET: u32 = 12;
/// What a question is worth: for each mode that it may prove or refute, ...
const FOR_A_MODE: u32 = 2;
/// ... for the last words of something that fails, ...
const FOR_LAST_WORDS: u32 = 6;
/// ... and for the words of something that shows nothing.
const FOR_QUIET_WORDS: u32 = 1;
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
    affordable(wanted(case))
}

/// What would help to decide and was not asked yet, and what it is worth.
pub(super) fn wanted(case: &Case) -> BTreeMap<Question, u32> {
    let judged = judge(case);
    let symptoms: Vec<_> = symptoms::asked_about(case);
    let mut wanted: BTreeMap<Question, u32> = BTreeMap::new();
    let mut want = |question: Question, worth: u32| {
        if !case.was_asked(&question) {
            *wanted.entry(question).or_default() += worth;
        }
    };
    for (_, mode) in CATALOGUE {
        for question in (mode.ask)(case) {
            want(question, FOR_A_MODE);
        }
    }
    for question in logs_of_failing(case, &unproven(case, &symptoms, &judged)) {
        want(question, FOR_LAST_WORDS);
    }
    let is_quiet = symptoms.iter().all(|it| it.gravity == Gravity::Light);
    if (is_quiet || case.aim == Aim::Logs) && !case.scope.namespaces.is_empty() {
        for question in logs_of_quiet(case) {
            want(question, FOR_QUIET_WORDS);
        }
    }
    wanted
}

/// The questions that decide most for what they cost, as many as one round may cost.
fn affordable(wanted: BTreeMap<Question, u32>) -> Vec<Question> {
    let mut questions: Vec<(Question, u32)> = wanted.into_iter().collect();
    // Worth by cost, without fractions; the sort keeps the order of those that are alike.
    questions.sort_by_key(|(question, worth)| Reverse(worth * BUDGET / cost(question)));
    let mut left = BUDGET;
    let mut asked = Vec::new();
    for (question, _) in questions {
        let Some(rest) = left.checked_sub(cost(&question)) else { continue };
        left = rest;
        asked.push(question);
    }
    asked.sort();
    asked
}

fn cost(question: &Question) -> u32 {
    match question {
        Question::Survey { .. } => BUDGET,
        Question::Objects { namespace, .. } if namespace.is_empty() => 2,
        Question::Objects { .. } | Question::Logs { .. } => 1,
    }
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
