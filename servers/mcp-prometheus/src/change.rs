//! Where a series changed for good: the one moment that divides it best into two levels, if it does.

use clients::prometheus::series::Point;

/// Points on each side that make a level.
const LEAST: usize = 3;
/// Share of the spread that two levels must explain. A slope comes to three quarters, which the next bound keeps out.
const EXPLAINED: f64 = 0.5;
/// How many standard deviations within the levels must lie between them. On a slope it is less than three and a half.
const APART: f64 = 4.0;
/// And how much of the greater level, so that noise around a constant is no change.
const SHARE: f64 = 0.02;

/// A change of level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    /// The first moment of the new level, in Unix seconds.
    pub(crate) at: f64,
    /// The mean before it.
    pub(crate) before: f64,
    /// The mean from it on.
    pub(crate) after: f64,
}

/// The change of level in a series, if there is one.
pub(crate) fn of(points: &[Point]) -> Option<Change> {
    let points: Vec<Point> = points.iter().copied().filter(|it| it.value.is_finite()).collect();
    let all = Sums::of(&points);
    let mut before = Sums::default();
    let mut best: Option<(f64, Change)> = None;
    for (position, point) in points.iter().enumerate() {
        let left = points.len() - position;
        if position >= LEAST && left >= LEAST {
            let after = all.without(before);
            let within = before.spread() + after.spread();
            if best.is_none_or(|(least, _)| within < least) {
                let change = Change { at: point.at, before: before.mean(), after: after.mean() };
                best = Some((within, change));
            }
        }
        before.add(point.value);
    }
    let (within, change) = best?;
    let apart = (change.after - change.before).abs();
    let deviation = (within / points.len() as f64).max(0.0).sqrt();
    let is_change = within <= (1.0 - EXPLAINED) * all.spread()
        && apart > APART * deviation
        && apart > SHARE * change.after.abs().max(change.before.abs());
    is_change.then_some(change)
}

/// Count, sum and sum of squares.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn of(points: &[Point]) -> Sums {
        let mut sums = Sums::default();
        points.iter().for_each(|it| sums.add(it.value));
        sums
    }

    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn without(self, other: Sums) -> Sums {
        Sums {
            count: self.count - other.count,
            sum: self.sum - other.sum,
            squares: self.squares - other.squares,
        }
    }

    fn mean(self) -> f64 {
        self.sum / self.count
    }

    /// The sum of squared distances from the mean; never below zero, whatever rounding does.
    fn spread(self) -> f64 {
        (self.squares - self.sum * self.sum / self.count).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(value: impl Fn(usize) -> f64) -> Option<Change> {
        let points: Vec<Point> =
            (0..60).map(|at| Point { at: at as f64, value: value(at) }).collect();
        of(&points)
    }

    /// A number from -0.5 to 0.5 that looks drawn.
    fn noise(at: usize) -> f64 {
        ((at * 7919 + 13) % 101) as f64 / 101.0 - 0.5
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        let step = found(|at| if at < 40 { 10.0 } else { 20.0 } + noise(at)).unwrap();
        assert_eq!(step.at, 40.0);
        assert!((step.before - 10.0).abs() < 0.2 && (step.after - 20.0).abs() < 0.2);
    }

    #[test]
    fn a_constant_noise_and_a_slope_are_no_change() {
        assert_eq!(found(|_| 5.0), None);
        assert_eq!(found(noise), None);
        assert_eq!(found(|at| at as f64), None);
        assert_eq!(found(|at| 1000.0 + at as f64 + noise(at)), None);
    }

    #[test]
    fn a_spike_of_two_points_is_no_change() {
        assert_eq!(found(|at| if at == 30 || at == 31 { 50.0 } else { 1.0 }), None);
    }

    #[test]
    fn few_points_tell_nothing() {
        let points = [0.0, 0.0, 9.0, 9.0].map(|value| Point { at: value, value });
        assert_eq!(of(&points), None);
    }
}
