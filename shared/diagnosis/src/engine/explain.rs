//! How the ranking came about: every candidate with the weights that it was given.

use super::weigh::Term;
use super::{Judged, roots};
use evidence::entity::Entity;

/// A finding that was weighed.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    /// The failure mode's id.
    pub failure_mode: &'static str,
    /// What it is about.
    pub subject: Entity,
    /// Symptoms that it explains, of how many.
    pub explains: (usize, usize),
    /// What its log-odds are made of.
    pub terms: Vec<Term>,
    /// Their sum; an unknown cause stands at 0.
    pub log_odds: f64,
    /// Its probability, where it is named as a cause.
    pub confidence: Option<f64>,
}

/// Every candidate of a case, the most probable first.
pub(super) fn of(judged: &Judged<'_>) -> Vec<Weighed> {
    let Judged { case, symptoms, found, .. } = judged;
    let named = roots::of(case, symptoms, found);
    let mut weighed: Vec<Weighed> = roots::candidates(case, symptoms, found)
        .into_iter()
        .map(|it| {
            let explained = symptoms.iter().filter(|one| it.reached.contains(&one.entity)).count();
            let root = named.iter().find(|root| std::ptr::eq(root.found, it.found));
            Weighed {
                failure_mode: it.found.mode.id,
                subject: it.found.finding.subject.clone(),
                explains: (explained, symptoms.len()),
                terms: it.terms,
                log_odds: it.log_odds,
                confidence: root.map(|root| root.confidence),
            }
        })
        .collect();
    weighed.sort_by(|left, right| {
        let odds = right.log_odds.total_cmp(&left.log_odds);
        let named = right.confidence.is_some().cmp(&left.confidence.is_some());
        named.then(odds).then(left.failure_mode.cmp(right.failure_mode))
    });
    weighed
}
