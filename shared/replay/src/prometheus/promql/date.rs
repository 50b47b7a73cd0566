//! Parts of dates, of seconds since 1970 in UTC.

#![expect(clippy::unnecessary_wraps, reason = "the type of functions of each value")]

const DAY: i64 = 86_400;

pub(super) fn minute(seconds: f64, _: &[f64]) -> Option<f64> {
    Some((whole(seconds).rem_euclid(3600) / 60) as f64)
}

pub(super) fn hour(seconds: f64, _: &[f64]) -> Option<f64> {
    Some((whole(seconds).rem_euclid(DAY) / 3600) as f64)
}

/// Sunday is 0.
pub(super) fn day_of_week(seconds: f64, _: &[f64]) -> Option<f64> {
    // 1970 began on a Thursday.
    Some((days(seconds) + 4).rem_euclid(7) as f64)
}

pub(super) fn day_of_month(seconds: f64, _: &[f64]) -> Option<f64> {
    Some(civil(days(seconds)).2 as f64)
}

pub(super) fn day_of_year(seconds: f64, _: &[f64]) -> Option<f64> {
    let day = days(seconds);
    let (year, _, _) = civil(day);
    Some((day - first_of(year, 1) + 1) as f64)
}

pub(super) fn days_in_month(seconds: f64, _: &[f64]) -> Option<f64> {
    let (year, month, _) = civil(days(seconds));
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    Some((first_of(next_year, next) - first_of(year, month)) as f64)
}

pub(super) fn month(seconds: f64, _: &[f64]) -> Option<f64> {
    Some(civil(days(seconds)).1 as f64)
}

pub(super) fn year(seconds: f64, _: &[f64]) -> Option<f64> {
    Some(civil(days(seconds)).0 as f64)
}

/// Far beyond any year that matters, and far below where the arithmetic ends.
fn whole(seconds: f64) -> i64 {
    seconds.clamp(-1e15, 1e15) as i64
}

fn days(seconds: f64) -> i64 {
    whole(seconds).div_euclid(DAY)
}

/// Year, month and day of a day since 1970. Counted in years that begin in March, so that leap days come last, and in
/// eras of 400 such years, which all have 146,097 days.
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + era * 400 + next, month, of_month)
}

/// The day since 1970 of the first of a month.
fn first_of(year: i64, month: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5;
    year.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_leap_day_and_of_a_time_before_1970() {
        let leap_day = 1_709_208_000.0; // 2024-02-29T12:00:00Z, a Thursday
        let parts = [year, month, day_of_month, day_of_week, day_of_year, days_in_month, hour]
            .map(|part| part(leap_day, &[]).unwrap());
        assert_eq!(parts, [2024.0, 2.0, 29.0, 4.0, 60.0, 29.0, 12.0]);
        let before = [year, month, day_of_month, minute].map(|part| part(-60.0, &[]).unwrap());
        assert_eq!(before, [1969.0, 12.0, 31.0, 59.0]);
    }
}
