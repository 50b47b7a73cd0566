//! Quantiles of plain values.

use std::cmp::Ordering;

/// The value below which a fraction of the values lies, between the two nearest by weight.
pub(super) fn of(fraction: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || fraction.is_nan() {
        return f64::NAN;
    }
    if fraction < 0.0 {
        return f64::NEG_INFINITY;
    }
    if fraction > 1.0 {
        return f64::INFINITY;
    }
    values.sort_by(|one, other| rising(*one, *other));
    let rank = fraction * (values.len() - 1) as f64;
    let lower = rank.floor();
    let weight = rank - lower;
    let lower = lower as usize;
    let upper = (lower + 1).min(values.len() - 1);
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    at(lower) * (1.0 - weight) + at(upper) * weight
}

/// NaN comes before all numbers.
pub(super) fn rising(one: f64, other: f64) -> Ordering {
    one.partial_cmp(&other).unwrap_or_else(|| other.is_nan().cmp(&one.is_nan()))
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn between_two_values_by_weight() {
        assert_eq!(of(0.5, &mut [3.0, 1.0]), 2.0);
        assert_eq!(of(1.5, &mut [3.0]), f64::INFINITY);
        assert!(of(0.5, &mut []).is_nan());
        assert!(of(0.0, &mut [1.0, f64::NAN]).is_nan(), "NaN is the least");
    }
}
