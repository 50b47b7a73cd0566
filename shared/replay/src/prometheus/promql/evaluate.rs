//! Evaluating a query at all steps, part by part.

use crate::prometheus::promql::arithmetic;
use crate::prometheus::promql::counting::Counting;
use crate::prometheus::promql::expression::{Each, Scalar, Vector};
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::promql::quantile::rising;
use crate::prometheus::promql::rows::{Reading, Row, Writing};
use crate::prometheus::promql::steps::Steps;
use crate::prometheus::promql::window;
use crate::snapshot::metrics::labels::Labels;
use crate::snapshot::metrics::{Metrics, Sample, Series};

/// One evaluation; subqueries are others.
#[derive(Clone, Copy)]
pub(super) struct Evaluation<'a> {
    pub(super) metrics: &'a Metrics,
    pub(super) steps: Steps,
    pub(super) counting: &'a Counting,
}

impl Evaluation<'_> {
    /// A value for each step.
    pub(super) fn scalar(&self, scalar: &Scalar) -> Result<Vec<f64>, Failure> {
        self.counting.samples(self.steps.count())?;
        Ok(match scalar {
            Scalar::Number(number) => vec![*number; self.steps.count()],
            Scalar::Time => self.steps.times().map(|step| step as f64 / 1000.0).collect(),
            Scalar::Negated(scalar) => self.scalar(scalar)?.iter().map(|value| -value).collect(),
            Scalar::Binary { operator, left, right } => {
                let (left, right) = (self.scalar(left)?, self.scalar(right)?);
                let pairs = left.iter().zip(&right);
                pairs.map(|(one, other)| arithmetic::of(*operator, *one, *other)).collect()
            }
            Scalar::Only(vector) => {
                let series = self.vector(vector)?;
                let (mut reading, mut row) = (Reading::of(&series), Row::new());
                let mut values = Vec::new();
                for step in self.steps.times() {
                    reading.step(step, &mut row);
                    let only = if row.len() == 1 { row.first() } else { None };
                    values.push(only.map_or(f64::NAN, |(_, value)| *value));
                }
                values
            }
        })
    }

    /// Several scalars.
    pub(super) fn parameters(&self, scalars: &[Scalar]) -> Result<Vec<Vec<f64>>, Failure> {
        scalars.iter().map(|scalar| self.scalar(scalar)).collect()
    }

    /// A scalar as the series without labels.
    pub(super) fn of_scalar(&self, scalar: &Scalar) -> Result<Vec<Series>, Failure> {
        let values = self.scalar(scalar)?;
        let samples =
            self.steps.times().zip(values).map(|(at, value)| Sample { at, value }).collect();
        Ok(vec![Series { labels: Labels::default(), samples }])
    }

    /// The series of a vector, none of them empty.
    pub(super) fn vector(&self, vector: &Vector) -> Result<Vec<Series>, Failure> {
        match vector {
            Vector::Selected(selector) => self.selected(selector),
            Vector::Times(selector) => self.times_of(selector),
            Vector::Of(scalar) => self.of_scalar(scalar),
            Vector::OverTime { function, keeps_name, window, parameters } => {
                self.over_time(*function, *keeps_name, window, parameters)
            }
            Vector::AbsentOverTime { window, labels } => self.absent_over_time(window, labels),
            Vector::Absent { vector, labels } => {
                let present = self.vector(vector)?;
                let times = present.iter().flat_map(|one| &one.samples).map(|sample| sample.at);
                Ok(self.at_other_times(&times.collect(), labels))
            }
            Vector::Each { function, vector, parameters } => {
                self.each(*function, &self.vector(vector)?, &self.parameters(parameters)?)
            }
            Vector::Stamped(vector) => self.stamped(&self.vector(vector)?),
            Vector::HistogramQuantile { quantile, vector } => {
                self.histogram_quantile(&self.scalar(quantile)?, &self.vector(vector)?)
            }
            Vector::Replaced { vector, replace } => {
                self.mapped(&self.vector(vector)?, |labels| replace.of(labels), Some)
            }
            Vector::Joined { vector, join } => {
                self.mapped(&self.vector(vector)?, |labels| join.of(labels), Some)
            }
            Vector::Sorted { vector, descending } => Ok(self.sorted(vector, *descending)?),
            Vector::Negated(vector) => {
                let mut series = self.vector(vector)?;
                for one in &mut series {
                    one.labels = one.labels.nameless();
                    one.samples.iter_mut().for_each(|sample| sample.value = -sample.value);
                }
                window::all_differ(&series)?;
                Ok(series)
            }
            Vector::Aggregated { aggregation, vector } => self.aggregated(aggregation, vector),
            Vector::Scaled { operator, as_bool, swapped, vector, scalar } => {
                let (vector, scalar) = (self.vector(vector)?, self.scalar(scalar)?);
                self.scaled(*operator, *as_bool, *swapped, &vector, &scalar)
            }
            Vector::Matched { operator, as_bool, matching, sides } => {
                let [left, right] = sides.as_ref();
                let (left, right) = (self.vector(left)?, self.vector(right)?);
                self.matched(*operator, *as_bool, matching, &left, &right)
            }
            Vector::Combined { set, by, sides } => {
                let [left, right] = sides.as_ref();
                self.combined(*set, by, &self.vector(left)?, &self.vector(right)?)
            }
        }
    }

    /// A function of each value, and of scalars, without the names of the metrics.
    fn each(
        &self,
        function: Each,
        series: &[Series],
        parameters: &[Vec<f64>],
    ) -> Result<Vec<Series>, Failure> {
        let (mut reading, mut row) = (Reading::of(series), Row::new());
        let mut writing = Writing::new(self.counting);
        let places: Vec<usize> =
            series.iter().map(|one| writing.place(one.labels.nameless())).collect();
        let mut arguments = vec![0.0; parameters.len()];
        for (number, step) in self.steps.times().enumerate() {
            for (argument, values) in arguments.iter_mut().zip(parameters) {
                *argument = values.get(number).copied().unwrap_or(f64::NAN);
            }
            reading.step(step, &mut row);
            for (from, value) in &row {
                let Some(result) = function(*value, &arguments) else { continue };
                let Some(place) = places.get(*from) else { continue };
                writing.push(*place, step, result)?;
            }
        }
        Ok(writing.done())
    }

    /// The same values, or others, under other labels.
    pub(super) fn mapped(
        &self,
        series: &[Series],
        relabel: impl Fn(&Labels) -> Labels,
        function: impl Fn(f64) -> Option<f64>,
    ) -> Result<Vec<Series>, Failure> {
        let (mut reading, mut row) = (Reading::of(series), Row::new());
        let mut writing = Writing::new(self.counting);
        let places: Vec<usize> =
            series.iter().map(|one| writing.place(relabel(&one.labels))).collect();
        for step in self.steps.times() {
            reading.step(step, &mut row);
            for (from, value) in &row {
                let (Some(result), Some(place)) = (function(*value), places.get(*from)) else {
                    continue;
                };
                writing.push(*place, step, result)?;
            }
        }
        Ok(writing.done())
    }

    /// The times of the steps as values.
    fn stamped(&self, series: &[Series]) -> Result<Vec<Series>, Failure> {
        let timed = series.iter().map(|one| {
            let stamp =
                |sample: &Sample| Sample { at: sample.at, value: sample.at as f64 / 1000.0 };
            Series { labels: one.labels.clone(), samples: one.samples.iter().map(stamp).collect() }
        });
        self.mapped(&timed.collect::<Vec<Series>>(), |labels| labels.nameless(), Some)
    }

    /// By their values where there is one step; NaN comes last either way.
    fn sorted(&self, vector: &Vector, descending: bool) -> Result<Vec<Series>, Failure> {
        let mut series = self.vector(vector)?;
        let value = |one: &Series| one.samples.first().map_or(f64::NAN, |sample| sample.value);
        series.sort_by(|one, other| {
            let (one, other) = (value(one), value(other));
            if descending { rising(other, one) } else { rising(one, other) }
        });
        if !descending {
            let nans = series.iter().take_while(|one| value(one).is_nan()).count();
            series.rotate_left(nans);
        }
        Ok(series)
    }
}
