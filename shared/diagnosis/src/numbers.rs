//! What a row of numbers says: how it stands now, what is usual, and since when it is otherwise.
//!
//! Medians and quartiles, never means: one outlier is no change. Nothing here knows what a number is about.

pub mod worded;

use evidence::fact::metric::Measure;
use jiff::{SignedDuration, Timestamp};

/// Values on each side of a change: fewer would be an outlier.
const FEWEST: usize = 3;
/// Of the newest values this many make up what is now.
const NOW: usize = 3;
/// A newest value that is older than so many steps is not of now: OBS-01, a gap is unknown and never negative.
const STALE_STEPS: i64 = 3;
/// How many robust deviations from what is usual a change is.
const DEVIATIONS: f64 = 4.0;
/// A robust deviation is the distance of the quartiles by this.
const QUARTILES: f64 = 1.349;

/// What a row of numbers says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The median of the newest values; none where there are none of now.
    pub now: Option<f64>,
    /// What it was before it changed; what it always was where it did not.
    pub usual: f64,
    /// Since when it is otherwise, and still is.
    pub since: Option<Timestamp>,
    /// Since when there are no more values.
    pub blind: Option<Timestamp>,
}

/// Reads a row at a moment; none where there is not a single value.
pub fn read(measure: &Measure, as_of: Timestamp) -> Option<Reading> {
    let known = known(measure);
    let (_, last) = *known.last()?;
    let values: Vec<f64> = known.iter().map(|it| it.0).collect();
    let step = i64::from(measure.step_seconds.max(1));
    if as_of.duration_since(last) > SignedDuration::from_secs(STALE_STEPS * step) {
        let usual = median(&values);
        return Some(Reading { now: None, usual, since: None, blind: Some(last) });
    }
    let newest = values.get(values.len().saturating_sub(NOW)..).unwrap_or_default();
    let now = median(newest);
    let changed = split(&values).and_then(|at| {
        let (before, _) = values.split_at_checked(at)?;
        let usual = median(before);
        let spread = spread(before) / QUARTILES;
        ((now - usual).abs() > DEVIATIONS * spread && now != usual)
            .then_some((usual, known.get(at)?.1))
    });
    Some(match changed {
        Some((usual, since)) => Reading { now: Some(now), usual, since: Some(since), blind: None },
        None => Reading { now: Some(now), usual: median(&values), since: None, blind: None },
    })
}

/// How a row grows all the way, as what leaks does, but for falls where it starts again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// By how much in the longest run.
    pub by: f64,
    /// How many runs ended in a fall.
    pub falls: usize,
    /// The least that it had come to before a fall; infinite where there was none.
    pub least_peak: f64,
}

/// Whether a row grows like that.
pub fn grows(measure: &Measure) -> Option<Growth> {
    let known = known(measure);
    let values: Vec<f64> = known.iter().map(|it| it.0).collect();
    let mut runs: Vec<&[f64]> = Vec::new();
    let mut from = 0;
    for (at, pair) in (1..).zip(values.windows(2)) {
        // It was started again: most of what it held is gone.
        if let [before, after] = pair
            && *after < before * 0.6
        {
            runs.extend(values.get(from..at));
            from = at;
        }
    }
    runs.extend(values.get(from..));
    let falls = runs.len().saturating_sub(1);
    let growing = |run: &&[f64]| run.len() < 6 || climbs(run);
    let longest = runs.iter().copied().max_by_key(|run| run.len())?;
    if longest.len() < 6 || !runs.iter().all(growing) {
        return None;
    }
    let by = longest.last()? - longest.first()?;
    let peaks = runs.iter().take(falls).filter_map(|run| run.last());
    Some(Growth { by, falls, least_peak: peaks.copied().fold(f64::INFINITY, f64::min) })
}

/// Each sixth of it lies above the one before, by and large evenly: a cache that warms up levels off instead.
fn climbs(run: &[f64]) -> bool {
    let size = run.len().div_ceil(6).max(1);
    let sixths: Vec<f64> = run.chunks(size).map(median).collect();
    let steps: Vec<f64> = sixths
        .windows(2)
        .map(|it| it.last().unwrap_or(&0.0) - it.first().unwrap_or(&0.0))
        .collect();
    let total: f64 = steps.iter().sum();
    let half = steps.len() / 2;
    let late: f64 = steps.iter().skip(half).sum();
    steps.iter().all(|it| *it > 0.0) && late > total * 0.3
}

