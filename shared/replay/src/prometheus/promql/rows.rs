//! Reading series side by side, step by step, and making series the same way.

use crate::prometheus::promql::counting::Counting;
use crate::prometheus::promql::failure::Failure;
use crate::snapshot::metrics::labels::Labels;
use crate::snapshot::metrics::{Sample, Series};
use std::collections::HashMap;

/// The values of one step: which series, and its value.
pub(super) type Row = Vec<(usize, f64)>;

/// Reads the steps of series one after another.
pub(super) struct Reading<'a> {
    series: &'a [Series],
    next: Vec<usize>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(series: &'a [Series]) -> Reading<'a> {
        Reading { series, next: vec![0; series.len()] }
    }

    /// Puts the values at a step into `row`; steps are asked for in rising order.
    pub(super) fn step(&mut self, time: i64, row: &mut Row) {
        row.clear();
        for (place, (series, next)) in self.series.iter().zip(&mut self.next).enumerate() {
            if let Some(sample) = series.samples.get(*next).filter(|sample| sample.at == time) {
                *next += 1;
                row.push((place, sample.value));
            }
        }
    }
}

/// Series that are made step by step, in the order in which they first had a value.
pub(super) struct Writing<'a> {
    counting: &'a Counting,
    series: Vec<Series>,
    places: HashMap<Labels, usize>,
    order: Vec<usize>,
}

impl<'a> Writing<'a> {
    pub(super) fn new(counting: &'a Counting) -> Writing<'a> {
        Writing { counting, series: Vec::new(), places: HashMap::new(), order: Vec::new() }
    }

    /// Where values of these labels go.
    pub(super) fn place(&mut self, labels: Labels) -> usize {
        let series = &mut self.series;
        *self.places.entry(labels).or_insert_with_key(|labels| {
            series.push(Series { labels: labels.clone(), samples: Vec::new() });
            series.len() - 1
        })
    }

    /// Adds a value; two of one series at one step are refused, as Prometheus does.
    pub(super) fn push(&mut self, place: usize, at: i64, value: f64) -> Result<(), Failure> {
        let Some(series) = self.series.get_mut(place) else { return Ok(()) };
        match series.samples.last() {
            Some(last) if last.at == at => return Err(Failure::same_labels()),
            Some(_) => {}
            None => self.order.push(place),
        }
        series.samples.push(Sample { at, value });
        self.counting.samples(1)
    }

    pub(super) fn done(mut self) -> Vec<Series> {
        let order = self.order.into_iter();
        order.filter_map(|place| self.series.get_mut(place).map(std::mem::take)).collect()
    }
}
