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

/// The log-odds of one finding.
pub(super) fn log_odds(found: &Found, explains_all: bool, unseen: bool) -> f64 {
    let finding = &found.finding;
    let mut sum = match finding.strength {
        Strength::Suggestive => SUGGESTIVE,
        Strength::Strong => STRONG,
        Strength::Conclusive => CONCLUSIVE,
    };
    if explains_all {
        sum += EXPLAINS_ALL;
    }
    let further = finding.proofs.len().saturating_sub(1).min(2);
    sum += FURTHER_PROOF
        * if further == 2 {
            2.0
        } else if further == 1 {
            1.0
        } else {
            0.0
        };
    for _ in &finding.doubts {
        sum += DOUBT;
    }
    if unseen && finding.strength < Strength::Conclusive {
        sum += UNSEEN;
    }
    sum
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

#[cfg(test)]
mod tests {
    use super::probability;

    #[test]
    fn an_unknown_cause_competes() {
        assert!((probability(0.0, &[]) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn rivals_share() {
        assert!(probability(3.0, &[3.0]) < 0.5);
    }
}
