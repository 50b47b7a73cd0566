//! Failed Jobs that a later one made good.

use super::Case;
use super::containers::repository;
use super::schedules::is_version;
use crate::seen::Seen;
use evidence::fact::meta::condition;
use evidence::fact::spec::{Container, PodSpec};
use evidence::fact::workload::Job;

impl Case {
    /// The later Job that did what a failed one did not: a later run of the same CronJob, or, of Jobs that nothing owns, one
    /// that was begun after the failure, is like it in name, runs the same program with the same words on the same volumes,
    /// and completed. Whoever asks about the failed one wants to know of it.
    pub fn made_good(&self, job: Seen<'_, Job>) -> Option<Seen<'_, Job>> {
        let began = |it: &Job| it.started.or(it.meta.created);
        if job.it.meta.owner.is_some() {
            return self.jobs().find(|other| {
                other.it.meta.owner == job.it.meta.owner
                    && other.it.succeeded > 0
                    && began(other.it) > began(job.it)
            });
        }
        let failure = condition(&job.it.conditions, "Failed").filter(|it| it.status == "True")?;
        let failed = failure.since?;
        if self.asks_about("Job", &job.it.meta.name) {
            return None;
        }
        self.jobs().find(|other| {
            let meta = &other.it.meta;
            let complete = condition(&other.it.conditions, "Complete");
            meta.owner.is_none()
                && meta.namespace == job.it.meta.namespace
                && is_like(&meta.name, &job.it.meta.name)
                && complete.is_some_and(|it| it.status == "True")
                && began(other.it).is_some_and(|at| at > failed)
                && does_the_same(&other.it.template, &job.it.template)
        })
    }
}

/// `import-1` and `import-2`, `import` and `import-again`.
fn is_like(one: &str, other: &str) -> bool {
    let stem = |it: &str| it.rsplit_once('-').map(|(stem, _)| stem.to_owned());
    is_version(one, other) || stem(one).is_some() && stem(one) == stem(other)
}

/// Whether two templates run the same program, of whatever version, with the same settings on the same data.
fn does_the_same(one: &PodSpec, other: &PodSpec) -> bool {
    let alike = |(one, other): (&Container, &Container)| {
        repository(&one.image) == repository(&other.image)
            && one.command == other.command
            && one.args == other.args
            && one.env == other.env
            && one.env_from == other.env_from
    };
    !one.containers.is_empty()
        && one.containers.len() == other.containers.len()
        && one.containers.iter().zip(&other.containers).all(alike)
        && one.volumes == other.volumes
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    const TWICE: &str = r#"
- job:
    meta: {namespace: shop, name: import-1}
    failed: 1
    template: {containers: [{name: import, image: "import:1", args: ["2025"]}]}
    conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded, since: "2026-11-21T08:00:00Z"}]
- job:
    meta: {namespace: shop, name: import-2}
    succeeded: 1
    started: "2026-11-21T09:00:00Z"
    template: {containers: [{name: import, image: "import:2", args: ["2025"]}]}
    conditions: [{type: Complete, status: "True"}]
"#;

    #[test]
    fn a_job_that_was_repeated_well_is_no_symptom() {
        assert!(seen(TWICE, None).is_empty());
        assert_eq!(seen(TWICE, Some("job/import-1")), ["Job shop/import-1"]);
    }

    #[test]
    fn another_work_another_program_or_one_beside_it_makes_nothing_good() {
        for (word, other) in [
            (r#"import:2", args: ["2025"]"#, r#"import:2", args: ["2026"]"#),
            ("import:2", "export:2"),
            ("name: import-2", "name: export-2"),
            ("T09:", "T07:"),
            ("type: Complete", "type: Suspended"),
        ] {
            assert_eq!(seen(&TWICE.replace(word, other), None), ["Job shop/import-1"], "{other}");
        }
    }
}
