//! CronJobs that start nothing: suspended ones only where they were asked about.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::finding::Cite;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for cron_job in case.cron_jobs() {
        let entity = cron_job.meta.entity("CronJob");
        let missed = case.misses_suspended(cron_job) && case.successor(cron_job).is_none();
        let (what, cite) = if missed {
            let what = "it is suspended".to_owned();
            (what, Cite::new(cron_job.exhibit, format!("{entity}: suspend is true")))
        } else if let Some(event) = case.refusal_to_schedule(cron_job) {
            let says = format!("{entity}: {}", event.reason);
            let what = format!("it starts no Job ({})", event.reason);
            (what, Cite::quoting(event.exhibit, says, &event.message))
        } else if let Some(denial) = case.refusal_of_job(cron_job)
            && let Some(cite) = denial.cites.into_iter().next()
        {
            ("it starts no Job, for creating one is refused".to_owned(), cite)
        } else if let Some((job, event)) = case.run_in_the_way(cron_job) {
            let what = format!("it starts no Job while {} runs", job.meta.name);
            let cite = match event {
                Some(event) => {
                    let says = format!("{entity}: {}", event.reason);
                    Cite::quoting(event.exhibit, says, &event.message)
                }
                None => {
                    Cite::new(cron_job.exhibit, format!("{entity}: concurrencyPolicy is Forbid"))
                }
            };
            (what, cite)
        } else {
            continue;
        };
        let since = cron_job.last_scheduled;
        symptoms.push(Symptom { entity, what, since, gravity: Gravity::Down, cites: vec![cite] });
    }
}

/// One that runs on other days than it did, where nothing else shows what users report.
pub(super) fn find_rescheduled(case: &Case, symptoms: &mut Vec<Symptom>) {
    let Some(rescheduled) = case.rescheduled().filter(|_| symptoms.is_empty()) else { return };
    let cron_job = rescheduled.cron_job;
    let entity = cron_job.meta.entity("CronJob");
    let what = "it does not run on the days on which it did".to_owned();
    let cites = vec![Cite::new(cron_job.exhibit, format!("{entity}: {what}"))];
    let since = Some(rescheduled.at);
    symptoms.push(Symptom { entity, what, since, gravity: Gravity::Light, cites });
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    #[test]
    fn a_suspended_one_is_a_symptom_only_where_it_was_asked_about() {
        let facts = "- cron_job: {meta: {namespace: shop, name: report}, suspended: true}";
        assert!(seen(facts, None).is_empty());
        assert_eq!(seen(facts, Some("cronjob/report")), ["CronJob shop/report"]);
    }
}
