//! The straight line through the samples of a window.

use crate::prometheus::promql::over_time::Stretch;
use crate::prometheus::promql::sum::Sum;

/// How much it rises in a second.
pub(super) fn slope(stretch: &Stretch, _: &[f64]) -> Option<f64> {
    // Times near those of the samples keep their digits.
    line(stretch, stretch.samples.first()?.at).map(|(slope, _)| slope)
}

/// Where it will be so many seconds after the step.
pub(super) fn predicted(stretch: &Stretch, parameters: &[f64]) -> Option<f64> {
    let (slope, now) = line(stretch, stretch.step)?;
    Some(slope * parameters.first()? + now)
}

/// The slope, and the value at a time.
fn line(stretch: &Stretch, at: i64) -> Option<(f64, f64)> {
    let first = stretch.samples.first()?.value;
    if stretch.samples.len() < 2 {
        return None;
    }
    if stretch.samples.iter().skip(1).all(|sample| sample.value == first) {
        return Some(if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) });
    }
    let [mut x, mut y, mut xy, mut xx] = [Sum::default(); 4];
    for sample in stretch.samples {
        let time = sample.at.saturating_sub(at) as f64 / 1000.0;
        x.add(time);
        y.add(sample.value);
        xy.add(time * sample.value);
        xx.add(time * time);
    }
    let count = stretch.samples.len() as f64;
    let [x, y, xy, xx] = [x, y, xy, xx].map(Sum::precise);
    let slope = (xy - x * y / count) / (xx - x * x / count);
    Some((slope, y / count - slope * x / count))
}
