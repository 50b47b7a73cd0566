//! What it calls takes long to answer, or fails.

use crate::case::Case;
use crate::case::measured::{Told, brought};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, joined};
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-14",
    title: "what it calls is slow or fails",
    category: Category::Dependency,
    proves: "its calls to something are slower or fail more than before, since its own answers are, and nothing that this calls in turn is slow",
    refutes: "its calls take as long as ever",
    confused_with: &["DEP-11", "NET-11", "RUN-11"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut edges = case.told(Signal::LatencyP99);
    edges.retain(|it| it.grew(2.0).and(it.worse_by(0.1)).is_some());
    edges
        .extend(case.told(Signal::ErrorRatio).into_iter().filter(|it| it.worse_by(0.03).is_some()));
    joined(edges.iter().filter_map(|it| one(case, it)))
}

fn one(case: &Case, calls: &Told<'_>) -> Option<Finding> {
    let subject = case.known_as(calls.measure.it.peer.as_ref()?);
    let caller = calls.root.clone();
    // What answers as fast as ever is not slow: the way to it is, NET-11.
    if case.is_between(calls) {
        return None;
    }
    let ailing = case.ailing();
    let hurt =
        ailing.iter().find(|it| it.entity == caller && brought(calls.reading.since, it.since))?;
    // The deepest that is slow is to blame; whom it waits for comes before it.
    let deeper = case.calls_of(&subject);
    if ailing.iter().any(|it| deeper.contains(&it.entity)) {
        return None;
    }
    let outside = subject.kind == "Host";
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "{caller} {} because {subject} that it calls is slow or fails: {}.",
            hurt.does(),
            calls.says()
        ),
        proofs: vec![calls.cite(), hurt.told.cite()],
        doubts: Vec::new(),
        // What lies outside has no numbers of its own that could tell otherwise.
        strength: if outside { Strength::Strong } else { Strength::Suggestive },
        explains: vec![caller, subject.clone()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Look at {subject}: its own load, its log and what it waits for. Where it lies outside, ask who runs it, and let callers wait less long."
        ),
        command: "".to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Calls to it take as long as before.".to_owned(),
    }]
}
