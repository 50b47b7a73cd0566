//! What to ask next: first a survey of the scope, then only what would decide between what is left.

mod neighbours;
mod stores;

use super::symptoms;
use super::{Found, Judged, machinery, roots, whereabouts};
use crate::aim::Aim;
use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::Running;
use crate::case::words::store::Store;
use crate::catalogue::CATALOGUE;
use crate::finding::Strength;
use evidence::entity::Entity;
use evidence::question::Question;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Rounds after which the engine concludes with what it has: the cluster, the object asked about, its log, its neighbours'
/// logs, what those complain of, and what ails that.
const MOST_ROUNDS: u32 = 6;
/// What the questions of one round may cost, in requests or so.
const BUDGET: u32 = 12;
/// What a question is worth: for each mode that it may prove or refute, ...
const FOR_A_MODE: u32 = 2;
/// ... for the last words of something that fails, ...
const FOR_LAST_WORDS: u32 = 6;
/// ... for the words of those who call what fails, ...
const FOR_CALLERS_WORDS: u32 = 2;
/// ... for the namespace of something that a log complains of, ...
const FOR_NEIGHBOURS: u32 = 12;
/// ... for whom those are told of that fail or complain, ...
const FOR_SETTINGS: u32 = 2;
/// ... for a namespace that a question about the whole cluster may mean, ...
const FOR_A_PLACE: u32 = 6;
/// ... for the words of what was asked about, where it shows nothing, ...
const FOR_OWN_WORDS: u32 = 2;
/// ... and for those of something else that shows nothing.
const FOR_QUIET_WORDS: u32 = 1;
/// Workloads whose logs are read in one round although nothing shows that they fail: those of one application.
const MOST_QUIET_LOGS: usize = 12;
/// Workloads whose logs are read because what they call fails: two or three tell what all would.
const MOST_CALLERS: usize = 4;

pub(super) fn next(judged: &Judged<'_>) -> Vec<Question> {
    let case = judged.case;
    if case.rounds() >= MOST_ROUNDS {
        return Vec::new();
    }
    let survey = Question::Survey {
        namespaces: case.scope.namespaces.clone(),
        workload: case.scope.workload.clone(),
    };
    // Both are asked at once, so that numbers cost no round of their own.
    let mut first = vec![survey];
    if case.numbers {
        first.push(Question::Measures { namespaces: case.scope.namespaces.clone() });
    }
    first.retain(|it| !case.was_asked(it));
    if !first.is_empty() {
        return first;
    }
    affordable(wanted(judged))
}

/// What would help to decide and was not asked yet, and what it is worth.
pub(super) fn wanted(judged: &Judged<'_>) -> BTreeMap<Question, u32> {
    let Judged { case, symptoms, .. } = judged;
    let mut wanted: BTreeMap<Question, u32> = BTreeMap::new();
    let mut want = |question: Question, worth: u32| {
        if !case.was_asked(&question) {
            *wanted.entry(question).or_default() += worth;
        }
    };
    for (_, mode) in CATALOGUE {
        if case.unknown.contains(mode.id) {
            continue;
        }
        for question in (mode.ask)(case) {
            want(question, FOR_A_MODE);
        }
    }
    let unproven = unproven(judged);
    for question in logs_of_failing(case, &unproven) {
        want(question, FOR_LAST_WORDS);
    }
    for question in logs_of_callers(case, &unproven) {
        want(question, FOR_CALLERS_WORDS);
    }
    for question in neighbours::questions(case) {
        want(question, FOR_NEIGHBOURS);
    }
    for question in logs_of_relays(case, &unproven) {
        want(question, FOR_LAST_WORDS);
    }
    for question in stores::questions(case, &unproven) {
        want(question, FOR_CALLERS_WORDS);
    }
    for question in settings(case, &unproven) {
        want(question, FOR_SETTINGS);
    }
    let for_logs = case.aim == Aim::Logs && !case.scope.namespaces.is_empty();
    if for_logs || symptoms::is_quiet(case, symptoms) || whereabouts::is_astray(case, symptoms) {
        for (question, worth) in logs_of_quiet(case, symptoms) {
            want(question, worth);
        }
        for question in settings_of_quiet(case, symptoms) {
            want(question, FOR_QUIET_WORDS);
        }
    }
    for question in machinery::questions(case, symptoms) {
        want(question, FOR_QUIET_WORDS);
    }
    for question in whereabouts::questions(case, symptoms) {
        want(question, FOR_A_PLACE);
    }
    for question in logs_of_serving(case, symptoms) {
        want(question, FOR_CALLERS_WORDS);
    }
    if wanted.is_empty() {
        let beside = logs_beside(case, &unproven).into_iter();
        let unexplained = beyond(judged, |_| true);
        let called = logs_of_called(case, &unexplained);
        let last = beside.chain(called).filter(|it| !case.was_asked(it));
        wanted.extend(last.map(|it| (it, FOR_QUIET_WORDS)));
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
        Question::Survey { .. } | Question::Measures { .. } => BUDGET / 2,
        Question::Rule { .. } => 2,
        Question::Objects { namespace, .. } if namespace.is_empty() => 2,
        Question::Objects { .. } | Question::Logs { .. } => 1,
    }
}

