//! Functions of each value by itself.

#![expect(clippy::unnecessary_wraps, reason = "all of them have one type: some drop values")]

pub(super) fn clamp(value: f64, limits: &[f64]) -> Option<f64> {
    let [least, most] = limits.first_chunk()?;
    (most >= least || most.is_nan() || least.is_nan())
        .then(|| greater(*least, lesser(*most, value)))
}

pub(super) fn clamp_max(value: f64, limits: &[f64]) -> Option<f64> {
    Some(lesser(*limits.first()?, value))
}

pub(super) fn clamp_min(value: f64, limits: &[f64]) -> Option<f64> {
    Some(greater(*limits.first()?, value))
}

/// To the nearest multiple, 1 unless it is told; halves go up.
pub(super) fn round(value: f64, nearest: &[f64]) -> Option<f64> {
    let inverse = 1.0 / nearest.first().copied().unwrap_or(1.0);
    Some((value * inverse + 0.5).floor() / inverse)
}

pub(super) fn sign(value: f64, _: &[f64]) -> Option<f64> {
    Some(match value {
        _ if value < 0.0 => -1.0,
        _ if value > 0.0 => 1.0,
        _ => value,
    })
}

/// NaN if one of them is, unless the other is smaller than all.
fn lesser(one: f64, other: f64) -> f64 {
    match (one, other) {
        _ if one == f64::NEG_INFINITY || other == f64::NEG_INFINITY => f64::NEG_INFINITY,
        _ if one.is_nan() || other.is_nan() => f64::NAN,
        _ => one.min(other),
    }
}

/// NaN if one of them is, unless the other is larger than all.
fn greater(one: f64, other: f64) -> f64 {
    -lesser(-one, -other)
}