/// The values that there are, each with its moment.
fn known(measure: &Measure) -> Vec<(f64, Timestamp)> {
    let Some(start) = measure.start else { return Vec::new() };
    let step = i64::from(measure.step_seconds);
    let at = |position: i64| {
        start.checked_add(SignedDuration::from_secs(step.saturating_mul(position))).ok()
    };
    let values = (0..).zip(&measure.values);
    values
        .filter_map(|(position, value)| Some(((*value)?, at(position)?)))
        .filter(|it| it.0.is_finite())
        .collect()
}

/// Where a row parts into two that lie closest to their medians.
fn split(values: &[f64]) -> Option<usize> {
    let cost = |side: &[f64]| {
        let middle = median(side);
        side.iter().map(|it| (it - middle).abs()).sum::<f64>()
    };
    let last = values.len().checked_sub(FEWEST)?;
    let mut best: Option<(f64, usize)> = None;
    for at in FEWEST..=last {
        let (before, after) = values.split_at_checked(at)?;
        let sum = cost(before) + cost(after);
        if best.is_none_or(|(least, _)| sum < least) {
            best = Some((sum, at));
        }
    }
    best.map(|(_, at)| at)
}

/// The middle value; 0 of none.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The distance of the quartiles.
fn spread(values: &[f64]) -> f64 {
    quantile(values, 0.75) - quantile(values, 0.25)
}

fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * sorted.len().saturating_sub(1) as f64;
    let (low, high) = (place.floor(), place.ceil());
    let at = |place: f64| sorted.get(place as usize).copied().unwrap_or_default();
    at(low) + (at(high) - at(low)) * (place - low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(values: &[f64]) -> Measure {
        let start = "2026-11-21T10:00:00Z".parse().ok();
        let values = values.iter().map(|it| (!it.is_nan()).then_some(*it)).collect();
        Measure { start, step_seconds: 600, values, ..Measure::default() }
    }

    fn reading(values: &[f64]) -> Reading {
        let measure = measure(values);
        let minutes = 10 * (values.len() as i64 - 1);
        let as_of = measure.start.unwrap() + SignedDuration::from_mins(minutes);
        read(&measure, as_of).unwrap()
    }

    #[test]
    fn a_change_that_lasts_has_an_onset() {
        let it = reading(&[1.0, 1.1, 0.9, 1.0, 1.1, 1.0, 5.0, 5.2, 4.9, 5.1]);
        assert_eq!(it.since.unwrap().to_string(), "2026-11-21T11:00:00Z");
        assert!((it.usual - 1.0).abs() < 0.1 && it.now.unwrap() > 4.9);
    }

    #[test]
    fn what_was_once_otherwise_is_no_change() {
        assert_eq!(reading(&[1.0, 1.1, 0.9, 9.0, 9.1, 1.0, 1.1, 0.9, 1.0, 1.05]).since, None);
    }

    #[test]
    fn one_outlier_is_no_change() {
        assert_eq!(reading(&[1.0, 1.1, 0.9, 1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 9.0]).since, None);
    }

    #[test]
    fn noise_is_no_change() {
        assert_eq!(reading(&[1.0, 3.0, 2.0, 4.0, 1.5, 3.5, 2.2, 3.9, 1.2, 3.3]).since, None);
    }

    #[test]
    fn a_gap_at_the_end_is_unknown() {
        let nan = f64::NAN;
        let it = reading(&[1.0, 1.0, 1.0, 1.0, 1.0, nan, nan, nan, nan, nan]);
        assert_eq!((it.now, it.since), (None, None));
        assert_eq!(it.blind.unwrap().to_string(), "2026-11-21T10:40:00Z");
    }

    #[test]
    fn what_leaks_grows_and_what_warms_up_does_not() {
        let leak: Vec<f64> = (0..12).map(|it| 0.1 + 0.05 * f64::from(it)).collect();
        assert!(grows(&measure(&leak)).is_some_and(|it| it.by > 0.5 && it.falls == 0));
        let again = [leak.clone(), leak.clone()].concat();
        assert!(grows(&measure(&again)).is_some_and(|it| it.falls == 1 && it.least_peak > 0.5));
        let warm: Vec<f64> = (0..12).map(|it| 0.6 - 0.5 * 0.5_f64.powi(it)).collect();
        assert_eq!(grows(&measure(&warm)), None);
    }
}
