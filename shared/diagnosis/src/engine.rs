//! Judges a case: what to ask next, and what it comes to. Same case, same answer.

mod answer;
mod blind;
mod by_plan;
mod chain;
mod change;
mod exhibits;
pub mod explain;
pub(crate) mod impact;
mod machinery;
mod no_incident;
mod open;
mod questions;
mod refrains;
mod roots;
mod summary;
pub mod symptoms;
mod timeline;
mod unread;
mod unseen;
pub mod weigh;
pub mod whereabouts;

use self::explain::Weighed;
use self::symptoms::Symptom;
use crate::case::Case;
use crate::catalogue::CATALOGUE;
use crate::failure_mode::FailureMode;
use crate::finding::{Finding, Judgement, Refutation, one_each};
use evidence::question::Question;
use evidence::report::{Report, Verdict};

/// A finding, and the failure mode that made it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The slug of the mode's file.
    pub(crate) name: &'static str,
    pub(crate) mode: &'static FailureMode,
    pub(crate) finding: Finding,
}

/// What is wrong in a case as it stands, and what the whole catalogue says about it.
#[derive(Debug)]
pub struct Judged<'a> {
    pub(crate) case: &'a Case,
    /// What is wrong with what was asked about.
    pub(crate) symptoms: Vec<Symptom>,
    pub(crate) found: Vec<Found>,
    pub(crate) refuted: Vec<(&'static FailureMode, Refutation)>,
    /// Why the alert that was asked about is no incident, where it is none.
    pub(crate) no_incident: Option<String>,
}

/// Finds the symptoms and asks every failure mode: all that questions and report are made of, once.
pub fn judge(case: &Case) -> Judged<'_> {
    let no_incident = no_incident::of(case);
    let mut judged =
        Judged { case, symptoms: Vec::new(), found: Vec::new(), refuted: Vec::new(), no_incident };
    // Whatever else is wrong did not bring it.
    if judged.no_incident.is_some() {
        return judged;
    }
    judged.symptoms = symptoms::asked_about(case);
    if judged.symptoms.is_empty() {
        judged.no_incident = by_plan::of(case);
        if judged.no_incident.is_some() {
            return judged;
        }
    }
    for (name, mode) in CATALOGUE {
        if case.unknown.contains(mode.id) {
            continue;
        }
        // Rivals are modes, not the many pods that show the same one.
        for judgement in one_each((mode.judge)(case)) {
            match judgement {
                Judgement::Proven(finding) => judged.found.push(Found { name, mode, finding }),
                Judgement::Refuted(refutation) => judged.refuted.push((mode, refutation)),
            }
        }
    }
    judged
}

impl Judged<'_> {
    /// What to ask next; empty when nothing more would change the verdict.
    pub fn next_questions(&self) -> Vec<Question> {
        if self.no_incident.is_some() {
            return Vec::new();
        }
        questions::next(self)
    }

    /// Whether a trouble is reported of one object, and no cause of it shows there: what was taken for the object's name may
    /// have been but a word.
    pub fn proves_nothing(&self) -> bool {
        self.case.scope.workload.is_some()
            && self.case.reported
            && self.report().verdict == Verdict::Inconclusive
    }

    /// What the case comes to.
    pub fn report(&self) -> Report {
        summary::report(self)
    }

    /// Every candidate with its weights, the most probable first.
    pub fn weighed(&self) -> Vec<Weighed> {
        explain::of(self)
    }
}

/// Takes back that nothing is wrong, of an investigation that was not brought to its end.
pub fn cut_short(report: &mut Report) {
    summary::cut_short(report);
}

/// What to ask next about a case; empty when nothing more would change the verdict.
pub fn next_questions(case: &Case) -> Vec<Question> {
    judge(case).next_questions()
}

/// What a case comes to.
pub fn conclude(case: &Case) -> Report {
    judge(case).report()
}
