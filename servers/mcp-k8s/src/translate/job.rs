//! Jobs, CronJobs and disruption budgets.

use super::meta::{as_written, condition, conditions, count, meta, selector, time};
use super::spec::template;
use evidence::fact::workload::{Budget, CronJob, Job};
use k8s_openapi::api::batch::v1 as api;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;

/// A Job.
pub fn job(from: api::Job) -> Job {
    let spec = from.spec.unwrap_or_default();
    let status = from.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default().into_iter();
    Job {
        meta: meta(from.metadata),
        active: count(status.active),
        succeeded: count(status.succeeded),
        failed: count(status.failed),
        backoff_limit: spec.backoff_limit.and_then(|limit| u32::try_from(limit).ok()),
        deadline_seconds: spec.active_deadline_seconds.and_then(|it| u64::try_from(it).ok()),
        suspended: spec.suspend.unwrap_or(false),
        parallelism: spec.parallelism.and_then(|it| u32::try_from(it).ok()).filter(|it| *it != 1),
        started: time(status.start_time),
        completed: time(status.completion_time),
        template: template(spec.template).1,
        conditions: conditions
            .map(|it| {
                condition(it.type_, it.status, it.reason, it.message, it.last_transition_time)
            })
            .collect(),
    }
}

/// A CronJob.
pub fn cron_job(from: api::CronJob) -> CronJob {
    let spec = from.spec.unwrap_or_default();
    let status = from.status.unwrap_or_default();
    let active = status.active.unwrap_or_default().len();
    CronJob {
        meta: meta(from.metadata),
        schedule: spec.schedule,
        suspended: spec.suspend.unwrap_or(false),
        concurrency: spec.concurrency_policy.unwrap_or_default(),
        active: u32::try_from(active).unwrap_or(u32::MAX),
        last_scheduled: time(status.last_schedule_time),
        last_succeeded: time(status.last_successful_time),
        template: spec.job_template.spec.map(|it| template(it.template).1).unwrap_or_default(),
    }
}

/// A PodDisruptionBudget.
pub fn budget(from: PodDisruptionBudget) -> Budget {
    let spec = from.spec.unwrap_or_default();
    let status = from.status.unwrap_or_default();
    Budget {
        meta: meta(from.metadata),
        selector: spec.selector.map(selector).unwrap_or_default(),
        min_available: as_written(spec.min_available),
        max_unavailable: as_written(spec.max_unavailable),
        allowed: count(Some(status.disruptions_allowed)),
        healthy: count(Some(status.current_healthy)),
        desired: count(Some(status.desired_healthy)),
        expected: count(Some(status.expected_pods)),
        conditions: conditions(status.conditions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_failed_job_keeps_its_limits_and_its_condition() {
        let from = json!({"metadata": {"name": "migrate"},
            "spec": {"backoffLimit": 0, "activeDeadlineSeconds": 60, "template": {}},
            "status": {"failed": 1, "conditions": [{"type": "Failed", "status": "True",
                "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"}]}});
        let job = job(serde_json::from_value(from).unwrap());
        assert_eq!((job.failed, job.backoff_limit, job.deadline_seconds), (1, Some(0), Some(60)));
        assert_eq!(job.conditions[0].reason, "BackoffLimitExceeded");
    }

    #[test]
    fn a_cron_job_keeps_the_template_of_its_jobs() {
        let from = json!({"metadata": {"name": "night"}, "spec": {"schedule": "0 3 * * *", "suspend": true,
            "jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "run", "image": "run:1"}]}}}}}});
        let cron_job = cron_job(serde_json::from_value(from).unwrap());
        assert!(cron_job.suspended);
        assert_eq!(cron_job.template.containers[0].image, "run:1");
    }

    #[test]
    fn a_budget_is_as_written() {
        let from = json!({"metadata": {"name": "web"}, "spec": {"minAvailable": "50%"},
            "status": {"disruptionsAllowed": 0, "currentHealthy": 1, "desiredHealthy": 2, "expectedPods": 3}});
        let budget = budget(serde_json::from_value(from).unwrap());
        assert_eq!(budget.min_available, "50%");
        assert_eq!((budget.allowed, budget.healthy, budget.desired, budget.expected), (0, 1, 2, 3));
    }
}
