//! A CronJob that runs on other days than it used to, since somebody changed its schedule.

use super::Case;
use super::touching::{MAKING, toucher};
use crate::seen::Seen;
use evidence::fact::workload::CronJob;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// What was not brought for longer was missed before.
const LATELY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A run of each day is missed after this, summer time and all.
const DAY: SignedDuration = SignedDuration::from_hours(26);
/// A schedule is one of some zone of the world, which are so far apart from the first one at most.
const ZONES: SignedDuration = SignedDuration::from_hours(14);
/// Who still waits for so many days for the next run misses it, and is not merely early.
const DAYS_AHEAD: i32 = 2;
/// Words of questions about what each day brings.
const OF_DAYS: [&str; 8] =
    ["today", "yesterday", "tonight", "overnight", "nightly", "daily", "morning", "night"];

/// A CronJob of which a run is missed.
#[derive(Clone, Copy, Debug)]
pub struct Rescheduled<'a> {
    /// The CronJob.
    pub cron_job: Seen<'a, CronJob>,
    /// Its last run, on a day on which it would not run any more.
    pub last: Timestamp,
    /// When its schedule was changed.
    pub at: Timestamp,
}

impl Case {
    /// The one CronJob whose schedule was changed after its last run, which was on a day that is not of the new one, and
    /// that does not run today nor on the next days: where a trouble is reported of what each day brings.
    pub fn rescheduled(&self) -> Option<Rescheduled<'_>> {
        let asked = self.question.to_lowercase();
        let mut words = asked.split(|it: char| !it.is_ascii_alphabetic());
        if !self.reported || !words.any(|it| OF_DAYS.contains(&it)) {
            return None;
        }
        let mut found = self.cron_jobs().filter_map(|it| self.rescheduled_one(it));
        found.next().filter(|_| found.next().is_none())
    }

    fn rescheduled_one<'a>(&'a self, cron_job: Seen<'a, CronJob>) -> Option<Rescheduled<'a>> {
        let meta = &cron_job.it.meta;
        let at = toucher(meta, "spec.schedule").and_then(|it| it.at)?;
        let last = cron_job.it.last_scheduled?;
        let here = self.is_in_scope(&meta.namespace);
        let changed = meta.created.is_some_and(|made| at > made + MAKING) && at > last;
        let waited = self.as_of.duration_since(last);
        if !here || !changed || cron_job.it.suspended || waited < DAY || waited > LATELY {
            return None;
        }
        let schedule = &cron_job.it.schedule;
        let then = days(last.checked_sub(ZONES).ok()?, last.checked_add(ZONES).ok()?);
        let end = self.as_of.checked_add(ZONES).ok()?;
        let ahead = days(self.as_of.checked_sub(ZONES).ok()?, end)
            .into_iter()
            .chain((1..=DAYS_AHEAD).filter_map(|it| date(end).checked_add(it.days()).ok()));
        for day in then.into_iter().chain(ahead) {
            if runs_on(schedule, day)? {
                return None;
            }
        }
        Some(Rescheduled { cron_job, last, at })
    }
}

fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The days from one moment to another.
fn days(from: Timestamp, to: Timestamp) -> Vec<Date> {
    date(from).series(1.day()).take_while(|it| *it <= date(to)).collect()
}

/// Whether a schedule runs on a day; none where it is not one of five fields of numbers. As Kubernetes reads it
/// (`SpecSchedule` of robfig/cron v3), of a day of the month and one of the week either is enough, unless one of them is any.
fn runs_on(schedule: &str, day: Date) -> Option<bool> {
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    let [_, _, of_month, month, of_week] = fields.as_slice() else { return None };
    let weekday = day.weekday().to_sunday_zero_offset();
    let in_month = has(month, 1, day.month())?;
    let on_day = has(of_month, 1, day.day())?;
    let on_weekday = has(of_week, 0, weekday)?;
    let any = |it: &str| it.split(',').any(|it| matches!(it, "*" | "?" | "*/1" | "?/1"));
    Some(
        in_month
            && if any(of_month) || any(of_week) {
                on_day && on_weekday
            } else {
                on_day || on_weekday
            },
    )
}

/// Whether a field of a schedule has a number, of those that begin at `least`: `*`, `3`, `1-5`, `*/2`, `1,15`.
fn has(field: &str, least: i8, number: i8) -> Option<bool> {
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<i8>().ok().filter(|it| *it > 0)?),
            None => (part, 1),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
            None if matches!(range, "*" | "?") => (least, i8::MAX),
            None => {
                let only: i8 = range.parse().ok()?;
                (only, if part.contains('/') { i8::MAX } else { only })
            }
        };
        if number >= first && number <= last && (number - first) % step == 0 {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::runs_on;
    use crate::case::Case;
    use evidence::fact::{Body, Fact};
    use evidence::scope::{Scope, Window};
    use evidence::testimony::Testimony;
    use jiff::civil::date;

    /// Whether a run is missed of a CronJob with this schedule, set at this moment, that ran last on Friday the 20th.
    fn misses(question: &str, schedule: &str, set: &str) -> bool {
        let facts = format!(
            r#"
- cron_job:
    meta: {{namespace: shop, name: load, created: "2026-11-01T00:00:00Z", touches: [{{manager: kubectl-edit, at: "{set}", fields: [spec.schedule]}}]}}
    schedule: "{schedule}"
    last_scheduled: "2026-11-20T03:10:00Z"
"#
        );
        let as_of = "2026-11-23T08:00:00Z".parse().unwrap();
        let start = "2026-11-23T07:00:00Z".parse().unwrap();
        let mut case = Case::open(question, Scope::default(), as_of, Window { start, end: as_of });
        case.reported = true;
        let bodies: Vec<Body> = serde_saphyr::from_str(&facts).unwrap();
        let facts = bodies.into_iter().map(|body| Fact { source: 0, body }).collect();
        case.hear(Testimony { facts, ..Testimony::default() });
        case.rescheduled().is_some()
    }

    #[test]
    fn a_run_is_missed_that_the_schedule_of_before_had() {
        let (asked, set) = ("no journeys are known for today", "2026-11-21T10:00:00Z");
        assert!(misses(asked, "10 3 1 * *", set));
        // It runs tomorrow; it did not change since; it may have run on that day by this one; nobody asks about days.
        assert!(!misses(asked, "10 3 24 * *", set));
        assert!(!misses(asked, "10 3 1 * *", "2026-11-19T10:00:00Z"));
        assert!(!misses(asked, "10 3 * * 5", set));
        assert!(!misses("the shop is slow", "10 3 1 * *", set));
    }

    #[test]
    fn a_schedule_tells_its_days() {
        let (sunday, monday) = (date(2026, 11, 1), date(2026, 11, 2));
        for (schedule, expected) in [
            ("10 3 * * *", Some([true, true])),
            ("10 3 1 * *", Some([true, false])),
            ("10 3 * * 1-5", Some([false, true])),
            ("10 3 * * 0", Some([true, false])),
            ("10 3 * * */2", Some([true, false])),
            ("10 3 */2 * 1", Some([true, true])),
            ("10 3 2 * 0", Some([true, true])),
            ("10 3 */2 * *", Some([true, false])),
            ("10 3 * 12 *", Some([false, false])),
            ("10 3 * * MON", None),
            ("@daily", None),
        ] {
            let said = runs_on(schedule, sunday).zip(runs_on(schedule, monday));
            assert_eq!(said.map(|(one, other)| [one, other]), expected, "{schedule}");
        }
    }
}
