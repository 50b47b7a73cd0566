//! How fast values change: between the ends of a window, extrapolated to it, or between its last two samples.

use crate::prometheus::promql::over_time::Stretch;

/// A gap to the edge of the window longer than this many times the average gap means that the series begins or ends
/// inside the window.
const GAP: f64 = 1.1;

pub(super) fn rate(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    Some(extrapolated(stretch, true)? / (stretch.range as f64 / 1000.0))
}

pub(super) fn increase(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    extrapolated(stretch, true)
}

pub(super) fn delta(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    extrapolated(stretch, false)
}

/// The change over the whole window, where samples cover only a part of it.
fn extrapolated(stretch: &Stretch, counter: bool) -> Option<f64> {
    let (first, last) = (stretch.samples.first()?, stretch.samples.last()?);
    if stretch.samples.len() < 2 {
        return None;
    }
    let mut change = last.value - first.value;
    if counter {
        let mut before = first.value;
        for sample in stretch.samples.iter().skip(1) {
            if sample.value < before {
                change += before;
            }
            before = sample.value;
        }
    }
    let seconds = |from: i64, to: i64| to.saturating_sub(from) as f64 / 1000.0;
    let sampled = seconds(first.at, last.at);
    let gap = sampled / (stretch.samples.len() - 1) as f64;
    let mut to_start = seconds(stretch.start, first.at);
    if counter && change > 0.0 && first.value >= 0.0 {
        // A counter was never below zero: it cannot have begun before it was.
        to_start = to_start.min(sampled * (first.value / change));
    }
    let to_end = seconds(last.at, stretch.end);
    let reach = |edge: f64| if edge < gap * GAP { edge } else { gap / 2.0 };
    Some(change * ((sampled + reach(to_start) + reach(to_end)) / sampled))
}

pub(super) fn instant_rate(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    let [before, last] = stretch.samples.last_chunk()?;
    let change = if last.value < before.value { last.value } else { last.value - before.value };
    Some(change / ((last.at - before.at) as f64 / 1000.0))
}

pub(super) fn instant_delta(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    let [before, last] = stretch.samples.last_chunk()?;
    Some(last.value - before.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::metrics::Sample;

    #[test]
    fn a_counter_that_was_reset_went_on() {
        let samples = [(10, 8.0), (20, 10.0), (30, 2.0), (40, 4.0)]
            .map(|(second, value)| Sample { at: second * 1000, value });
        let stretch =
            Stretch { samples: &samples, start: 10_000, end: 40_000, range: 30_000, step: 40_000 };
        assert_eq!(increase(&stretch, &[]), Some(6.0));
        assert_eq!(delta(&stretch, &[]), Some(-4.0));
        assert_eq!(instant_rate(&stretch, &[]), Some(0.2));
    }
}
