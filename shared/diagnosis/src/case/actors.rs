//! Who changes a field again and again, without anybody asking: rule R8.

use super::Case;
use super::touching::{MAKING, toucher};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::{Meta, Touch};
use evidence::fact::workload::CronJob;
use jiff::{SignedDuration, Timestamp};

/// A run of a CronJob has this long to make its change.
const RUN: SignedDuration = SignedDuration::from_mins(10);

/// Programs by which GitOps tools set fields.
const DELIVERERS: [&str; 4] = [
    "argocd-controller",
    "argocd-application-controller",
    "kustomize-controller",
    "helm-controller",
];

/// An object that makes changes by itself.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The object to stop.
    pub entity: Entity,
    /// What it does, to complete "because X ...".
    pub does: String,
    /// Where that was seen.
    pub cites: Vec<Cite>,
}

impl Case {
    /// Whether anything shows that something changes others by itself, before anybody looks closer.
    pub fn has_actors(&self) -> bool {
        let delivered = |touch: &Touch| DELIVERERS.contains(&touch.manager.as_str());
        self.rules.attribution
            && (self.has_scripted() && self.cron_jobs().any(|it| !it.suspended)
                || self.pods().any(|it| it.meta.annotations.contains_key("vpaUpdates"))
                || self.objects().any(|it| delivers(&it.kind)) && self.was_touched(delivered))
    }

    /// Whether a script has changed a workload after it was made.
    pub fn has_scripted(&self) -> bool {
        self.was_touched(|touch| self.is_script(&touch.manager))
    }

    fn was_touched(&self, by: impl Fn(&Touch) -> bool) -> bool {
        self.workloads()
            .any(|it| it.meta.touches.iter().any(|touch| by(touch) && is_later(&it.it.meta, touch)))
    }

    /// Who keeps changing a field of an object.
    pub fn actor_behind(&self, subject: &Entity, field: &str) -> Option<Actor> {
        // An autoscaler that scales to its own numbers does what it is there for.
        if field == "spec.replicas" && self.autoscalers().any(|it| it.target == *subject) {
            return None;
        }
        self.resizer(subject, field).or_else(|| {
            let meta = self.meta_of(subject)?;
            let touch = toucher(meta, field)?;
            self.runner(subject, meta, touch).or_else(|| self.restorer(subject, meta, touch))
        })
    }

    /// Whether a field was changed after its object was made, by a program that a CronJob may run.
    pub fn was_changed_by_a_program(&self, subject: &Entity, field: &str) -> bool {
        let Some(meta) = self.meta_of(subject) else { return false };
        toucher(meta, field)
            .is_some_and(|touch| is_later(meta, touch) && self.is_script(&touch.manager))
    }

    /// Whether a script changes objects under this name: that of a tool, or one that a CronJob's command gives itself.
    fn is_script(&self, manager: &str) -> bool {
        is_tool(manager) || self.cron_jobs().any(|it| says_it_is(it.it, manager))
    }

    /// A CronJob whose run fell together with the change, and whose command names the object.
    fn runner(&self, subject: &Entity, meta: &Meta, touch: &Touch) -> Option<Actor> {
        let at = touch.at.filter(|_| is_later(meta, touch))?;
        for cron_job in self.cron_jobs().filter(|it| !it.suspended && names(it.it, subject)) {
            let name = cron_job.meta.entity("CronJob");
            let Some((started, exhibit)) = self.run_at(&cron_job, &name, at) else { continue };
            let says = format!("{name} (schedule {}) ran at {started}", cron_job.schedule);
            let changed = format!("{subject} was changed by {} at {at}", touch.manager);
            let mut cites = vec![Cite::new(exhibit, says)];
            cites.extend(self.exhibit_of(subject).map(|it| Cite::new(it, changed)));
            let does = format!("runs on the schedule {} and sets it", cron_job.schedule);
            return Some(Actor { entity: name, does, cites });
        }
        None
    }

    /// When a run of a CronJob began that this moment falls into.
    fn run_at(
        &self,
        cron_job: &Seen<'_, CronJob>,
        name: &Entity,
        at: Timestamp,
    ) -> Option<(Timestamp, usize)> {
        let within = |started: Timestamp, ended: Timestamp| started <= at && at <= ended;
        for job in self.jobs().filter(|it| it.meta.owner.as_ref() == Some(name)) {
            let Some(started) = job.started.or(job.meta.created) else { continue };
            // Times are whole seconds, and of two clocks.
            let ended = job.completed.map_or(started + RUN, |it| it + SignedDuration::from_secs(5));
            if within(started, ended) {
                return Some((started, job.exhibit));
            }
        }
        let started = cron_job.last_scheduled?;
        within(started, started + RUN).then_some((started, cron_job.exhibit))
    }

