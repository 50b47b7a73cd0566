//! What somebody changed lately in what a workload lives by: its template, its settings, the Services and Ingresses that lead
//! to it, the policies around it.

use super::containers::all_read_by;
use super::touching::{MAKING, changed_data, data_toucher, toucher, written_last};
use super::{Case, containers};
use crate::finding::Cite;
use crate::policy::{self, End, Way};
use crate::quantity;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::{Meta, Touch};
use evidence::fact::network::NetworkPolicy;
use evidence::fact::spec::{Container, PodSpec};
use evidence::fact::workload::Workload;
use jiff::Timestamp;

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// What a program is told: a ConfigMap or Secret that it reads, its variables and arguments.
    Setting,
    /// How much CPU it may have: less than before.
    Cpu,
    /// The ports of a Service.
    Ports,
    /// The routes of an Ingress, or how it treats them.
    Entrance,
    /// The program itself.
    Image,
    /// Something else, or several things at once.
    Other,
}

/// A change.
#[derive(Clone, Debug)]
pub struct News {
    /// The object that was changed.
    pub subject: Entity,
    /// The field, as far as it is known.
    pub field: String,
    /// What was changed.
    pub turn: Turn,
    /// When.
    pub at: Timestamp,
    /// Where that is seen.
    pub cite: Cite,
}

impl Case {
    /// What somebody changed lately in what a workload lives by.
    pub fn news_of(&self, root: &Entity) -> Vec<News> {
        let Some(workload) = self.workload(root).seen() else { return Vec::new() };
        let mut news = Vec::new();
        news.extend(self.news_of_template(root, &workload.it.template));
        for object in all_read_by(&workload.it.template) {
            let Some(config) = self.config(&object.kind, &root.namespace, &object.name).seen()
            else {
                continue;
            };
            let subject = config.meta.entity(&object.kind);
            let touch = data_toucher(&config.it.meta);
            let field = touch.map(changed_data).unwrap_or_default();
            let seen = (config.exhibit, &config.it.meta);
            news.extend(self.news_in(seen, subject, touch, field, Turn::Setting));
        }
        news.extend(self.news_of_ways(workload));
        news.extend(self.news_of_policies(workload));
        let mut told: Vec<News> = Vec::new();
        for one in news {
            if !told.iter().any(|it| it.subject == one.subject && it.field == one.field) {
                told.push(one);
            }
        }
        told
    }

    /// The Services before a workload, and the Ingresses that lead to them.
    fn news_of_ways(&self, workload: Seen<'_, Workload>) -> Vec<News> {
        let mut news = Vec::new();
        for service in self.services_before(workload.it) {
            let subject = service.meta.entity("Service");
            let touch = toucher(&service.it.meta, "spec.ports");
            let seen = (service.exhibit, &service.it.meta);
            news.extend(self.news_in(seen, subject, touch, "spec.ports".to_owned(), Turn::Ports));
            for ingress in self.ingresses().filter(|it| {
                it.meta.namespace == service.meta.namespace
                    && it.it.routes.iter().any(|route| route.service == service.meta.name)
            }) {
                let subject = ingress.meta.entity("Ingress");
                let touches = ["metadata.annotations", "spec.rules"];
                let touches = touches.iter().filter_map(|it| toucher(&ingress.it.meta, it));
                let touch = touches.max_by_key(|it| it.at);
                let field = touch.and_then(|it| only_field(it)).unwrap_or("spec.rules").to_owned();
                let seen = (ingress.exhibit, &ingress.it.meta);
                news.extend(self.news_in(seen, subject, touch, field, Turn::Entrance));
            }
        }
        news
    }

    /// The policies that isolate its pods: they have a rule of their own, which is told more than that they were changed.
    fn news_of_policies(&self, workload: Seen<'_, Workload>) -> Vec<News> {
        let end = End::labelled(&workload.it.meta.namespace, &workload.it.template_labels);
        let isolates = |it: &NetworkPolicy| {
            [Way::In, Way::Out].into_iter().any(|way| policy::isolates(it, way, end))
        };
        let mut news = Vec::new();
        for policy in self.network_policies().filter(|it| isolates(it.it)) {
            let Some(at) = written_last(&policy.it.meta).filter(|it| self.is_news(Some(*it)))
            else {
                continue;
            };
            let subject = policy.meta.entity("NetworkPolicy");
            let cite = Cite::new(policy.exhibit, format!("{subject} was written at {at}"));
            news.push(News { subject, field: "spec".to_owned(), turn: Turn::Other, at, cite });
        }
        news
    }

