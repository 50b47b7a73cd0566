//! Workloads, their revisions, jobs, autoscalers and budgets in cells.

use super::{Cell, cell, selector, wide};
use evidence::fact::spec::PodSpec;
use evidence::fact::workload::{Autoscaler, Budget, CronJob, Job, Revision, Workload};
use jiff::Timestamp;
use mcp::age::ago;

pub(super) fn workload(it: &Workload) -> Vec<Cell> {
    vec![
        cell("READY", format!("{}/{}", it.ready, it.desired)),
        cell("UPDATED", it.updated),
        cell("AVAILABLE", it.available),
        wide("IMAGES", images(&it.template)),
        wide("SELECTOR", selector(&it.selector)),
    ]
}

pub(super) fn revision(it: &Revision) -> Vec<Cell> {
    let owner = it.meta.owner.as_ref();
    vec![
        cell(
            "OWNER",
            owner.map(|it| format!("{}/{}", it.kind.to_lowercase(), it.name)).unwrap_or_default(),
        ),
        cell("REVISION", it.number.map(|number| number.to_string()).unwrap_or_default()),
        cell("READY", format!("{}/{}", it.ready, it.desired)),
        wide("IMAGES", images(&it.template)),
    ]
}

pub(super) fn job(it: &Job) -> Vec<Cell> {
    vec![
        cell("STATUS", job_status(it)),
        cell("ACTIVE", it.active),
        cell("SUCCEEDED", it.succeeded),
        cell("FAILED", it.failed),
        wide("IMAGES", images(&it.template)),
    ]
}

fn job_status(it: &Job) -> &'static str {
    let is = |kind: &str| it.conditions.iter().any(|it| it.kind == kind && it.status == "True");
    match () {
        () if is("Failed") => "Failed",
        () if is("Complete") => "Complete",
        () if it.suspended => "Suspended",
        () => "Running",
    }
}

pub(super) fn cron_job(it: &CronJob, now: Timestamp) -> Vec<Cell> {
    vec![
        cell("SCHEDULE", &it.schedule),
        cell("SUSPENDED", it.suspended),
        cell("ACTIVE", it.active),
        cell("LAST-START", ago(now, it.last_scheduled)),
        cell("LAST-SUCCESS", ago(now, it.last_succeeded)),
        wide("IMAGES", images(&it.template)),
    ]
}

pub(super) fn autoscaler(it: &Autoscaler) -> Vec<Cell> {
    vec![
        cell("TARGET", format!("{}/{}", it.target.kind.to_lowercase(), it.target.name)),
        cell("METRICS", it.metrics.join(", ")),
        cell("MIN", it.min),
        cell("MAX", it.max),
        cell("REPLICAS", format!("{} of {}", it.current, it.desired)),
    ]
}

pub(super) fn budget(it: &Budget) -> Vec<Cell> {
    vec![
        cell("MIN-AVAILABLE", &it.min_available),
        cell("MAX-UNAVAILABLE", &it.max_unavailable),
        cell("ALLOWED", it.allowed),
        cell("HEALTHY", format!("{}/{}", it.healthy, it.desired)),
        wide("SELECTOR", selector(&it.selector)),
    ]
}

/// The images of a template's containers, in their order.
fn images(spec: &PodSpec) -> String {
    let images: Vec<&str> = spec.containers.iter().map(|it| it.image.as_str()).collect();
    images.join(",")
}
