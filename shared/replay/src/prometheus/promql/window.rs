//! Functions over time: the samples of a window for each series and each step.

use crate::prometheus::promql::evaluate::Evaluation;
use crate::prometheus::promql::expression::{OverTime, Scalar, Selector, Shift, Vector, Window};
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::promql::over_time::Stretch;
use crate::prometheus::promql::select::{advance, selection};
use crate::prometheus::promql::steps::Steps;
use crate::snapshot::metrics::labels::Labels;
use crate::snapshot::metrics::{Sample, Series};
use std::borrow::Cow;
use std::collections::HashSet;

impl Evaluation<'_> {
    /// The samples of a window at the first step, as an instant query for a range shows them.
    pub(super) fn samples_of(&self, window: &Window) -> Result<Vec<Series>, Failure> {
        let (series, range, shift) = self.inside(window)?;
        let end = shift.of(self.steps.start);
        let mut found = Vec::new();
        for one in &series {
            let samples = between(&one.samples, end.saturating_sub(range), end);
            self.counting.samples(samples.len())?;
            if !samples.is_empty() {
                found.push(Series { labels: one.labels.clone(), samples: samples.to_vec() });
            }
        }
        Ok(found)
    }

    /// A function over the window of each step. All series of the result differ, over all steps.
    pub(super) fn over_time(
        &self,
        function: OverTime,
        keeps_name: bool,
        window: &Window,
        parameters: &[Scalar],
    ) -> Result<Vec<Series>, Failure> {
        let parameters = self.parameters(parameters)?;
        let (series, range, shift) = self.inside(window)?;
        let mut found = Vec::new();
        for one in &series {
            let labels = if keeps_name { one.labels.clone() } else { one.labels.nameless() };
            let samples = self.applied(function, &one.samples, range, shift, &parameters)?;
            if !samples.is_empty() {
                found.push(Series { labels, samples });
            }
        }
        all_differ(&found)?;
        Ok(found)
    }

    fn applied(
        &self,
        function: OverTime,
        samples: &[Sample],
        range: i64,
        shift: Shift,
        parameters: &[Vec<f64>],
    ) -> Result<Vec<Sample>, Failure> {
        let mut results = Vec::new();
        let (mut first, mut after) = (0, 0);
        let mut arguments = vec![0.0; parameters.len()];
        for (place, step) in self.steps.times().enumerate() {
            let end = shift.of(step);
            let start = end.saturating_sub(range);
            first = advance(samples, first, |sample| sample.at < start);
            after = advance(samples, after.max(first), |sample| sample.at <= end);
            let inside = samples.get(first..after).unwrap_or_default();
            self.counting.work(inside.len() + 1)?;
            if inside.is_empty() {
                continue;
            }
            for (argument, values) in arguments.iter_mut().zip(parameters) {
                *argument = values.get(place).copied().unwrap_or(f64::NAN);
            }
            let stretch = Stretch { samples: inside, start, end, range, step };
            if let Some(value) = function(&stretch, &arguments) {
                results.push(Sample { at: step, value });
            }
        }
        self.counting.samples(results.len())?;
        Ok(results)
    }

    /// 1 at the steps at which no series has a sample in its window.
    pub(super) fn absent_over_time(
        &self,
        window: &Window,
        labels: &Labels,
    ) -> Result<Vec<Series>, Failure> {
        let present = self.over_time(|_, _| Some(1.0), true, window, &[])?;
        let times = present.iter().flat_map(|one| one.samples.iter().map(|sample| sample.at));
        Ok(self.at_other_times(&times.collect(), labels))
    }

    /// 1 at the steps that are not in `times`.
    pub(super) fn at_other_times(&self, times: &HashSet<i64>, labels: &Labels) -> Vec<Series> {
        let others = self.steps.times().filter(|step| !times.contains(step));
        let samples: Vec<Sample> = others.map(|at| Sample { at, value: 1.0 }).collect();
        if samples.is_empty() {
            return Vec::new();
        }
        vec![Series { labels: labels.clone(), samples }]
    }

    /// The series that a window looks at, how far back it reaches, and from when.
    fn inside<'a>(
        &'a self,
        window: &'a Window,
    ) -> Result<(Vec<Cow<'a, Series>>, i64, Shift), Failure> {
        match window {
            Window::Selected { selector: Selector { matchers, shift }, range } => {
                let series = selection(self.metrics, matchers).map(Cow::Borrowed).collect();
                Ok((series, *range, *shift))
            }
            Window::Subquery { vector, range, step, shift } => {
                let series = self.subquery(vector, *range, *step, *shift)?;
                Ok((series.into_iter().map(Cow::Owned).collect(), *range, *shift))
            }
        }
    }

    /// Evaluates a vector at the multiples of `step` that any window of this evaluation reaches.
    fn subquery(
        &self,
        vector: &Vector,
        range: i64,
        step: i64,
        shift: Shift,
    ) -> Result<Vec<Series>, Failure> {
        let earliest = shift.of(self.steps.start).saturating_sub(range);
        let last = self.steps.times().last().unwrap_or(self.steps.end);
        let mut start = step * (earliest / step);
        if start < earliest {
            start = start.saturating_add(step);
        }
        let steps = Steps { start, end: shift.of(last), interval: step };
        // Prometheus would run until its timeout.
        self.counting.work(steps.count())?;
        Evaluation { steps, ..*self }.vector(vector)
    }
}

/// The samples from `start` to `end`, both included.
fn between(samples: &[Sample], start: i64, end: i64) -> &[Sample] {
    let first = samples.partition_point(|sample| sample.at < start);
    let after = samples.partition_point(|sample| sample.at <= end);
    samples.get(first..after).unwrap_or_default()
}

/// Refuses two series with the same labels, even where they are never there together.
pub(super) fn all_differ(series: &[Series]) -> Result<(), Failure> {
    let mut seen = HashSet::with_capacity(series.len());
    if series.iter().all(|one| seen.insert(&one.labels)) {
        return Ok(());
    }
    Err(Failure::same_labels())
}
