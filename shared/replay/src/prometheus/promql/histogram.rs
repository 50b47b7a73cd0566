//! Quantiles of classic histograms, whose buckets are series with a label `le`.

use crate::prometheus::promql::evaluate::Evaluation;
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::promql::quantile::rising;
use crate::prometheus::promql::rows::{Reading, Row, Writing};
use crate::snapshot::metrics::Series;
use crate::snapshot::metrics::labels::Labels;
use std::collections::HashMap;

const BUCKET: &str = "le";

/// How many observations were at most `bound`.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    bound: f64,
    count: f64,
}

impl Evaluation<'_> {
    pub(super) fn histogram_quantile(
        &self,
        quantiles: &[f64],
        series: &[Series],
    ) -> Result<Vec<Series>, Failure> {
        let mut writing = Writing::new(self.counting);
        // Buckets belong together if nothing but `le` tells them apart, the name of the metric included.
        let mut histograms: HashMap<Labels, usize> = HashMap::new();
        let mut places = Vec::new();
        let bound_of = |one: &Series| one.labels.get(BUCKET).parse::<f64>().ok();
        let buckets: Vec<Option<(usize, f64)>> = series
            .iter()
            .map(|one| {
                let bound = bound_of(one)?;
                let labels = one.labels.without(&[BUCKET]);
                let nameless = labels.nameless();
                let histogram = *histograms.entry(labels).or_insert_with(|| {
                    places.push(writing.place(nameless));
                    places.len() - 1
                });
                Some((histogram, bound))
            })
            .collect();
        let (mut reading, mut row) = (Reading::of(series), Row::new());
        let mut gathered: Vec<Vec<Bucket>> = vec![Vec::new(); places.len()];
        for (step, quantile) in self.steps.times().zip(quantiles) {
            reading.step(step, &mut row);
            for (from, count) in &row {
                let Some(Some((histogram, bound))) = buckets.get(*from) else { continue };
                let Some(buckets) = gathered.get_mut(*histogram) else { continue };
                buckets.push(Bucket { bound: *bound, count: *count });
            }
            for (place, buckets) in places.iter().zip(&mut gathered) {
                if !buckets.is_empty() {
                    writing.push(*place, step, of(*quantile, std::mem::take(buckets)))?;
                }
            }
        }
        Ok(writing.done())
    }
}

/// The quantile, as if observations were spread evenly within a bucket.
fn of(quantile: f64, mut buckets: Vec<Bucket>) -> f64 {
    if quantile.is_nan() {
        return f64::NAN;
    }
    if quantile < 0.0 {
        return f64::NEG_INFINITY;
    }
    if quantile > 1.0 {
        return f64::INFINITY;
    }
    buckets.sort_by(|one, other| rising(one.bound, other.bound));
    let buckets = rising_counts(&buckets);
    let [lower @ .., last] = buckets.as_slice() else { return f64::NAN };
    let Some(second_last) = lower.last() else { return f64::NAN };
    if last.bound != f64::INFINITY || last.count == 0.0 {
        return f64::NAN;
    }
    let mut rank = quantile * last.count;
    // The first bucket that reaches the rank. Written so that a NaN among the counts stops at the same place as the
    // binary search of Prometheus does.
    let place = lower.partition_point(|bucket| !(bucket.count >= rank));
    let Some(bucket) = lower.get(place) else { return second_last.bound };
    let below = place.checked_sub(1).and_then(|place| lower.get(place));
    let Some(below) = below else {
        // What is observed is seldom negative: a first bucket above zero begins there.
        let even = bucket.bound * (rank / bucket.count);
        return if bucket.bound <= 0.0 { bucket.bound } else { even };
    };
    rank -= below.count;
    below.bound + (bucket.bound - below.bound) * (rank / (bucket.count - below.count))
}

/// One bucket of each bound, counts that never fall: rounding and scrapes that are not atomic break both.
fn rising_counts(buckets: &[Bucket]) -> Vec<Bucket> {
    let mut merged: Vec<Bucket> = Vec::with_capacity(buckets.len());
    for bucket in buckets {
        match merged.last_mut().filter(|last| last.bound == bucket.bound) {
            Some(last) => last.count += bucket.count,
            None => merged.push(*bucket),
        }
    }
    let mut most = merged.first().map_or(0.0, |first| first.count);
    for bucket in &mut merged {
        if bucket.count > most {
            most = bucket.count;
        } else if bucket.count < most {
            bucket.count = most;
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(pairs: &[(f64, f64)]) -> Vec<Bucket> {
        pairs.iter().map(|(bound, count)| Bucket { bound: *bound, count: *count }).collect()
    }

    #[test]
    fn between_the_bounds_of_the_bucket() {
        let three = [(f64::INFINITY, 10.0), (1.0, 4.0), (2.0, 8.0)];
        assert_eq!(of(0.2, buckets(&three)), 0.5);
        assert_eq!(of(0.6, buckets(&three)), 1.5);
        assert_eq!(of(0.9, buckets(&three)), 2.0);
        assert!(of(0.5, buckets(&three[1..])).is_nan(), "no bucket holds them all");
    }
}
