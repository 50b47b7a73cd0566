//! Judges a case: what to ask next, and what it comes to. Same case, same answer.

mod answer;
mod chain;
mod change;
mod exhibits;
pub mod explain;
pub(crate) mod impact;
mod open;
mod questions;
mod roots;
mod summary;
pub mod symptoms;
mod timeline;
pub mod weigh;

use crate::case::Case;
use crate::catalogue::CATALOGUE;
use crate::failure_mode::FailureMode;
use crate::finding::{Finding, Judgement, Refutation, one_each};
use evidence::question::Question;
use evidence::report::Report;

/// A finding, and the failure mode that made it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The slug of the mode's file.
    pub(crate) name: &'static str,
    pub(crate) mode: &'static FailureMode,
    pub(crate) finding: Finding,
}

/// What the whole catalogue says about a case.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) found: Vec<Found>,
    pub(crate) refuted: Vec<(&'static FailureMode, Refutation)>,
}

/// What to ask next; empty when nothing more would change the verdict.
pub fn next_questions(case: &Case) -> Vec<Question> {
    questions::next(case)
}

/// What the case comes to.
pub fn conclude(case: &Case) -> Report {
    summary::report(case)
}

/// Asks every failure mode.
pub(crate) fn judge(case: &Case) -> Judged {
    let mut judged = Judged::default();
    for (name, mode) in CATALOGUE {
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
