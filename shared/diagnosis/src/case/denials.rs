//! Pods that the API server refuses to admit, and in which words.

use super::Case;
use crate::finding::Cite;
use evidence::entity::Entity;
use evidence::fact::meta::condition;

/// A controller that cannot create its pods now.
#[derive(Clone, Debug)]
pub struct Denial {
    /// The object at the top: the one that lacks pods.
    pub root: Entity,
    /// What the API server said, last.
    pub said: String,
    /// Where that was seen.
    pub cites: Vec<Cite>,
}

/// Reasons of events about pods that could not be created, by controllers.
const REASONS: &[&str] = &["FailedCreate"];

impl Case {
    /// Every object that lacks pods because creating them is refused, with the latest words. Rule R2: an event about a
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
        for workload in self.workloads().filter(|it| it.current < it.desired) {
            let entity = workload.meta.entity(&workload.kind);
            let failure = condition(&workload.it.conditions, "ReplicaFailure")
                .filter(|it| it.status == "True")
                .map(|it| (it.message.clone(), workload.exhibit));
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
        denials
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
            let says = format!("{controller}: FailedCreate, {} times", event.count.max(1));
            cites.push(Cite::quoting(event.exhibit, says, &event.message));
            said = said.or_else(|| Some(event.message.clone()));
        }
        Some(Denial { root, said: said?, cites })
    }
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

/// Whether a quota's resource counts or sizes objects that pods need, rather than pods: `requests.storage`,
/// `persistentvolumeclaims`, `services.loadbalancers`, `count/configmaps`.
pub fn is_about_objects(resource: &str) -> bool {
    let counted = resource.strip_prefix("count/").unwrap_or(resource);
    resource.ends_with("requests.storage")
        || resource.contains(".storageclass.storage.k8s.io/")
        || counted == "persistentvolumeclaims"
        || counted.starts_with("services")
        || matches!(counted, "configmaps" | "secrets")
}

/// The text between two marks, the first time that both occur.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after).map_or(rest, |(found, _)| found))
}
