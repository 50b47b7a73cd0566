//! A liveness probe gives a container less time than it needs to start.

mod migrating;
mod timeout;

use crate::case::Case;
use crate::case::probes::{
    FailingProbe, Which, budget, says_nobody_listens, says_too_slow, says_unwell, says_wrong_door,
};
use crate::case::words::last_line;
use crate::case::words::network::says_unreachable;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use evidence::fact::spec::Probe;
use evidence::report::Remedy;
use jiff::SignedDuration;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-07",
    title: "its liveness probe gives it less time than it needs to start",
    category: Category::Runtime,
    proves: "the kubelet ends the container within the few seconds that the probe allows, before it serves a port that it is meant to serve, or while it says that it migrates its schema; or ends it again and again after it served, for an answer that took longer than a second",
    refutes: "the container ran much longer than the probe allows for a start: then it stopped answering later",
    confused_with: &["RUN-05", "RUN-09", "RUN-10"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// A start that is given this long is not hurried.
const PATIENT: SignedDuration = SignedDuration::from_mins(1);
/// A start that is given no more than this is.
const HURRIED: SignedDuration = SignedDuration::from_secs(15);
/// From the last failure to the end: 30 seconds of grace, and some.
const GRACE: SignedDuration = SignedDuration::from_secs(40);

fn judge(case: &Case) -> Vec<Judgement> {
    let probes = case.failing_probes();
    let guards = probes.iter().filter(|it| guards_the_start(it));
    let mut judgements: Vec<Judgement> = guards.filter_map(|probe| one(case, probe)).collect();
    judgements.extend(probes.iter().filter_map(|probe| timeout::one(case, probe)));
    one_each(judgements)
}

/// A liveness probe waits until a startup probe has passed.
fn guards_the_start(failing: &FailingProbe<'_>) -> bool {
    match failing.which {
        Which::Startup => true,
        Which::Liveness => failing.container.spec.startup.is_none(),
        Which::Readiness => false,
    }
}

fn one(case: &Case, failing: &FailingProbe<'_>) -> Option<Judgement> {
    let container = &failing.container;
    let answered = failing.says(says_wrong_door).or_else(|| failing.says(says_unwell));
    if answered.is_some() || failing.misses(case) || container.is_starved() {
        return None;
    }
    let event = failing.says(says_nobody_listens).or_else(|| failing.says(says_too_slow))?;
    let ended = container.ended()?;
    let killed = case.killed_by_probe(container);
    if killed.is_none() && !matches!(ended.exit_code, 137 | 143) {
        return None; // It ended by itself.
    }
    let (subject, name) = (container.root.clone(), &container.spec.name);
    let (probe, allowed) = (failing.which.word(), budget(failing.probe));
    let mut proofs = vec![failing.cite(event)];
    proofs.extend(killed.map(|event| {
        Cite::quoting(event.exhibit, format!("the kubelet ended container {name}"), &event.message)
    }));
    let seconds = allowed.as_secs();
    if let (Some(started), Some(finished)) = (ended.started, ended.finished) {
        let ran = finished.duration_since(started);
        let says = format!(
            "container {name} ran for {} seconds; its {probe} allows {seconds} for a start",
            ran.as_secs()
        );
        proofs.push(Cite::new(container.pod.exhibit, says.clone()));
        if ran > allowed + GRACE {
            let why = says;
            return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
        }
    }
    let laxer = laxer(case, failing);
    let migrating = migrating::at_its_end(case, container);
    if allowed > PATIENT && laxer.is_none() && migrating.is_none() {
        return None;
    }
    let strength = if laxer.is_some() || allowed <= HURRIED || failing.probe.failures == 1 {
        Strength::Strong
    } else {
        Strength::Suggestive
    };
    proofs.extend(laxer);
    let when = match migrating {
        Some(_) => "in the middle of migrating its schema",
        None => "before it has started",
    };
    proofs.extend(migrating);
    let log = case.words_of(container);
    let doubt = log.and_then(|log| {
        let line = last_line(log.it, says_unreachable)?;
        let says = format!("container {name} waits for something else");
        Some(Cite::quoting(log.exhibit, says, &line.text))
    });
    Some(Judgement::Proven(Finding {
        field: Some(container.field(failing.which.field())),
        value: Some(written(failing.probe)),
        statement: format!(
            "Container {name} of {subject} is ended {when} because its {probe} allows {seconds} seconds."
        ),
        proofs,
        doubts: doubt.into_iter().collect(),
        strength,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// The revision before that gave the container at least twice the time.
fn laxer(case: &Case, failing: &FailingProbe<'_>) -> Option<Cite> {
    let container = &failing.container;
    let (_, before) = case.two_newest(container.root)?;
    let then = before.it.template.containers.iter().find(|it| it.name == container.spec.name)?;
    let allowed = failing.which.of(then).map(budget);
    if allowed.is_some_and(|it| it < budget(failing.probe) * 2) {
        return None;
    }
    let number = before.number.unwrap_or_default();
    let says = match allowed {
        Some(allowed) => format!("revision {number} allowed {} seconds", allowed.as_secs()),
        None => format!("revision {number} had no {}", failing.which.word()),
    };
    Some(Cite::new(before.exhibit, says))
}

fn written(probe: &Probe) -> String {
    format!(
        "initialDelaySeconds={}, periodSeconds={}, timeoutSeconds={}, failureThreshold={}",
        probe.delay, probe.period, probe.timeout, probe.failures
    )
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Give {subject} a startup probe that allows the longest start, and leave the liveness probe to what comes after."
        ),
        command: kubectl::object("edit", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its containers start once, and stay.".to_owned(),
    }]
}
