//! Pods and deliveries that the API server refuses to admit, and in which words.

use super::Case;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::workload::{CronJob, Workload};

/// A controller that cannot create its pods, or a delivery that is not taken, now.
#[derive(Clone, Debug)]
pub struct Denial {
    /// The object at the top: the one that lacks pods, or is not delivered.
    pub root: Entity,
    /// What the API server said, last.
    pub said: String,
    /// Where that was seen.
    pub cites: Vec<Cite>,
}

impl Denial {
    /// What comes of it: `Deployment shop/web lacks pods`.
    pub fn lack(&self) -> String {
        match self.root.kind.as_str() {
            "CronJob" => format!("{} starts no Job", self.root),
            "Application" | "HelmRelease" | "Kustomization" => {
                format!("{} is not delivered", self.root)
            }
            _ => format!("{} lacks pods", self.root),
        }
    }
}

/// Reasons of events about what could not be created, by controllers: pods; the ReplicaSet of a Deployment.
const REASONS: &[&str] = &["FailedCreate", "ReplicaSetCreateError"];

impl Case {
    /// Every object that lacks pods because creating them is refused, or is not delivered because a webhook could not be
    /// asked, with the latest words. Rule R2: an event about a
    /// controller that has its pods is history.
    pub fn denials(&self) -> Vec<Denial> {
        let mut denials = Vec::new();
        for revision in self.revisions().filter(|it| it.current < it.desired) {
            let entity = revision.meta.entity(&revision.kind);
            let root = self.root_of(&revision.meta, &revision.kind);
            let failure = condition(&revision.it.conditions, "ReplicaFailure")
                .filter(|it| it.status == "True")
                .map(|it| (it.message.clone(), revision.exhibit));
            denials.extend(self.denial(entity, root, failure));
        }
        for workload in self.workloads() {
            let unmade = unmade(workload.it);
            if workload.current >= workload.desired && unmade.is_none() {
                continue;
            }
            let entity = workload.meta.entity(&workload.kind);
            let failure = condition(&workload.it.conditions, "ReplicaFailure")
                .filter(|it| it.status == "True")
                .map(|it| it.message.clone())
                .or(unmade)
                .map(|message| (message, workload.exhibit));
            if !denials.iter().any(|it| it.root == entity) {
                denials.extend(self.denial(entity.clone(), entity, failure));
            }
        }
        for job in
            self.jobs().filter(|it| it.active + it.succeeded + it.failed == 0 && !it.suspended)
        {
            let entity = job.meta.entity("Job");
            let root = self.root_of(&job.meta, "Job");
            denials.extend(self.denial(entity, root, None));
        }
        for cron_job in self.cron_jobs() {
            denials.extend(self.refusal_of_job(cron_job));
        }
        // What Argo CD and Flux apply passes the same webhooks.
        for undelivered in self.undelivered() {
            if !undelivered.misses_webhook() || !self.concerns_scope(&undelivered) {
                continue;
            }
            let (root, said) = (undelivered.entity(), undelivered.said.clone());
            let says = format!("{root}: {}", undelivered.word);
            let cites = vec![Cite::quoting(undelivered.object.exhibit, says, &said)];
            denials.push(Denial { root, said, cites });
        }
        denials
    }

    /// A CronJob whose Job is refused, and that has made none since.
    pub fn refusal_of_job(&self, cron_job: Seen<'_, CronJob>) -> Option<Denial> {
        let entity = cron_job.meta.entity("CronJob");
        let event = self.events_of(&entity, REASONS).max_by_key(|it| it.last)?;
        let made_since = self.jobs().any(|job| {
            job.meta.owner.as_ref() == Some(&entity) && job.it.meta.created >= event.last
        });
        let started_since = cron_job.last_scheduled >= event.last;
        if self.rules.current_state && (made_since || started_since) || cron_job.suspended {
            return None;
        }
        self.denial(entity.clone(), entity, None)
    }

    fn denial(
        &self,
        controller: Entity,
        root: Entity,
        failure: Option<(String, usize)>,
    ) -> Option<Denial> {
        let mut cites = Vec::new();
        let mut said = None;
        if let Some((message, exhibit)) = failure {
            let says = format!("{controller}: cannot create pods");
            cites.push(Cite::quoting(exhibit, says, &message));
            said = Some(message);
        }
        if let Some(event) = self.events_of(&controller, REASONS).max_by_key(|it| it.last) {
            let says = format!("{controller}: {}, {} times", event.reason, event.count.max(1));
            cites.push(Cite::quoting(event.exhibit, says, &event.message));
            said = said.or_else(|| Some(event.message.clone()));
        }
        Some(Denial { root, said: said?, cites })
    }
}

/// Why a Deployment's controller cannot make the ReplicaSet of its newest template.
fn unmade(workload: &Workload) -> Option<String> {
    condition(&workload.conditions, "Progressing")
        .filter(|it| it.status == "False" && it.reason == "ReplicaSetCreateError")
        .map(|it| it.message.clone())
}

/// What a quota says that has no room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded<'a> {
    /// The quota's name.
    pub quota: &'a str,
    /// What was asked for, as `pods=1`.
    pub requested: &'a str,
    /// What is used.
    pub used: &'a str,
    /// What may be used.
    pub limited: &'a str,
    /// The first resource that has no room.
    pub resource: &'a str,
    /// How much of it may be used.
    pub most: &'a str,
}

/// `exceeded quota: NAME, requested: pods=1, used: pods=10, limited: pods=10`
pub fn exceeded_quota(said: &str) -> Option<Exceeded<'_>> {
    let limited = between(said, "limited: ", ";")?;
    Some(Exceeded {
        quota: between(said, "exceeded quota: ", ",")?,
        requested: between(said, "requested: ", ", used:")?,
        used: between(said, "used: ", ", limited:")?,
        limited,
        resource: limited.split(['=', ',']).next().unwrap_or_default(),
        most: between(limited, "=", ",").unwrap_or_default(),
    })
}

/// Whether a quota's resource counts or sizes objects beside pods: `requests.storage`, `persistentvolumeclaims`,
/// `services.loadbalancers`, `count/jobs.batch`. The API server counts any kind under `count/`; see
/// `pkg/quota/v1/generic/evaluator.go`.
pub fn is_about_objects(resource: &str) -> bool {
    match resource.strip_prefix("count/") {
        Some(counted) => counted != "pods",
        None => {
            resource.ends_with("requests.storage")
                || resource.contains(".storageclass.storage.k8s.io/")
                || resource == "persistentvolumeclaims"
                || resource.starts_with("services")
                || matches!(
                    resource,
                    "configmaps" | "secrets" | "replicationcontrollers" | "resourcequotas"
                )
        }
    }
}

/// The text between two marks, the first time that both occur.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after).map_or(rest, |(found, _)| found))
}
