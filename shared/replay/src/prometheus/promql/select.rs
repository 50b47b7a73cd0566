//! Series by their labels, and their values at a step.

use crate::prometheus::promql::evaluate::Evaluation;
use crate::prometheus::promql::expression::Selector;
use crate::prometheus::promql::failure::Failure;
use crate::snapshot::metrics::labels::NAME;
use crate::snapshot::metrics::{Metrics, Sample, Series};
use promql_parser::label::{MatchOp, Matcher};

/// How long a value counts, in milliseconds: Prometheus's own five minutes.
///
/// OpenMetrics text has no marker for a series that has ended; without one, Prometheus waits as long, too.
pub(crate) const LOOKBACK: i64 = 300_000;

/// The series that all matchers match, in order.
pub(crate) fn selection<'a: 'b, 'b>(
    metrics: &'a Metrics,
    matchers: &'b [Matcher],
) -> Box<dyn Iterator<Item = &'a Series> + 'b> {
    let matches = |series: &&'a Series| {
        matchers.iter().all(|matcher| matcher.is_match(series.labels.get(&matcher.name)))
    };
    let named = |matcher: &&Matcher| matcher.name == NAME && matches!(matcher.op, MatchOp::Equal);
    match matchers.iter().find(named) {
        Some(name) => Box::new(metrics.of_name(&name.value).filter(matches)),
        None => Box::new(metrics.series.iter().filter(matches)),
    }
}

impl Evaluation<'_> {
    /// The newest value of each series at each step.
    pub(super) fn selected(&self, selector: &Selector) -> Result<Vec<Series>, Failure> {
        self.newest(selector, |sample| sample.value)
    }

    /// The times, in seconds, of the newest values; without the names of the metrics.
    pub(super) fn times_of(&self, selector: &Selector) -> Result<Vec<Series>, Failure> {
        let found = self.newest(selector, |sample| sample.at as f64 / 1000.0)?;
        self.mapped(&found, |labels| labels.nameless(), Some)
    }

    fn newest(
        &self,
        selector: &Selector,
        told: impl Fn(&Sample) -> f64,
    ) -> Result<Vec<Series>, Failure> {
        let mut found = Vec::new();
        for series in selection(self.metrics, &selector.matchers) {
            let mut after = 0;
            let mut samples = Vec::new();
            for step in self.steps.times() {
                let time = selector.shift.of(step);
                after = advance(&series.samples, after, |sample| sample.at <= time);
                let newest = after.checked_sub(1).and_then(|place| series.samples.get(place));
                if let Some(newest) = newest.filter(|sample| time - sample.at <= LOOKBACK) {
                    samples.push(Sample { at: step, value: told(newest) });
                }
            }
            self.counting.samples(samples.len())?;
            self.counting.work(self.steps.count())?;
            if !samples.is_empty() {
                found.push(Series { labels: series.labels.clone(), samples });
            }
        }
        Ok(found)
    }
}

/// The first place from `from` on where `passes` fails. Places only go up, so long jumps are searched and short walked.
pub(super) fn advance(samples: &[Sample], from: usize, passes: impl Fn(&Sample) -> bool) -> usize {
    let rest = samples.get(from..).unwrap_or_default();
    let near = rest.iter().take(8).take_while(|sample| passes(sample)).count();
    if near < 8 { from + near } else { from + rest.partition_point(passes) }
}
