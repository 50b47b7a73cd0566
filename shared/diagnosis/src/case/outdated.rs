//! What was made by a CronJob that was suspended since, and has grown too old for who needs it.

use super::Case;
use super::complaints::Complaint;
use super::containers::repository;
use super::touching::toucher;
use super::words::said::Said;
use crate::seen::Seen;
use evidence::fact::spec::PodSpec;
use evidence::fact::workload::CronJob;
use jiff::Timestamp;

/// A suspended CronJob, and what is missed of it.
#[derive(Clone, Copy, Debug)]
pub struct Outdated<'a> {
    /// The CronJob.
    pub cron_job: Seen<'a, CronJob>,
    /// Of when what is missed is.
    pub of: Timestamp,
    /// When it was suspended.
    pub suspended: Timestamp,
}

impl Case {
    /// The one CronJob that brought what a complaint calls too old: that is from after its last start and from before
    /// somebody suspended it, and it works with the same program or on the same claim as who complains, or whom he calls.
    pub fn outdated(&self, complaint: &Complaint<'_>) -> Option<Outdated<'_>> {
        let Said::Outdated { of } = complaint.said else { return None };
        let mut makers = self.cron_jobs().filter_map(|cron_job| {
            let meta = &cron_job.it.meta;
            let suspended = suspended(cron_job.it)?;
            let last = cron_job.it.last_scheduled?;
            let begins = complaint.since.is_none_or(|since| since >= suspended);
            let made = last <= of && of <= suspended && begins;
            let concerns = meta.namespace == complaint.namespace()
                && self.successor(cron_job).is_none()
                && self.works_for(cron_job.it, complaint);
            (made && concerns).then_some(Outdated { cron_job, of, suspended })
        });
        makers.next().filter(|_| makers.next().is_none())
    }

    /// Whether a CronJob shares its program or a claim with who complains, or with whom that one is told to call.
    fn works_for(&self, cron_job: &CronJob, complaint: &Complaint<'_>) -> bool {
        if are_akin(&cron_job.template, &complaint.container.pod.it.spec) {
            return true;
        }
        self.workloads_in(complaint.namespace()).any(|workload| {
            are_akin(&cron_job.template, &workload.it.template)
                && self.services_before(workload.it).any(|service| {
                    let meta = &service.it.meta;
                    self.clients_of(&meta.namespace, &meta.name)
                        .any(|it| it.meta.entity(&it.kind) == *complaint.root())
                })
        })
    }
}

/// When somebody suspended a CronJob that had not been made so.
fn suspended(cron_job: &CronJob) -> Option<Timestamp> {
    let touch = toucher(&cron_job.meta, "spec.suspend").filter(|_| cron_job.suspended)?;
    touch.at.filter(|at| cron_job.meta.created.is_none_or(|made| *at > made))
}

fn are_akin(one: &PodSpec, other: &PodSpec) -> bool {
    let programs = |it: &PodSpec| {
        let images = it.containers.iter().map(|it| repository(&it.image).to_owned());
        images.filter(|it| !it.is_empty()).collect::<Vec<_>>()
    };
    let claims = |it: &PodSpec| {
        let objects = it.volumes.iter().map(|it| it.object.clone());
        objects.filter(|it| it.kind == "PersistentVolumeClaim").collect::<Vec<_>>()
    };
    let (programs_of_other, claims_of_other) = (programs(other), claims(other));
    programs(one).iter().any(|it| programs_of_other.contains(it))
        || claims(one).iter().any(|it| claims_of_other.contains(it))
}
