//! CronJobs that start nothing, and Jobs that gave up. The words are those of `pkg/controller/cronjob/{cronjob_controllerv2,utils}.go`.

use super::Case;
use super::containers::repository;
use super::touching::toucher;
use crate::seen::Seen;
use evidence::fact::event::Event;
use evidence::fact::meta::condition;
use evidence::fact::pod::Pod;
use evidence::fact::workload::{CronJob, Job};
use jiff::SignedDuration;

/// Reasons of events by which the controller says that it cannot schedule.
const REASONS: &[&str] = &[
    "UnparseableSchedule",
    "UnParseableCronJobSchedule",
    "UnknownTimeZone",
    "InvalidSchedule",
    "TooManyMissedTimes",
    "MissSchedule",
];

/// A run that goes on for as long is not merely late.
const LONG: SignedDuration = SignedDuration::from_hours(1);

/// A run that goes on for longer has missed the next start of what starts each day, summer time and all.
const DAY: SignedDuration = SignedDuration::from_hours(26);

/// What is replaced and what replaces it are changed together.
const TOGETHER: SignedDuration = SignedDuration::from_hours(1);

impl Case {
    /// The CronJob that took over from a suspended one: made by the same program when that was suspended, like it in name
    /// or image, and its runs succeed. One that was installed suspended was replaced by nobody.
    pub fn successor(&self, cron_job: Seen<'_, CronJob>) -> Option<Seen<'_, CronJob>> {
        let suspension =
            toucher(&cron_job.it.meta, "spec.suspend").filter(|_| cron_job.suspended)?;
        let at = suspension.at?;
        if cron_job.it.meta.created.is_some_and(|made| at <= made) {
            return None;
        }
        self.cron_jobs().find(|other| {
            let meta = &other.it.meta;
            meta.namespace == cron_job.meta.namespace
                && meta.name != cron_job.meta.name
                && !other.suspended
                && (is_version(&meta.name, &cron_job.it.meta.name)
                    || shares_image(other.it, cron_job.it))
                && meta.created.is_some_and(|made| made.duration_since(at).abs() <= TOGETHER)
                && other.last_succeeded > Some(at)
                && meta.touches.iter().any(|it| it.manager == suspension.manager)
        })
    }

    /// Whether a CronJob is suspended, and somebody asks about it: as the object, or by its name beside others.
    pub fn misses_suspended(&self, cron_job: Seen<'_, CronJob>) -> bool {
        let meta = &cron_job.it.meta;
        cron_job.suspended
            && (self.asks_about("CronJob", &meta.name)
                || self.is_named(&meta.namespace, &meta.name))
    }

    /// Whether a pod is of a Job that has given up: that is then what went wrong with it.
    pub fn gave_up(&self, pod: &Pod) -> bool {
        let owner = pod.meta.owner.as_ref().filter(|it| it.kind == "Job");
        let job = owner.and_then(|it| self.job(it).seen());
        let failed = |it: Seen<'_, Job>| {
            condition(&it.it.conditions, "Failed").is_some_and(|it| it.status == "True")
        };
        job.is_some_and(failed)
    }

    /// The run of a CronJob that goes on for long, where the controller says that it starts no other one beside it. That is
    /// said at each start and kept for an hour, so that of a nightly run it is long forgotten: where a trouble is reported,
    /// it is enough that the run has gone on past its next start.
    pub fn run_in_the_way(
        &self,
        cron_job: Seen<'_, CronJob>,
    ) -> Option<(Seen<'_, Job>, Option<Seen<'_, Event>>)> {
        let entity = cron_job.meta.entity("CronJob");
        let event = self.events_of(&entity, &["JobAlreadyActive"]).max_by_key(|it| it.last);
        let missed = event.is_none()
            && self.reported
            && cron_job.it.concurrency == "Forbid"
            && is_daily(&cron_job.it.schedule);
        let long = match event {
            Some(_) => LONG,
            None if missed => DAY,
            None => return None,
        };
        let job = self.jobs().filter(|it| it.meta.owner.as_ref() == Some(&entity)).find(|it| {
            let started = it.it.started.or(it.it.meta.created);
            it.active > 0 && started.is_some_and(|at| self.as_of.duration_since(at) > long)
        })?;
        let ran_since = match event {
            Some(event) => cron_job.last_scheduled > event.last,
            // A Job that somebody made from it by hand is in nobody's way.
            None => cron_job.last_scheduled > job.it.started.or(job.it.meta.created),
        };
        (!ran_since && !cron_job.suspended).then_some((job, event))
    }

    /// The latest event by which a CronJob's controller says that it cannot start its Jobs, where none ran since.
    pub fn refusal_to_schedule(&self, cron_job: Seen<'_, CronJob>) -> Option<Seen<'_, Event>> {
        let entity = cron_job.meta.entity("CronJob");
        let event = self.events_of(&entity, REASONS).max_by_key(|it| it.last)?;
        let first = event.first.or(event.last);
        let ran_since = cron_job.last_scheduled > first;
        // That it missed some is said also of one that catches up.
        let idle = cron_job
            .last_scheduled
            .is_none_or(|at| self.as_of.duration_since(at) > SignedDuration::from_hours(1));
        let says_missed = matches!(event.reason.as_str(), "TooManyMissedTimes" | "MissSchedule");
        let current = self.rules.current_state && (ran_since || says_missed && !idle);
        (!current && !cron_job.suspended).then_some(event)
    }
}

/// Whether a schedule starts something on every day.
fn is_daily(schedule: &str) -> bool {
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    match fields.as_slice() {
        [_, _, day, month, weekday] => {
            [day, month, weekday].iter().all(|it| ["*", "?"].contains(it))
        }
        [name] => ["@daily", "@midnight", "@hourly"].contains(name),
        _ => false,
    }
}

/// Whether one name is the other with more behind it: `report` and `report-v2`.
pub(super) fn is_version(one: &str, other: &str) -> bool {
    let longer = |it: &str, than: &str| it.strip_prefix(than).is_some_and(|it| it.starts_with('-'));
    longer(one, other) || longer(other, one)
}

/// Whether both run the same program, of whatever version.
fn shares_image(one: &CronJob, other: &CronJob) -> bool {
    let others = &other.template.containers;
    let mut own = one.template.containers.iter().filter(|it| !it.image.is_empty());
    own.any(|it| others.iter().any(|other| repository(&other.image) == repository(&it.image)))
}
