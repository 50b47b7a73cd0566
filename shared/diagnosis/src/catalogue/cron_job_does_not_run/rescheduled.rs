//! A CronJob was given other days on which it runs, and what it brought each day is missed.

use crate::case::Case;
use crate::finding::{Cite, Finding, Judgement, Strength};

pub(super) fn one(case: &Case) -> Option<Judgement> {
    let rescheduled = case.rescheduled()?;
    let (cron_job, last, at) = (rescheduled.cron_job, rescheduled.last, rescheduled.at);
    let subject = cron_job.meta.entity("CronJob");
    let says = format!("{subject}: its schedule was set at {at}, and it last ran at {last}");
    let doubt = "how often it was to run before, nobody wrote down".to_owned();
    Some(Judgement::Proven(Finding {
        field: Some("spec.schedule".to_owned()),
        value: Some(cron_job.it.schedule.clone()),
        statement: format!(
            "{subject} has not run since {last} because by its schedule, changed at {at}, it runs on other days."
        ),
        proofs: vec![Cite::quoting(cron_job.exhibit, says, &cron_job.it.schedule)],
        doubts: vec![Cite::new(cron_job.exhibit, doubt)],
        strength: Strength::Suggestive,
        explains: vec![subject.clone()],
        subject,
    }))
}
