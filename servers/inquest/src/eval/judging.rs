//! Whether a report is right, by the truth of its scenario.

use evidence::entity::Entity;
use evidence::report::{Report, RootCause, Verdict};
use replay::truth::{Accept, Truth};
use serde::Serialize;

/// What was made of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// The right answer came first.
    Right,
    /// Another answer.
    Wrong,
    /// No answer, though there was one.
    Abstained,
}

/// How far a cause was traced to the change behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Traced {
    /// What was changed is named.
    pub field: bool,
    /// Who changed it is named.
    pub actor: bool,
}

/// Judges a report.
pub fn judge(report: &Report, truth: &Truth) -> Judged {
    if blames_innocent(report, truth) {
        return Judged::Wrong;
    }
    if truth.accept.iter().any(|accept| accepts(report, accept)) {
        return Judged::Right;
    }
    match (report.verdict, truth.verdict) {
        (Verdict::RootCauseFound, Verdict::RootCauseFound) if names_cause(report, truth) => {
            Judged::Right
        }
        (Verdict::NoFaultFound, Verdict::NoFaultFound) => Judged::Right,
        (Verdict::Inconclusive, Verdict::Inconclusive) => Judged::Right,
        (Verdict::Inconclusive, _) => Judged::Abstained,
        _ => Judged::Wrong,
    }
}

/// Whether something is blamed that is not to blame, or anything at all where nothing is wrong.
pub fn is_false_alarm(report: &Report, truth: &Truth) -> bool {
    let healthy = truth.verdict == Verdict::NoFaultFound && !report.root_causes.is_empty();
    let accepted = truth.accept.iter().any(|accept| accepts(report, accept));
    blames_innocent(report, truth) || (healthy && !accepted)
}

/// Whether every cause that the report names is a true one, but not every true one is named: less, and not wrong.
pub fn is_part(report: &Report, truth: &Truth) -> bool {
    let named = |cause: &RootCause| {
        truth.causes.iter().any(|it| fits(cause, &it.failure_mode, &it.subjects))
    };
    !report.root_causes.is_empty()
        && !blames_innocent(report, truth)
        && report.root_causes.iter().all(named)
        && report.root_causes.len() < truth.causes.len()
}

/// Whether the first cause names the truth's change, and who made it; none where the truth tells of no change.
pub fn change(report: &Report, truth: &Truth) -> Option<Traced> {
    let change = truth.change.as_ref()?;
    let first = report.root_causes.first()?;
    let named = first.change.as_ref();
    let field = change.what.as_ref().is_none_or(|what| {
        first.subject.field.as_ref() == Some(what)
            || named.is_some_and(|it| it.what.contains(what.as_str()))
    });
    let actor = change
        .actor
        .as_ref()
        .is_none_or(|actor| named.is_some_and(|it| it.actor.contains(actor.as_str())));
    Some(Traced { field, actor })
}

/// The report in a few words.
pub fn answer(report: &Report) -> String {
    let Some(cause) = report.root_causes.first() else {
        return crate::report::page::verdict(report.verdict).to_lowercase();
    };
    format!("{} {}", cause.failure_mode, subject(cause))
}

fn blames_innocent(report: &Report, truth: &Truth) -> bool {
    report.root_causes.iter().any(|cause| truth.must_not_blame.iter().any(|it| is(cause, it)))
}

/// The first root cause is a right one; where there are several true ones, each is among the report's.
fn names_cause(report: &Report, truth: &Truth) -> bool {
    let Some(first) = report.root_causes.first() else {
        return false;
    };
    if truth.causes.is_empty() {
        return fits(first, &truth.failure_mode, &truth.subjects);
    }
    let named = |cause: &RootCause| {
        truth.causes.iter().any(|it| fits(cause, &it.failure_mode, &it.subjects))
    };
    let found = truth.causes.iter().all(|it| {
        report.root_causes.iter().any(|cause| fits(cause, &it.failure_mode, &it.subjects))
    });
    named(first) && found
}

fn accepts(report: &Report, accept: &Accept) -> bool {
    let first = report.root_causes.first();
    let sure = first.map_or(0.0, |cause| cause.confidence);
    report.verdict == accept.verdict
        && accept.max_confidence.is_none_or(|most| sure <= most)
        && match first {
            Some(cause) => fits(cause, &accept.failure_mode, &accept.subjects),
            None => accept.failure_mode.is_empty() && accept.subjects.is_empty(),
        }
}

/// A list that is empty asks for nothing.
fn fits(cause: &RootCause, modes: &[String], subjects: &[Entity]) -> bool {
    (modes.is_empty() || modes.contains(&cause.failure_mode))
        && (subjects.is_empty() || subjects.iter().any(|it| is(cause, it)))
}

fn is(cause: &RootCause, entity: &Entity) -> bool {
    subject(cause) == *entity
}

fn subject(cause: &RootCause) -> Entity {
    Entity::new(&cause.subject.kind, &cause.subject.namespace, &cause.subject.name)
}
