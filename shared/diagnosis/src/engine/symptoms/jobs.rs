//! Jobs that failed, and Jobs that never began.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::meta::condition;
use evidence::fact::workload::Job;
use jiff::SignedDuration;

/// How long a Job may take to make its first pod.
const TO_MAKE_A_POD: SignedDuration = SignedDuration::from_mins(10);

/// How long a failed Job is news.
const JOB_NEWS: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for job in case.jobs() {
        symptoms.extend(failed(case, job).or_else(|| podless(case, job)));
    }
}

/// A Job that nobody holds back and that has had no pod at all, long after it was to start: its controller may make none.
fn podless(case: &Case, job: Seen<'_, Job>) -> Option<Symptom> {
    let had = job.active + job.succeeded + job.failed > 0;
    let over = job.completed.is_some() || job.conditions.iter().any(|it| it.status == "True");
    let held = job.suspended || job.parallelism == Some(0);
    let started = job.it.started?;
    if had || over || held || case.as_of.duration_since(started) < TO_MAKE_A_POD {
        return None;
    }
    let entity = case.root_of(&job.meta, "Job");
    let what = format!("Job {} has had no pod since {started}", job.meta.name);
    let says = format!("{}: no pod since it began at {started}", job.meta.entity("Job"));
    let cites = vec![Cite::new(job.exhibit, says)];
    Some(Symptom { entity, what, since: Some(started), gravity: Gravity::Down, cites })
}

fn failed(case: &Case, job: Seen<'_, Job>) -> Option<Symptom> {
    let failure = condition(&job.conditions, "Failed").filter(|it| it.status == "True")?;
    let entity = case.root_of(&job.meta, "Job");
    if case.rules.current_state {
        let finished = failure.since.or(job.completed);
        let asked =
            case.asks_about("Job", &job.meta.name) || case.asks_about(&entity.kind, &entity.name);
        if !asked && finished.is_some_and(|at| case.as_of.duration_since(at) > JOB_NEWS) {
            return None;
        }
        if case.made_good(job).is_some() {
            return None;
        }
    }
    let what = format!("Job {} failed ({})", job.meta.name, failure.reason);
    let cite =
        Cite::quoting(job.exhibit, format!("{}: failed", job.meta.entity("Job")), &failure.message);
    Some(Symptom { entity, what, since: failure.since, gravity: Gravity::Down, cites: vec![cite] })
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    #[test]
    fn a_job_that_failed_last_week_is_one_only_where_it_was_asked_about() {
        let facts = r#"- job: {meta: {namespace: shop, name: import}, failed: 1, conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded, since: "2026-11-14T10:00:00Z"}]}"#;
        assert!(seen(facts, None).is_empty());
        assert_eq!(seen(facts, Some("job/import")), ["Job shop/import"]);
    }

    #[test]
    fn a_job_that_never_had_a_pod_is_one_but_not_at_once() {
        let job =
            |fields: &str| format!("- job: {{meta: {{namespace: shop, name: night}}, {fields}}}");
        let old = r#"started: "2026-11-21T03:00:00Z""#;
        assert_eq!(seen(&job(old), None), ["Job shop/night"]);
        for fields in [
            r#"started: "2026-11-21T11:55:00Z""#.to_owned(),
            format!("{old}, suspended: true"),
            format!("{old}, parallelism: 0"),
            format!("{old}, active: 1"),
        ] {
            assert!(seen(&job(&fields), None).is_empty(), "{fields}");
        }
    }
}
