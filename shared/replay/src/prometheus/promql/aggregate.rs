//! Aggregations: `sum by (job)`, `topk`, `count_values`.

use crate::prometheus::number;
use crate::prometheus::promql::evaluate::Evaluation;
use crate::prometheus::promql::expression::{Aggregation, Aggregator, By, Scalar, Vector};
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::promql::quantile;
use crate::prometheus::promql::ranking::Ranking;
use crate::prometheus::promql::rows::{Reading, Row, Writing};
use crate::snapshot::metrics::Series;
use crate::snapshot::metrics::labels::Labels;
use std::collections::HashMap;

/// What a group comes to so far.
struct Group {
    place: usize,
    count: f64,
    value: f64,
    mean: f64,
    values: Vec<f64>,
}

impl Evaluation<'_> {
    pub(super) fn aggregated(
        &self,
        aggregation: &Aggregation,
        vector: &Vector,
    ) -> Result<Vec<Series>, Failure> {
        let Aggregation { operator, by } = aggregation;
        let parameter = match operator {
            Aggregator::Top(scalar) | Aggregator::Bottom(scalar) => Some(self.sizes(scalar)?),
            Aggregator::Quantile(scalar) => Some(self.scalar(scalar)?),
            _ => None,
        };
        let series = self.vector(vector)?;
        match (operator, parameter) {
            (Aggregator::Top(_) | Aggregator::Bottom(_), Some(sizes)) => {
                self.best(&series, by, &sizes, matches!(operator, Aggregator::Bottom(_)))
            }
            (Aggregator::CountValues(label), _) => self.count_values(&series, by, label),
            (_, parameter) => self.grouped(&series, by, operator, parameter.as_deref()),
        }
    }

    /// How many `topk` is to keep at each step.
    fn sizes(&self, scalar: &Scalar) -> Result<Vec<f64>, Failure> {
        let sizes = self.scalar(scalar)?;
        let fits = |size: &&f64| size.abs() <= i64::MAX as f64;
        match sizes.iter().find(|size| !fits(size)) {
            Some(size) => {
                let size = number::shortest(*size);
                Err(Failure::execution(format!("Scalar value {size} overflows int64")))
            }
            None => Ok(sizes),
        }
    }

    fn grouped(
        &self,
        series: &[Series],
        by: &By,
        operator: &Aggregator,
        parameter: Option<&[f64]>,
    ) -> Result<Vec<Series>, Failure> {
        let (mut reading, mut row) = (Reading::of(series), Row::new());
        let mut writing = Writing::new(self.counting);
        let places: Vec<usize> =
            series.iter().map(|one| writing.place(by.signature(&one.labels))).collect();
        for (number, step) in self.steps.times().enumerate() {
            reading.step(step, &mut row);
            let mut groups: Vec<Group> = Vec::new();
            let mut known: HashMap<usize, usize> = HashMap::new();
            for (from, value) in &row {
                let Some(place) = places.get(*from) else { continue };
                let at = *known.entry(*place).or_insert(groups.len());
                match groups.get_mut(at) {
                    Some(group) => group.add(operator, *value),
                    None => groups.push(Group::of(*place, operator, *value)),
                }
            }
            let parameter = parameter.and_then(|values| values.get(number)).copied();
            for mut group in groups {
                writing.push(group.place, step, group.result(operator, parameter))?;
            }
        }
        Ok(writing.done())
    }

    /// The series with the largest or smallest values of each group, as they are.
    fn best(
        &self,
        series: &[Series],
        by: &By,
        sizes: &[f64],
        bottom: bool,
    ) -> Result<Vec<Series>, Failure> {
        let (mut reading, mut row) = (Reading::of(series), Row::new());
        let mut writing = Writing::new(self.counting);
        let places: Vec<usize> =
            series.iter().map(|one| writing.place(one.labels.clone())).collect();
        let signatures: Vec<Labels> = series.iter().map(|one| by.signature(&one.labels)).collect();
        for (step, size) in self.steps.times().zip(sizes) {
            reading.step(step, &mut row);
            let size = (*size as usize).min(row.len());
            if size == 0 {
                continue;
            }
            let mut rankings: Vec<Ranking> = Vec::new();
            let mut known: HashMap<&Labels, usize> = HashMap::new();
            for (from, value) in &row {
                let Some(signature) = signatures.get(*from) else { continue };
                let at = *known.entry(signature).or_insert(rankings.len());
                if at == rankings.len() {
                    rankings.push(Ranking::of(size, bottom));
                }
                if let Some(ranking) = rankings.get_mut(at) {
                    ranking.add((*value, *from));
                }
            }
            for (value, from) in rankings.into_iter().flat_map(Ranking::best_first) {
                let Some(place) = places.get(from) else { continue };
                writing.push(*place, step, value)?;
            }
        }
        Ok(writing.done())
    }

    /// How often each value is there, with the value in a label.
    fn count_values(
        &self,
        series: &[Series],
        by: &By,
        label: &str,
    ) -> Result<Vec<Series>, Failure> {
        let by = match by {
            By::Only(names) => By::Only(names.iter().cloned().chain([label.to_owned()]).collect()),
            By::AllBut(names) => By::AllBut(names.clone()),
        };
        let (mut reading, mut row) = (Reading::of(series), Row::new());
        let mut writing = Writing::new(self.counting);
        for step in self.steps.times() {
            reading.step(step, &mut row);
            let mut counts: Vec<(usize, f64)> = Vec::new();
            let mut known: HashMap<usize, usize> = HashMap::new();
            for (from, value) in &row {
                let Some(one) = series.get(*from) else { continue };
                let labels = one.labels.with(label, &number::plain(*value));
                let place = writing.place(by.signature(&labels));
                let at = *known.entry(place).or_insert(counts.len());
                match counts.get_mut(at) {
                    Some((_, count)) => *count += 1.0,
                    None => counts.push((place, 1.0)),
                }
            }
            for (place, count) in counts {
                writing.push(place, step, count)?;
            }
        }
        Ok(writing.done())
    }
}