    /// A VerticalPodAutoscaler that gave the object's pods other resources than its template.
    fn resizer(&self, subject: &Entity, field: &str) -> Option<Actor> {
        let (_, rest) = field.split_once(".resources.")?;
        let (list, resource) = rest.split_once('.')?;
        let what = format!("{resource} {}", list.trim_end_matches('s'));
        for pod in self.pods_of(subject) {
            let Some(said) = pod.it.meta.annotations.get("vpaUpdates") else { continue };
            // Pod resources updated by NAME: container 0: cpu request, memory limit
            let told = said.strip_prefix("Pod resources updated by ");
            let Some((name, updates)) = told.and_then(|it| it.split_once(": ")) else { continue };
            if !updates.contains(&what) {
                continue;
            }
            let entity = Entity::new("VerticalPodAutoscaler", &subject.namespace, name);
            let says =
                format!("{} was given another {what} than its template", pod.meta.entity("Pod"));
            let cites = vec![Cite::quoting(pod.exhibit, says, said)];
            let does = format!("gives its pods another {what} than its template");
            return Some(Actor { entity, does, cites });
        }
        None
    }

    /// A GitOps object that puts an earlier revision back, and not for the first time: once may be a change of its source.
    fn restorer(&self, subject: &Entity, meta: &Meta, touch: &Touch) -> Option<Actor> {
        let at = touch.at.filter(|_| DELIVERERS.contains(&touch.manager.as_str()))?;
        let revisions = self.revisions_of(subject);
        let (newest, others) = revisions.split_first()?;
        let made = newest.meta.created?;
        // A revision that is older than its own number is one that came back.
        let came_back = others.iter().any(|it| it.meta.created > Some(made)) && at > made + MAKING;
        if !came_back || self.returns(subject) < 2 {
            return None;
        }
        let entity = self.delivered_by(meta)?;
        let exhibit = self.exhibit_of(&entity)?;
        let revision = newest.meta.entity(&newest.kind);
        let cites = vec![
            Cite::new(
                newest.exhibit,
                format!("{revision} was made at {made} and is in force again"),
            ),
            Cite::new(exhibit, format!("{} set {subject} at {at} for {entity}", touch.manager)),
        ];
        Some(Actor { entity, does: "sets it back whenever somebody changes it".to_owned(), cites })
    }

    /// The object of Argo CD or Flux that says it delivers this one, where it was seen.
    pub fn delivered_by(&self, meta: &Meta) -> Option<Entity> {
        let label = |name: &str| meta.labels.get(name).map(String::as_str);
        let tracked = meta.annotations.get("argocd.argoproj.io/tracking-id");
        let tracked = tracked.and_then(|it| it.split_once(':')).map(|(name, _)| name);
        let instance = meta.annotations.get("argocd.argoproj.io/instance").map(String::as_str);
        let names = [
            ("Application", tracked.or(instance)),
            ("Application", label("argocd.argoproj.io/instance")),
            ("Kustomization", label("kustomize.toolkit.fluxcd.io/name")),
            ("HelmRelease", label("helm.toolkit.fluxcd.io/name")),
            ("Application", label("app.kubernetes.io/instance")),
        ];
        let found = names.into_iter().find_map(|(kind, name)| {
            let name = name?;
            self.objects().find(|it| it.kind == kind && it.meta.name == name)
        });
        found.map(|it| it.meta.entity(&it.kind))
    }

    /// Where an object stands in the case.
    pub fn exhibit_of(&self, entity: &Entity) -> Option<usize> {
        self.metas().find(|(it, ..)| *it == entity).map(|(_, exhibit, _)| exhibit)
    }
}

fn delivers(kind: &str) -> bool {
    matches!(kind, "Application" | "Kustomization" | "HelmRelease")
}

/// The field was set well after the object was made.
fn is_later(meta: &Meta, touch: &Touch) -> bool {
    match (meta.created, touch.at) {
        (Some(created), Some(at)) => at.duration_since(created) > MAKING,
        _ => touch.at.is_some(),
    }
}

/// What scripts change objects with, rather than a controller or a deployment tool.
fn is_tool(manager: &str) -> bool {
    ["kubectl", "curl", "OpenAPI-Generator", "python-requests", "oc"]
        .iter()
        .any(|tool| manager == *tool || manager.starts_with(&format!("{tool}-")))
}

/// Whether its command calls itself so where it changes something.
fn says_it_is(cron_job: &CronJob, manager: &str) -> bool {
    let containers = cron_job.template.containers.iter();
    let mut words = containers.flat_map(|it| it.command.iter().chain(&it.args));
    words.any(|it| {
        let mut said = it.split("--field-manager").skip(1);
        said.any(|it| {
            let name = it.trim_start_matches(['=', ' ', '"', '\'']);
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
            name.split(|c| !is_name(c)).next() == Some(manager)
        })
    })
}

/// Whether its command names the object and changes something.
fn names(cron_job: &CronJob, subject: &Entity) -> bool {
    cron_job.template.containers.iter().any(|container| {
        let words = container.command.iter().chain(&container.args);
        let text = words.cloned().collect::<Vec<_>>().join(" ");
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let named = text.split(|c: char| !is_word(c)).any(|word| word == subject.name);
        let changes =
            [" set ", " patch ", " scale ", " apply ", " replace ", " edit ", "PATCH", "PUT"];
        named && changes.iter().any(|it| format!(" {text} ").contains(it))
    })
}
