//! Hours of the week, as kube-downscaler's annotations write them.
//!
//! `always`, `never`, or a list of `Mon-Fri 07:30-20:30 Europe/Berlin` and of `2026-12-24T00:00:00+00:00-2027-01-02T00:00:00+00:00`:
//! `kube_downscaler/helper.py` of py-kube-downscaler, and GoKubeDownscaler's `internal/pkg/values/timespan.go`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Whether a moment falls into the hours; none where they cannot be read, or their time zone is not known here.
pub(super) fn covers(hours: &str, at: Timestamp) -> Option<bool> {
    match hours.trim().to_ascii_lowercase().as_str() {
        "always" => return Some(true),
        "never" => return Some(false),
        _ => {}
    }
    let mut within = false;
    for span in hours.split(',') {
        within |= spans(span.trim(), at)?;
    }
    Some(within)
}

fn spans(span: &str, at: Timestamp) -> Option<bool> {
    let words: Vec<&str> = span.split(' ').collect();
    match words.as_slice() {
        [days, times, zone] => {
            let local = at.to_zoned(TimeZone::get(zone).ok()?);
            let weekday = usize::try_from(local.weekday().to_monday_zero_offset()).ok()?;
            let minute = u32::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute()));
            let (first, last) = days.split_once('-')?;
            let (from, to) = times.split_once('-')?;
            let (first, last) = (day(first)?, day(last)?);
            let (minute, from, to) = (minute.ok()?, minutes(from)?, minutes(to)?);
            // What begins late and ends early goes over the turn of the week or of the day.
            let is_day = if first <= last {
                first <= weekday && weekday <= last
            } else {
                first <= weekday || weekday <= last
            };
            let is_time = if from <= to {
                from <= minute && minute < to
            } else {
                from <= minute || minute < to
            };
            Some(is_day && is_time)
        }
        [_] => {
            // Both are 25 characters long, with a dash between them.
            let from: Timestamp = span.get(..25)?.parse().ok()?;
            let to: Timestamp = span.get(25..)?.strip_prefix('-')?.parse().ok()?;
            Some(from <= at && at < to)
        }
        _ => None,
    }
}

fn day(name: &str) -> Option<usize> {
    DAYS.iter().position(|it| name.eq_ignore_ascii_case(it))
}

fn minutes(clock: &str) -> Option<u32> {
    let (hour, minute) = clock.split_once(':')?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::covers;

    /// A Sunday.
    const SUNDAY: &str = "2026-11-22T11:30:00Z";
    const MONDAY: &str = "2026-11-23T07:00:00Z";

    #[test]
    fn hours_of_the_week_are_read_as_the_program_reads_them() {
        for (hours, at, within) in [
            ("Mon-Fri 07:30-20:30 Europe/Berlin", SUNDAY, Some(false)),
            ("Mon-Fri 07:30-20:30 Europe/Berlin", MONDAY, Some(true)),
            ("Mon-Fri 07:30-20:30 UTC", MONDAY, Some(false)),
            ("Sat-Mon 22:00-08:30 UTC", MONDAY, Some(true)),
            ("Sat-Sun 00:00-24:00 UTC, Mon-Fri 22:00-24:00 UTC", SUNDAY, Some(true)),
            ("2026-11-22T00:00:00+00:00-2026-11-23T00:00:00+00:00", SUNDAY, Some(true)),
            ("2026-11-22T00:00:00+00:00-2026-11-23T00:00:00+00:00", MONDAY, Some(false)),
            ("never", MONDAY, Some(false)),
            ("Always", SUNDAY, Some(true)),
            ("Mon-Fri 07:30-20:30 Mars/Olympus", SUNDAY, None),
            ("at night", SUNDAY, None),
            ("", SUNDAY, None),
        ] {
            assert_eq!(covers(hours, at.parse().unwrap()), within, "{hours}");
        }
    }
}
