//! Aggregations over the samples of a window.

use crate::prometheus::promql::quantile;
use crate::prometheus::promql::sum::Sum;
use crate::snapshot::metrics::Sample;

/// The samples of a window, at least one, and where it lies; milliseconds.
#[derive(Debug)]
pub(crate) struct Stretch<'a> {
    pub(crate) samples: &'a [Sample],
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) range: i64,
    /// The step that it is evaluated for.
    pub(crate) step: i64,
}

impl Stretch<'_> {
    fn values(&self) -> impl Iterator<Item = f64> {
        self.samples.iter().map(|sample| sample.value)
    }
}

pub(super) fn count(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    Some(stretch.samples.len() as f64)
}

pub(super) fn last(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    stretch.values().last()
}

pub(super) fn present(_: &Stretch, _: &[f64]) -> Option<f64> {
    Some(1.0)
}

pub(super) fn least(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    stretch
        .values()
        .reduce(|least, value| if value < least || least.is_nan() { value } else { least })
}

pub(super) fn greatest(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    stretch.values().reduce(|most, value| if value > most || most.is_nan() { value } else { most })
}

pub(super) fn sum(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    let mut sum = Sum::default();
    stretch.values().for_each(|value| sum.add(value));
    Some(sum.total())
}

pub(super) fn average(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    let mut mean = Sum::default();
    for (place, value) in stretch.values().enumerate() {
        let count = (place + 1) as f64;
        // An infinite mean stays what it is, where adding to it would make it NaN.
        if mean.rough().is_infinite()
            && (value.is_finite() || value.is_infinite() && (mean.rough() > 0.0) == (value > 0.0))
        {
            continue;
        }
        mean.add(value / count - mean.rough() / count);
    }
    Some(mean.total())
}

pub(super) fn quantile(stretch: &Stretch, parameters: &[f64]) -> Option<f64> {
    let fraction = parameters.first().copied().unwrap_or(f64::NAN);
    Some(quantile::of(fraction, &mut stretch.values().collect::<Vec<f64>>()))
}

pub(super) fn deviation(stretch: &Stretch, parameters: &[f64]) -> Option<f64> {
    variance(stretch, parameters).map(f64::sqrt)
}

pub(super) fn variance(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    let (mut mean, mut squares) = (Sum::default(), Sum::default());
    for (place, value) in stretch.values().enumerate() {
        let delta = value - mean.precise();
        mean.add(delta / (place + 1) as f64);
        squares.add(delta * (value - mean.precise()));
    }
    Some(squares.precise() / stretch.samples.len() as f64)
}

/// How often a counter went down.
pub(super) fn resets(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    Some(pairs(stretch).filter(|(before, after)| after < before).count() as f64)
}

pub(super) fn changes(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    let differ =
        |(before, after): &(f64, f64)| before != after && !(before.is_nan() && after.is_nan());
    Some(pairs(stretch).filter(differ).count() as f64)
}

fn pairs(stretch: &Stretch) -> impl Iterator<Item = (f64, f64)> {
    stretch.values().zip(stretch.values().skip(1))
}