impl Group {
    fn of(place: usize, operator: &Aggregator, value: f64) -> Group {
        let (start, values) = match operator {
            Aggregator::Deviation | Aggregator::Variance => (0.0, Vec::new()),
            Aggregator::Quantile(_) => (value, vec![value]),
            _ => (value, Vec::new()),
        };
        Group { place, count: 1.0, value: start, mean: value, values }
    }

    fn add(&mut self, operator: &Aggregator, value: f64) {
        self.count += 1.0;
        match operator {
            Aggregator::Sum => self.value += value,
            Aggregator::Average => self.average(value),
            Aggregator::Least if self.value > value || self.value.is_nan() => self.value = value,
            Aggregator::Greatest if self.value < value || self.value.is_nan() => self.value = value,
            Aggregator::Deviation | Aggregator::Variance => {
                let delta = value - self.mean;
                self.mean += delta / self.count;
                self.value += delta * (value - self.mean);
            }
            Aggregator::Quantile(_) => self.values.push(value),
            _ => {}
        }
    }

    /// An infinite mean stays what it is, where adding to it would make it NaN.
    fn average(&mut self, value: f64) {
        let same = value.is_infinite() && (self.mean > 0.0) == (value > 0.0);
        if self.mean.is_infinite() && (value.is_finite() || same) {
            return;
        }
        // Divided one by one, so that nothing overflows.
        self.mean += value / self.count - self.mean / self.count;
    }

    fn result(&mut self, operator: &Aggregator, parameter: Option<f64>) -> f64 {
        match operator {
            Aggregator::Average => self.mean,
            Aggregator::Count => self.count,
            Aggregator::Group => 1.0,
            Aggregator::Variance => self.value / self.count,
            Aggregator::Deviation => (self.value / self.count).sqrt(),
            Aggregator::Quantile(_) => {
                quantile::of(parameter.unwrap_or(f64::NAN), &mut self.values)
            }
            _ => self.value,
        }
    }
}
