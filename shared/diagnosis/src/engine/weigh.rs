//! How probable a finding is: log-odds added up, against the others and against an unknown cause.

use super::Found;
use crate::finding::Strength;

/// Log-odds of what proofs of each strength carry. Weights stand here and nowhere else.
const SUGGESTIVE: f64 = 0.6;
const STRONG: f64 = 2.2;
const CONCLUSIVE: f64 = 4.0;
/// For explaining every symptom that there is.
const EXPLAINS_ALL: f64 = 1.0;
/// For each further independent proof, two at most.
const FURTHER_PROOF: f64 = 0.4;
/// For each doubt.
const DOUBT: f64 = -1.5;
/// For something unseen that might have told otherwise.
const UNSEEN: f64 = -0.5;
/// What is never exceeded: a report is not a certainty.
const MOST: f64 = 0.99;
/// How much of its log-odds a probability keeps when it is told. Counted: on 123 scenarios that nobody had looked at when
/// they were judged, 77 answers claimed 0.98 on average and 59 of them (77 %) were right; on the whole library 94 % are. Half
/// keeps the Brier score of the library below 0.05, and less would hardly better that of the held-back (docs/accuracy.md).
const TOLD: f64 = 0.5;

/// One summand of a finding's log-odds, and why it is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// Why, in a few words.
    pub why: &'static str,
    /// Log-odds that it adds.
    pub weight: f64,
}

/// What a finding's log-odds are made of.
pub(super) fn terms(found: &Found, explains_all: bool, unseen: bool) -> Vec<Term> {
    let finding = &found.finding;
    let mut terms = vec![match finding.strength {
        Strength::Suggestive => Term { why: "the proofs are suggestive", weight: SUGGESTIVE },
        Strength::Strong => Term { why: "the proofs are strong", weight: STRONG },
        Strength::Conclusive => Term { why: "the proofs are conclusive", weight: CONCLUSIVE },
    }];
    if explains_all {
        terms.push(Term { why: "it explains every symptom", weight: EXPLAINS_ALL });
    }
    for _ in finding.proofs.iter().skip(1).take(2) {
        terms.push(Term { why: "a further proof", weight: FURTHER_PROOF });
    }
    for _ in &finding.doubts {
        terms.push(Term { why: "a doubt", weight: DOUBT });
    }
    if unseen && finding.strength < Strength::Conclusive {
        terms.push(Term { why: "something could not be examined", weight: UNSEEN });
    }
    terms
}

/// The log-odds of terms taken together.
pub(super) fn log_odds(terms: &[Term]) -> f64 {
    terms.iter().map(|term| term.weight).sum()
}

/// The probability of the finding with log-odds `own` among `rivals` and an unknown cause, which stands at 0.
pub(super) fn probability(own: f64, rivals: &[f64]) -> f64 {
    let mut all = 1.0 + own.exp();
    for rival in rivals {
        all += rival.exp();
    }
    let share = (own.exp() / all).min(MOST);
    (share * 100.0).round() / 100.0
}

/// A probability as a report tells it: no surer than such answers have proven to be.
pub(super) fn told(probability: f64) -> f64 {
    let odds = (probability / (1.0 - probability)).powf(TOLD);
    (odds / (1.0 + odds) * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::{probability, told};

    #[test]
    fn what_is_told_is_as_sure_as_such_answers_were_right() {
        assert!((told(0.99) - 0.91).abs() < 1e-9);
        assert!((told(0.5) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn an_unknown_cause_competes() {
        assert!((probability(0.0, &[]) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn rivals_share() {
        assert!(probability(3.0, &[3.0]) < 0.5);
    }
}
