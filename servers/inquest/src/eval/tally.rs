//! Scenarios counted: accuracy by family, and whether confidence means what it says.

use super::Outcome;
use super::judging::{Judged, Traced};
use serde::Serialize;
use std::collections::BTreeMap;

/// Confidences are compared with what came true in steps of a tenth.
const STEPS: u8 = 10;

/// What all scenarios came to.
#[derive(Clone, Debug, Serialize)]
pub struct Tally {
    /// Counts by family, in order.
    pub families: BTreeMap<String, Counts>,
    /// Counts of all.
    pub total: Counts,
    /// Mean squared distance of confidence from truth, over reports that name a cause: 0 is perfect, 0.25 a coin.
    pub brier: Option<f64>,
    /// How often answers of about the same confidence were right.
    pub reliability: Vec<Reliability>,
    /// How many right answers have a change behind them; in how many of these it is named, and who made it.
    pub traced: [usize; 3],
    /// Rounds of questions, on average.
    pub mean_rounds: f64,
    /// Milliseconds a scenario, on average.
    pub mean_ms: f64,
}

/// Counts of scenarios.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All.
    pub scenarios: u32,
    /// Right first.
    pub right: u32,
    /// Wrong.
    pub wrong: u32,
    /// No answer.
    pub abstained: u32,
    /// Blamed what is not to blame.
    pub false_alarms: u32,
}

/// Answers of about the same confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Reliability {
    /// From this confidence on.
    pub from: f64,
    /// How many.
    pub answers: u32,
    /// How sure they were, on average.
    pub mean_confidence: f64,
    /// The share of them that was right.
    pub right: f64,
}

/// Counts the outcomes.
pub fn tally(outcomes: &[Outcome]) -> Tally {
    let mut families: BTreeMap<String, Counts> = BTreeMap::new();
    let mut total = Counts::default();
    for outcome in outcomes {
        families.entry(outcome.family.clone()).or_default().add(outcome);
        total.add(outcome);
    }
    let sure: Vec<(f64, f64)> = outcomes.iter().filter_map(sure).collect();
    let rounds: Vec<f64> = outcomes.iter().map(|it| f64::from(it.rounds)).collect();
    let ms: Vec<f64> = outcomes.iter().map(|it| it.ms).collect();
    let squares: Vec<f64> = sure.iter().map(|(sure, right)| (sure - right).powi(2)).collect();
    Tally {
        families,
        total,
        brier: mean(&squares),
        reliability: reliability(&sure),
        traced: traced(outcomes),
        mean_rounds: mean(&rounds).unwrap_or_default(),
        mean_ms: mean(&ms).unwrap_or_default(),
    }
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        self.scenarios += 1;
        match outcome.judged {
            Judged::Right => self.right += 1,
            Judged::Wrong => self.wrong += 1,
            Judged::Abstained => self.abstained += 1,
        }
        self.false_alarms += u32::from(outcome.false_alarm);
    }
}

fn traced(outcomes: &[Outcome]) -> [usize; 3] {
    let traced: Vec<Traced> = outcomes.iter().filter_map(|it| it.traced).collect();
    let fields = traced.iter().filter(|it| it.field).count();
    let actors = traced.iter().filter(|it| it.actor).count();
    [traced.len(), fields, actors]
}

/// Confidence, and 1 where it was right.
fn sure(outcome: &Outcome) -> Option<(f64, f64)> {
    let right = if outcome.judged == Judged::Right { 1.0 } else { 0.0 };
    outcome.confidence.map(|confidence| (confidence, right))
}

fn reliability(sure: &[(f64, f64)]) -> Vec<Reliability> {
    let mut rows = Vec::new();
    for step in 0..STEPS {
        let from = f64::from(step) / f64::from(STEPS);
        let to = f64::from(step + 1) / f64::from(STEPS);
        let last = step + 1 == STEPS;
        let within: Vec<&(f64, f64)> =
            sure.iter().filter(|(it, _)| *it >= from && (*it < to || last)).collect();
        let confidences: Vec<f64> = within.iter().map(|(it, _)| *it).collect();
        let right: Vec<f64> = within.iter().map(|(_, it)| *it).collect();
        if let (Some(mean_confidence), Some(right)) = (mean(&confidences), mean(&right)) {
            let answers = u32::try_from(within.len()).unwrap_or(u32::MAX);
            rows.push(Reliability { from, answers, mean_confidence, right });
        }
    }
    rows
}

fn mean(values: &[f64]) -> Option<f64> {
    match values.len() {
        0 => None,
        count => Some(values.iter().sum::<f64>() / count as f64),
    }
}
