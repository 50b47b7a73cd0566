//! Numbers as people read them: few digits, and a unit.

use crate::unit::Unit;
use jiff::Timestamp;
use mcp::age::to_second;

/// One value with its unit, as `1.21GiB`.
pub(crate) fn with_unit(value: f64, unit: Unit) -> String {
    if unit == Unit::Moment {
        return moment(value);
    }
    let scale = Scale::of(unit, value.abs());
    let suffix = if value.is_finite() { scale.suffix } else { "" };
    format!("{}{suffix}", digits(value / scale.divisor, 4))
}

/// What the values of one answer are divided by, so that the unit is said once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    divisor: f64,
    /// `MiB/s`; empty for plain numbers.
    pub(crate) suffix: &'static str,
}

/// Steps of a unit, the greatest first: from what value on, and how it is called.
type Steps = &'static [(f64, &'static str)];

const BYTES: Steps = &[
    (1_125_899_906_842_624.0, "PiB"),
    (1_099_511_627_776.0, "TiB"),
    (1_073_741_824.0, "GiB"),
    (1_048_576.0, "MiB"),
    (1024.0, "KiB"),
    (1.0, "B"),
];
const BYTES_A_SECOND: Steps = &[
    (1_099_511_627_776.0, "TiB/s"),
    (1_073_741_824.0, "GiB/s"),
    (1_048_576.0, "MiB/s"),
    (1024.0, "KiB/s"),
    (1.0, "B/s"),
];
const SECONDS: Steps =
    &[(172_800.0, "d"), (7_200.0, "h"), (120.0, "m"), (1.0, "s"), (0.001, "ms"), (0.000_001, "µs")];
const PLAIN: Steps = &[(1e12, "T"), (1e9, "G"), (1e6, "M"), (1.0, "")];
const A_SECOND: Steps = &[(1e9, "G/s"), (1e6, "M/s"), (0.0, "/s")];

impl Scale {
    /// The scale for values of which `most` is the greatest.
    pub(crate) fn of(unit: Unit, most: f64) -> Scale {
        let steps = match unit {
            Unit::Bytes => BYTES,
            Unit::BytesPerSecond => BYTES_A_SECOND,
            Unit::Seconds => SECONDS,
            Unit::PerSecond => A_SECOND,
            Unit::Plain | Unit::Moment => PLAIN,
        };
        let most = if most.is_finite() { most } else { 0.0 };
        let base = Scale {
            divisor: 1.0,
            suffix: steps.iter().find(|it| it.0 <= 1.0).map_or("", |it| it.1),
        };
        let step = steps.iter().find(|(from, _)| *from > 0.0 && most >= *from);
        step.map_or(base, |(from, suffix)| Scale { divisor: divisor(unit, *from), suffix })
    }

    /// A value in this scale, without the unit.
    pub(crate) fn cell(&self, value: f64) -> String {
        digits(value / self.divisor, 3)
    }
}

/// Minutes, hours and days begin at two of them.
fn divisor(unit: Unit, from: f64) -> f64 {
    if unit == Unit::Seconds && from > 1.0 { from / 2.0 } else { from }
}

/// A number with so many significant digits at most; whole numbers below 100,000 as they are.
pub(crate) fn digits(value: f64, most: i32) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if value.fract() == 0.0 && value.abs() < 100_000.0 {
        return format!("{}", value + 0.0);
    }
    let magnitude = value.abs().log10().floor() as i32;
    if !(-5..9).contains(&magnitude) {
        let decimals = usize::try_from(most - 1).unwrap_or_default();
        return format!("{value:.decimals$e}");
    }
    let decimals = usize::try_from(most - 1 - magnitude).unwrap_or_default();
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A difference in hundredths, as `+12%`, and so many digits behind the point of what is below ten.
pub(crate) fn percent(from: f64, to: f64, decimals: i32) -> String {
    let change = (to - from) / from.abs() * 100.0;
    match change {
        _ if from == to => "0%".to_owned(),
        change if !change.is_finite() => "new".to_owned(),
        change if change.abs() >= 1000.0 => format!("x{}", digits(to / from, 3)),
        change => {
            let tens = 10_f64.powi(if change.abs() < 9.95 { decimals } else { 0 });
            match (change * tens).round() / tens {
                0.0 => "0%".to_owned(),
                change => format!("{}{change}%", if change > 0.0 { "+" } else { "" }),
            }
        }
    }
}

/// A moment given as Unix seconds.
pub(crate) fn moment(value: f64) -> String {
    let at = Timestamp::from_millisecond((value * 1000.0) as i64).ok().filter(|_| value > 0.0);
    at.map_or_else(|| digits(value, 4), |at| to_second(at).to_string())
}

/// The time of day of a moment given as Unix seconds, with the day where it is not that of `beside`.
pub(crate) fn clock(value: f64, beside: Timestamp) -> String {
    let full = moment(value);
    let same_day = full.get(..10) == to_second(beside).to_string().get(..10);
    let text = if same_day { full.get(11..16) } else { full.get(5..16) };
    text.map_or(full.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_digits_say_enough() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (12345.0, "12345"),
            (0.123_456, "0.1235"),
            (1.5, "1.5"),
            (1234.56, "1235"),
            (0.000_001_234, "1.234e-6"),
            (123_456.7, "123457"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(digits(value, 4), text);
        }
    }

    #[test]
    fn units_are_chosen_by_size() {
        for (value, unit, text) in [
            (1_300_000_000.0, Unit::Bytes, "1.211GiB"),
            (512.0, Unit::Bytes, "512B"),
            (0.0, Unit::Bytes, "0B"),
            (0.0123, Unit::Seconds, "12.3ms"),
            (90.0, Unit::Seconds, "90s"),
            (7_200.0, Unit::Seconds, "2h"),
            (2_500_000.0, Unit::Plain, "2.5M"),
            (0.25, Unit::PerSecond, "0.25/s"),
            (f64::NAN, Unit::Seconds, "NaN"),
            (1_795_264_245.0, Unit::Moment, "2026-11-21T12:30:45Z"),
        ] {
            assert_eq!(with_unit(value, unit), text);
        }
    }

    #[test]
    fn a_change_is_told_in_hundredths_or_as_a_factor() {
        for (from, to, text) in [
            (10.0, 12.0, "+20%"),
            (10.0, 5.0, "-50%"),
            (0.0, 3.0, "new"),
            (1.0, 40.0, "x40"),
            (2.0, 2.0, "0%"),
            (0.0, 0.0, "0%"),
            (100.0, 101.26, "+1.3%"),
            (100.0, 99.96, "0%"),
            (100.0, 212.6, "+113%"),
        ] {
            assert_eq!(percent(from, to, 1), text);
        }
        assert_eq!(percent(100.0, 98.6, 0), "-1%");
    }
}
