//! The evaluations of a rule over time: what they gave, and which of them failed.

use crate::prometheus::promql;
use crate::prometheus::promql::failure::{Failure, Kind};
use crate::prometheus::promql::steps::Steps;
use crate::snapshot::metrics::labels::Labels;
use crate::snapshot::metrics::{Metrics, Sample, Series};
use std::collections::BTreeMap;

/// What came of them.
#[derive(Debug)]
pub(super) struct Evaluations {
    /// When they were.
    pub(super) steps: Steps,
    /// What they gave, in the order of the labels.
    pub(super) series: Vec<Series>,
    /// Those that failed, by their time. Nothing is known of them, and the others are none the worse.
    pub(super) failed: BTreeMap<i64, Failure>,
}

impl Evaluations {
    /// Evaluates an expression at each step. What fails as a whole is tried in halves, down to single steps: that costs a
    /// round for each halving, of which there are 14 in as many steps as a rule may have.
    ///
    /// # Errors
    /// Where it could not be evaluated at any time, or not within its limits.
    pub(super) fn of(
        metrics: &Metrics,
        expression: &str,
        steps: Steps,
    ) -> Result<Evaluations, Failure> {
        let mut found: BTreeMap<Labels, Vec<Sample>> = BTreeMap::new();
        let mut failed = BTreeMap::new();
        let mut next = vec![steps];
        while let Some(part) = next.pop() {
            match promql::range(metrics, expression, part) {
                Ok(series) => {
                    for one in series {
                        found.entry(one.labels).or_default().extend(one.samples);
                    }
                }
                Err(failure) if failure.kind != Kind::Execution => return Err(failure),
                Err(failure) => match part.halves() {
                    // The earlier one is tried first, so that samples come in rising time.
                    Some((earlier, later)) => next.extend([later, earlier]),
                    None => {
                        failed.insert(part.start, failure);
                    }
                },
            }
        }
        let series = found.into_iter().map(|(labels, samples)| Series { labels, samples });
        Ok(Evaluations { steps, series: series.collect(), failed })
    }

    /// The last one that did not fail, in milliseconds since 1970.
    pub(super) fn last(&self) -> Option<i64> {
        self.steps.times().filter(|at| !self.failed.contains_key(at)).last()
    }
}