/// Objects with a symptom that no conclusive finding explains.
fn unproven(judged: &Judged<'_>) -> BTreeSet<Entity> {
    beyond(judged, |it| it.finding.strength == Strength::Conclusive)
}

/// Objects with a symptom that none of these findings explains.
fn beyond(judged: &Judged<'_>, known: impl Fn(&Found) -> bool) -> BTreeSet<Entity> {
    let Judged { case, symptoms, found, .. } = judged;
    let roots = roots::of(case, symptoms, found);
    let is_known = |entity: &Entity| {
        roots.iter().any(|root| known(root.found) && root.reached.contains(entity))
    };
    let entities = symptoms.iter().map(|symptom| &symptom.entity);
    entities.filter(|it| !is_known(it)).cloned().collect()
}

/// What the containers that fail wrote last: of one pod of each workload, the run that ended.
fn logs_of_failing(case: &Case, unproven: &BTreeSet<Entity>) -> Vec<Question> {
    let mut first: BTreeMap<(&Entity, &str), Running<'_>> = BTreeMap::new();
    for running in case.containers() {
        let fails = running.ended().is_some() || !running.status.ready;
        let wrote = running.ended().is_some() || running.runs();
        if fails && wrote && unproven.contains(running.root) {
            first.entry((running.root, &running.spec.name)).or_insert(running);
        }
    }
    first.into_values().map(|running| log(case, &running)).collect()
}

/// Whom those are told of that fail for no known reason, or complain: drivers often do not say whom they called.
fn settings(case: &Case, unproven: &BTreeSet<Entity>) -> Vec<Question> {
    let complaints = case.complaints();
    let troubles = case.troubles();
    let complaining = complaints.iter().map(Complaint::root);
    let troubled = troubles.iter().map(|it| it.container.root);
    case.ask_for_destinations(&unproven.iter().chain(complaining).chain(troubled).collect())
}

/// Whom those are told of whose logs may tell what users report: in the same round, for a line often does not say whom it
/// means.
fn settings_of_quiet(case: &Case, symptoms: &[symptoms::Symptom]) -> Vec<Question> {
    if !case.reported {
        return Vec::new();
    }
    let places = whereabouts::of(case, symptoms);
    let workloads = case.workloads().filter(|it| places.contains(&it.it.meta.namespace));
    let here: Vec<Entity> = workloads.map(|it| it.it.meta.entity(&it.it.kind)).collect();
    case.ask_for_destinations(&here.iter().collect())
}

/// What those wrote last that call what fails: how it fails for them tells why.
fn logs_of_callers(case: &Case, unproven: &BTreeSet<Entity>) -> Vec<Question> {
    let mut callers: BTreeSet<Entity> = BTreeSet::new();
    // What a Service selects is of its own namespace.
    let near: BTreeSet<&str> = unproven.iter().map(|it| it.namespace.as_str()).collect();
    for service in case.services().filter(|it| near.contains(it.meta.namespace.as_str())) {
        let mut behind = case.workloads_behind(service.it);
        if unproven.contains(&service.meta.entity("Service"))
            || behind.any(|it| unproven.contains(&it.meta.entity(&it.kind)))
        {
            let clients = case.clients_of(&service.it.meta.namespace, &service.it.meta.name);
            callers.extend(clients.map(|it| it.meta.entity(&it.kind)));
        }
    }
    let mut first: BTreeMap<&Entity, Running<'_>> = BTreeMap::new();
    for running in case.all_containers().filter(|it| callers.contains(it.root)) {
        if !running.spec.init && running.runs() {
            first.entry(running.root).or_insert(running);
        }
    }
    first.into_values().take(MOST_CALLERS).map(|running| log(case, &running)).collect()
}

/// What those wrote last that answer others that they reach nothing behind themselves: whom they mean.
fn logs_of_relays(case: &Case, unproven: &BTreeSet<Entity>) -> Vec<Question> {
    let mut relays: BTreeSet<Entity> = BTreeSet::new();
    for service in unproven.iter().flat_map(|it| case.relays_of(it)) {
        relays.extend(case.workloads_behind(service.it).map(|it| it.meta.entity(&it.kind)));
    }
    one_of_each(case, |running| relays.contains(running.root))
}