    /// A change of an object that was there before.
    fn news_in(
        &self,
        (exhibit, meta): (usize, &Meta),
        subject: Entity,
        touch: Option<&Touch>,
        field: String,
        turn: Turn,
    ) -> Option<News> {
        let touch = touch?;
        let at = touch.at.filter(|it| self.is_news(Some(*it)))?;
        if meta.created.is_none_or(|made| at <= made + MAKING) {
            return None;
        }
        let says = format!("{subject}: {field} was set by {} at {at}", touch.manager);
        Some(News { subject, field, turn, at, cite: Cite::new(exhibit, says) })
    }

    /// What the newest revision brought.
    fn news_of_template(&self, root: &Entity, now: &PodSpec) -> Option<News> {
        let revisions = self.revisions_of(root);
        let (newest, before) = (revisions.first()?, revisions.get(1)?);
        let at = self.revised_at(*newest).filter(|it| self.is_news(Some(*it)))?;
        let mut turns: Vec<(Turn, String)> = Vec::new();
        for container in &now.containers {
            let mut then = before.it.template.containers.iter();
            let then = then.find(|it| it.name == container.name);
            let path = containers::container_path(&root.kind, container);
            turns.extend(
                turns_of(then, container)
                    .into_iter()
                    .map(|(turn, field)| (turn, format!("{path}.{field}"))),
            );
        }
        let (turn, field) = match turns.as_slice() {
            [] => return None, // A remark, as whoever restarts it leaves.
            [one] => one.clone(),
            [(first, _), ..] => {
                let alike = turns.iter().all(|(turn, _)| turn == first);
                let turn = if alike { *first } else { Turn::Other };
                (turn, containers::pod_spec_path(&root.kind).to_owned())
            }
        };
        let entity = newest.meta.entity(&newest.kind);
        let says = format!("{entity}, made at {at}, changed {field}");
        let cite = Cite::new(newest.exhibit, says);
        Some(News { subject: root.clone(), field, turn, at, cite })
    }
}

/// The one field that a touch is about, of those that steer an Ingress.
fn only_field(touch: &Touch) -> Option<&str> {
    let mut steering = touch.fields.iter().filter(|it| !it.starts_with("metadata.labels"));
    let first = steering.next()?;
    steering.next().is_none().then_some(first.as_str())
}

/// What differs between two forms of a container, with the field.
fn turns_of(then: Option<&Container>, now: &Container) -> Vec<(Turn, String)> {
    let Some(then) = then else { return vec![(Turn::Other, "image".to_owned())] };
    let mut turns = Vec::new();
    if then.image != now.image {
        turns.push((Turn::Image, "image".to_owned()));
    }
    let names = now.env.iter().chain(&then.env).map(|it| it.name.as_str());
    let mut changed: Vec<&str> = Vec::new();
    for name in names {
        let of = |it: &'_ Container| it.env.iter().rev().find(|it| it.name == name).cloned();
        if of(then) != of(now) && !changed.contains(&name) {
            changed.push(name);
        }
    }
    turns.extend(changed.iter().map(|it| (Turn::Setting, format!("env[{it}]"))));
    if then.command != now.command {
        turns.push((Turn::Setting, "command".to_owned()));
    }
    if then.args != now.args {
        turns.push((Turn::Setting, "args".to_owned()));
    }
    let cpu = |it: &Container| it.limits.get("cpu").and_then(|it| quantity::thousandths(it));
    match (cpu(then), cpu(now)) {
        (then, Some(now)) if then.is_none_or(|it| now < it) => {
            turns.push((Turn::Cpu, "resources.limits.cpu".to_owned()));
        }
        _ if then.limits != now.limits || then.requests != now.requests => {
            turns.push((Turn::Other, "resources".to_owned()));
        }
        _ => {}
    }
    let probes = |it: &Container| (it.liveness.clone(), it.readiness.clone(), it.startup.clone());
    if probes(then) != probes(now)
        || then.ports != now.ports
        || then.mounts != now.mounts
        || then.security != now.security
        || then.env_from != now.env_from
    {
        turns.push((Turn::Other, "spec".to_owned()));
    }
    turns
}
