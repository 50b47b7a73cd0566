//! What the values of one series over time come to.

use clients::prometheus::series::Point;

/// Columns of a shape: enough to see a step, a spike or a slope.
const WIDTH: usize = 10;

/// One series in a few numbers. Values that are no numbers count in none of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statistics {
    pub(crate) first: f64,
    pub(crate) last: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) mean: f64,
    pub(crate) p95: f64,
}

impl Statistics {
    /// How far from nothing it came.
    pub(crate) fn most(&self) -> f64 {
        self.max.abs().max(self.min.abs())
    }
}

/// The numbers of a series; none where it has none.
pub(crate) fn of(points: &[Point]) -> Option<Statistics> {
    let values: Vec<f64> = points.iter().map(|it| it.value).filter(|it| !it.is_nan()).collect();
    let (first, last) = (*values.first()?, *values.last()?);
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    Some(Statistics {
        first,
        last,
        min: *sorted.first()?,
        max: *sorted.last()?,
        mean: values.iter().sum::<f64>() / values.len() as f64,
        p95: quantile(&sorted, 0.95),
    })
}

/// A quantile of sorted values, between the two nearest as Prometheus does it; NaN where there are none.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let rank = share * last as f64;
    let (below, part) = (rank.floor(), rank.fract());
    let at = |position: f64| sorted.get(position as usize).copied().unwrap_or(f64::NAN);
    if part == 0.0 { at(below) } else { at(below) * (1.0 - part) + at(below + 1.0) * part }
}

/// The course of a series from `start` to `end` in Unix seconds, as digits from 0, its least, to 9, its greatest; a dot where there is no value.
/// Digits, because they are a third of the tokens of block characters.
pub(crate) fn shape(points: &[Point], start: f64, end: f64) -> String {
    let finite = |it: &&Point| it.value.is_finite();
    let least = points.iter().filter(finite).map(|it| it.value).fold(f64::INFINITY, f64::min);
    let most = points.iter().filter(finite).map(|it| it.value).fold(f64::NEG_INFINITY, f64::max);
    let mut sums = [(0.0, 0_u32); WIDTH];
    let span = (end - start).max(1.0);
    for point in points.iter().filter(finite) {
        let column = ((point.at - start) / span * WIDTH as f64).clamp(0.0, WIDTH as f64 - 1.0);
        if let Some((sum, count)) = sums.get_mut(column as usize) {
            *sum += point.value;
            *count += 1;
        }
    }
    let digit = |(sum, count): &(f64, u32)| match count {
        0 => '.',
        _ if most <= least => '0',
        count => {
            let share = (sum / f64::from(*count) - least) / (most - least);
            char::from_digit((share * 9.0).round() as u32, 10).unwrap_or('9')
        }
    };
    if most <= least && sums.iter().all(|it| it.1 > 0) {
        return "flat".to_owned();
    }
    sums.iter().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[f64]) -> Vec<Point> {
        let at = |(at, value): (usize, &f64)| Point { at: at as f64, value: *value };
        values.iter().enumerate().map(at).collect()
    }

    #[test]
    fn the_numbers_are_those_of_the_values() {
        let values: Vec<f64> = (1..=21).map(f64::from).collect();
        let it = of(&points(&values)).unwrap();
        assert_eq!(
            (it.first, it.last, it.min, it.max, it.mean, it.p95),
            (1.0, 21.0, 1.0, 21.0, 11.0, 20.0)
        );
    }

    #[test]
    fn what_is_no_number_does_not_count() {
        let it = of(&points(&[f64::NAN, 2.0, f64::INFINITY])).unwrap();
        assert_eq!((it.first, it.last, it.max), (2.0, f64::INFINITY, f64::INFINITY));
        assert_eq!(of(&points(&[f64::NAN])), None);
    }

    #[test]
    fn a_shape_shows_steps_slopes_and_gaps() {
        let step: Vec<f64> = (0..60).map(|it| if it < 30 { 1.0 } else { 5.0 }).collect();
        assert_eq!(shape(&points(&step), 0.0, 60.0), "0000099999");
        let slope: Vec<f64> = (0..60).map(f64::from).collect();
        assert_eq!(shape(&points(&slope), 0.0, 60.0), "0123456789");
        assert_eq!(shape(&points(&[7.0; 30]), 0.0, 60.0), "00000.....");
        assert_eq!(shape(&points(&[7.0; 60]), 0.0, 60.0), "flat");
    }
}