/// What containers wrote that show nothing else: all of the object that was asked about; where nothing else is amiss, and
/// in the same round, of one pod of each workload of its namespace, what was started last first, and databases last.
fn logs_of_quiet(case: &Case, symptoms: &[symptoms::Symptom]) -> Vec<(Question, u32)> {
    let asked = case.asked_object().filter(|it| !matches!(it.kind.as_str(), "Service" | "Pod"));
    let mut own: BTreeMap<&str, Running<'_>> = BTreeMap::new();
    for running in serving(case).filter(|it| asked.as_ref() == Some(it.root)) {
        own.entry(&running.spec.name).or_insert(running);
    }
    let own = own.into_values().flat_map(|it| logs(case, &it));
    let mut questions: Vec<(Question, u32)> = own.map(|it| (it, FOR_OWN_WORDS)).collect();
    if asked.is_some() && (!symptoms.is_empty() || questions.is_empty()) {
        return questions;
    }
    let places = whereabouts::of(case, symptoms);
    let mut others = each(case, |running| places.contains(&running.pod.meta.namespace));
    let is_heard = |it: &BTreeSet<Question>| it.iter().all(|it| case.was_asked(it));
    if case.reported && others.iter().take(MOST_QUIET_LOGS).all(is_heard) {
        // What users report is told by none of the first ones.
        others.retain(|it| !is_heard(it));
    }
    let others = others.into_iter().take(MOST_QUIET_LOGS).flatten();
    questions.extend(others.map(|it| (it, FOR_QUIET_WORDS)));
    questions
}

/// What those wrote that are beside what nothing explains, and work: they may say better what it waits for, where its own
/// log does not name that.
fn logs_beside(case: &Case, unproven: &BTreeSet<Entity>) -> Vec<Question> {
    let complaints = case.complaints();
    let names =
        |root: &Entity| complaints.iter().any(|it| it.root() == root && it.said.peer().is_some());
    let near = unproven.iter().filter(|it| !names(it)).map(|it| it.namespace.as_str());
    let near: BTreeSet<&str> = near.collect();
    one_of_each(case, |running| {
        near.contains(running.pod.meta.namespace.as_str()) && !unproven.contains(running.root)
    })
}

/// What those wrote that are called by what complains of them, or of nobody, and that nothing shows to fail: a server's own
/// log says why it does not answer, wherever it lives.
fn logs_of_called(case: &Case, unexplained: &BTreeSet<Entity>) -> Vec<Question> {
    let mut called: BTreeSet<Entity> = BTreeSet::new();
    for complaint in case.complaints().iter().filter(|it| unexplained.contains(it.root())) {
        let services = match complaint.said.peer() {
            Some(_) => case.complained_of(complaint).into_iter().collect(),
            None => case.called_by(&complaint.container),
        };
        let behind = services.into_iter().flat_map(|it| case.workloads_behind(it.it));
        called.extend(behind.map(|it| it.meta.entity(&it.kind)));
    }
    one_of_each(case, |running| {
        called.contains(running.root) && !unexplained.contains(running.root)
    })
}

/// The log of one pod of each workload, what was started last first, and databases last that were not started lately; no
/// more than a few.
fn one_of_each(case: &Case, wanted: impl Fn(&Running<'_>) -> bool) -> Vec<Question> {
    each(case, wanted).into_iter().take(MOST_QUIET_LOGS).flatten().collect()
}

/// The same, of all of them.
fn each(case: &Case, wanted: impl Fn(&Running<'_>) -> bool) -> Vec<BTreeSet<Question>> {
    let mut first: BTreeMap<&Entity, Running<'_>> = BTreeMap::new();
    for running in serving(case).filter(|it| wanted(it)) {
        first.entry(running.root).or_insert(running);
    }
    let mut quiet: Vec<Running<'_>> = first.into_values().collect();
    quiet.sort_by_key(|it| {
        let made = it.pod.it.meta.created;
        let is_old_store = Store::of_image(&it.spec.image).is_some() && !case.is_news(made);
        (is_old_store, std::cmp::Reverse(made))
    });
    quiet.iter().map(|running| logs(case, running)).collect()
}

/// What the pods that serve wrote, of workloads that lack further ones: why they get no more may not be all.
fn logs_of_serving(case: &Case, symptoms: &[symptoms::Symptom]) -> Vec<Question> {
    if case.scope.namespaces.is_empty() {
        return Vec::new();
    }
    let lacking = |root: &Entity| {
        symptoms.iter().any(|it| it.entity == *root)
            && case.pods_of(root).all(|pod| symptoms::is_ready(&pod))
    };
    let mut first: BTreeMap<&Entity, Running<'_>> = BTreeMap::new();
    for running in serving(case).filter(|it| lacking(it.root)) {
        first.entry(running.root).or_insert(running);
    }
    first.into_values().take(MOST_CALLERS).map(|running| log(case, &running)).collect()
}

fn serving(case: &Case) -> impl Iterator<Item = Running<'_>> {
    case.all_containers().filter(|it| !it.spec.init && it.runs())
}

/// What a container says now, and before it said why it crashed: that it runs again does not mean that it does its work.
fn logs(case: &Case, running: &Running<'_>) -> BTreeSet<Question> {
    [running.ask_for_log(false), log(case, running)].into()
}

fn log(case: &Case, running: &Running<'_>) -> Question {
    // A container that runs again after a crash has said why in the run before.
    let lately = |at: Option<Timestamp>| at.is_none_or(|at| at >= case.window.start);
    let crashed = running.status.restarts > 0
        && running.ended().is_some_and(|it| it.exit_code != 0 && lately(it.finished));
    let waiting = running.waiting().is_some();
    running.ask_for_log(crashed && (running.runs() || waiting))
}
