//! Where a client has its credentials from: the object that one would change where they are refused.

mod about;
mod files;

use super::Case;
use super::complaints::Complaint;
use super::containers::{Running, all_read_by};
use super::touching::edited_lately;
use crate::finding::Cite;
use crate::seen::Seen;
use about::About;
use evidence::entity::Entity;
use evidence::fact::access::Config;
use evidence::fact::spec::EnvVar;
use evidence::fact::workload::Revision;
use files::of_file;

/// One setting of a client.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The object that holds it: a Secret, a ConfigMap, or the workload itself.
    pub subject: Entity,
    /// The field of it.
    pub field: Option<String>,
    /// Its value, where that is no secret.
    pub value: Option<String>,
    /// Where that was seen.
    pub cite: Cite,
}

impl Case {
    /// Where the container of a complaint has its credentials from; the workload where nobody can tell.
    pub fn credentials_of(&self, complaint: &Complaint<'_>) -> Setting {
        let container = &complaint.container;
        let about = About::of(complaint);
        let made = self.template_made(container.root);
        if (made.is_none() || self.is_news(made))
            && let Some(setting) = self.changed_variable(container, |it| about.rank(it))
        {
            return setting;
        }
        let namespace = &container.pod.it.meta.namespace;
        let best = about.best(&container.spec.env);
        if let Some((variable, from)) = best.and_then(|it| Some((it, it.from.as_ref()?))) {
            let subject = Entity::new(&from.kind, namespace, &from.name);
            let says =
                format!("{}: variable {} comes from {subject}", container.root, variable.name);
            return Setting {
                // What others use too, and with success, is right.
                subject: if self.is_shared(container.root, &subject) {
                    container.root.clone()
                } else {
                    subject.clone()
                },
                field: (!from.key.is_empty() && !self.is_shared(container.root, &subject))
                    .then(|| format!("data.{}", from.key)),
                value: None,
                cite: Cite::new(container.pod.exhibit, says),
            };
        }
        if let Some(file) = of_file(self, container, &about, best).filter(|it| {
            // Variables that come as a whole may be the ones.
            it.variable.is_some() || !container.spec.env_from.iter().any(|it| it.kind == "Secret")
        }) {
            let subject = Entity::new("Secret", namespace, file.name);
            let (at, root) = (file.at, container.root);
            let says = match file.variable {
                Some(variable) => {
                    format!("{root}: variable {variable} names a file of {subject} at {at}")
                }
                None => format!("{root}: {subject} is mounted at {at}"),
            };
            let cite = Cite::new(container.pod.exhibit, says);
            let shared = self.is_shared(root, &subject);
            return Setting {
                subject: if shared { root.clone() } else { subject },
                field: file.key.filter(|_| !shared).map(|it| format!("data.{it}")),
                value: None,
                cite,
            };
        }
        let all = container.spec.env_from.iter().find(|it| it.kind == "Secret");
        if let (None, Some(all)) = (best, all) {
            let subject = Entity::new("Secret", namespace, &all.name);
            let says = format!("{}: variables come from {subject}", container.root);
            let cite = Cite::new(container.pod.exhibit, says);
            return Setting { subject, field: None, value: None, cite };
        }
        if best.is_none()
            && let Some(setting) = self.in_a_config_map(container, &about)
        {
            return setting;
        }
        let field = best.map(|it| container.field(&format!("env[{}]", it.name)));
        let says = match best {
            Some(it) => format!("{}: variable {} is written in it", container.root, it.name),
            None => format!("{}: no variable of it names a Secret", container.root),
        };
        let cite = Cite::new(container.pod.exhibit, says);
        Setting { subject: container.root.clone(), field, value: None, cite }
    }

    /// The variable of the least rank that the newest revision of a workload changed, or began to name; what has no rank is
    /// of no interest.
    pub fn changed_variable<R: Ord>(
        &self,
        container: &Running<'_>,
        rank: impl Fn(&EnvVar) -> Option<R>,
    ) -> Option<Setting> {
        let (newest, before) = self.two_newest(container.root)?;
        let of = |revision: &Seen<'_, Revision>| {
            let containers = &revision.it.template.containers;
            containers.iter().find(|it| it.name == container.spec.name).map(|it| it.env.clone())
        };
        let (now, then) = (of(&newest)?, of(&before)?);
        let changed = now.iter().filter(|it| !then.contains(it));
        let ranked = changed.filter_map(|it| Some((rank(it)?, it)));
        let (_, variable) = ranked.min_by(|(one, _), (other, _)| one.cmp(other))?;
        let number = newest.it.number.unwrap_or_default();
        let says = format!("revision {number} changed its variable {}", variable.name);
        Some(Setting {
            subject: container.root.clone(),
            field: Some(container.field(&format!("env[{}]", variable.name))),
            value: variable.value.clone(),
            cite: Cite::new(newest.exhibit, says),
        })
    }

    /// The key of a ConfigMap that all variables come from, called as a variable for what was refused would be, where no
    /// variable of its own is.
    fn in_a_config_map(&self, container: &Running<'_>, about: &About) -> Option<Setting> {
        if container.spec.env.iter().any(|it| about.rank(it).is_some()) {
            return None;
        }
        let namespace = &container.pod.it.meta.namespace;
        let whole = container.spec.env_from.iter().filter(|it| it.kind == "ConfigMap");
        let configs = whole.filter_map(|it| self.config(&it.kind, namespace, &it.name).seen());
        let keys = configs.flat_map(|it| it.it.keys.iter().flatten().map(move |key| (key, it)));
        let keys: Vec<_> = keys.collect();
        let variable = |key: &String| EnvVar { name: key.clone(), ..EnvVar::default() };
        let variables: Vec<EnvVar> = keys.iter().map(|(key, _)| variable(key)).collect();
        let was_edited = |(key, config): &&(&String, Seen<'_, Config>)| {
            let edited = edited_lately(self, &config.it.meta);
            edited.is_some_and(|(touch, _)| touch.fields.contains(&format!("data.{key}")))
                && about.rank(&variable(key)).is_some()
        };
        // Of two ConfigMaps with the key the last one counts.
        let best = || {
            let best = about.best(&variables)?;
            keys.iter().rev().find(|(key, _)| **key == best.name)
        };
        let (key, config) = keys.iter().find(was_edited).or_else(best)?;
        let (root, subject) = (container.root, config.meta.entity("ConfigMap"));
        if self.is_shared(root, &subject) {
            return None;
        }
        let cite =
            Cite::new(config.exhibit, format!("{root}: variable {key} comes from {subject}"));
        Some(Setting { field: Some(format!("data.{key}")), subject, value: None, cite })
    }

    /// Whether other workloads that are ready name an object, too, and were started with it as it is.
    fn is_shared(&self, workload: &Entity, object: &Entity) -> bool {
        let config = self.config(&object.kind, &object.namespace, &object.name).seen();
        let edited = config.and_then(|it| edited_lately(self, &it.it.meta));
        self.workloads().any(|other| {
            let root = other.meta.entity(&other.kind);
            root != *workload
                && edited.is_none_or(|(_, at)| !self.runs_since_before(&root, at))
                && root.namespace == object.namespace
                && other.ready > 0
                && all_read_by(&other.it.template)
                    .any(|it| it.kind == object.kind && it.name == object.name)
        })
    }
}
