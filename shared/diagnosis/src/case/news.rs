//! What somebody changed lately in what a workload lives by: its template, its settings, the Services and Ingresses that lead
//! to it, the policies around it.

use super::containers::{all_read_by, named_in_arguments};
use super::touching::{MAKING, NEWS, changed_data, data_toucher, toucher, written_last};
use super::{Case, containers};
use crate::finding::Cite;
use crate::policy::{self, End, Way};
use crate::quantity;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::{Meta, Touch};
use evidence::fact::network::{NetworkPolicy, Service};
use evidence::fact::spec::{Container, PodSpec};
use evidence::fact::workload::{CronJob, Workload};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// What a program is told: a ConfigMap that it reads, its variables and arguments.
    Setting,
    /// The switches that a program reads: a ConfigMap, or its one key that was changed, is called so.
    Flag,
    /// How much CPU it may have: less than before.
    Cpu,
    /// The ports of a Service.
    Ports,
    /// The routes of an Ingress, or how it treats them.
    Entrance,
    /// The program itself.
    Image,
    /// That a CronJob starts nothing any more.
    Rest,
    /// That a workload has no pods any more.
    Stop,
    /// Something else, or several things at once.
    Other,
}

/// How ConfigMaps with switches, and their keys, are called.
const SWITCHES: [&str; 8] =
    ["feature", "features", "flag", "flagd", "flags", "switch", "switches", "toggles"];

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
    /// What somebody changed lately in what a workload lives by, or a Service and those behind it; none where nobody saw it.
    pub fn news_of(&self, root: &Entity) -> Option<Vec<News>> {
        if root.kind == "Service" {
            let service = self.service(&root.namespace, &root.name).seen()?;
            let mut news: Vec<News> = self.news_of_service(service).into_iter().collect();
            for workload in self.workloads_behind(service.it) {
                news.extend(self.news_of_workload(workload));
            }
            return Some(news);
        }
        Some(self.news_of_workload(self.workload(root).seen()?))
    }

    fn news_of_workload(&self, workload: Seen<'_, Workload>) -> Vec<News> {
        let root = workload.meta.entity(&workload.it.kind);
        let mut news = Vec::new();
        news.extend(self.news_of_template(&root, workload.it));
        // Of Secrets nobody sees more than their names.
        let read = all_read_by(&workload.it.template).filter(|it| it.kind == "ConfigMap");
        let read = read.map(|it| it.name.as_str());
        for name in read.chain(named_in_arguments(&workload.it.template, &root.namespace)) {
            let Some(config) = self.config("ConfigMap", &root.namespace, name).seen() else {
                continue;
            };
            let subject = config.meta.entity("ConfigMap");
            let touch = data_toucher(&config.it.meta);
            let field = touch.map(changed_data).unwrap_or_default();
            let seen = (config.exhibit, &config.it.meta);
            let switches = [name, &field].into_iter().any(are_switches);
            let turn = if switches { Turn::Flag } else { Turn::Setting };
            news.extend(self.news_in(seen, subject, touch, (turn, field)));
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
            news.extend(self.news_of_service(service));
            for ingress in self.ingresses().filter(|it| {
                it.meta.namespace == service.meta.namespace
                    && it.it.routes.iter().any(|route| route.service == service.meta.name)
            }) {
                let subject = ingress.meta.entity("Ingress");
                let touches = ["metadata.annotations", "spec"];
                let touches = touches.iter().filter_map(|it| toucher(&ingress.it.meta, it));
                let touch = touches.max_by_key(|it| it.at);
                let field = touch.map(only_field).unwrap_or_default();
                let seen = (ingress.exhibit, &ingress.it.meta);
                news.extend(self.news_in(seen, subject, touch, (Turn::Entrance, field)));
            }
        }
        news
    }

    fn news_of_service(&self, service: Seen<'_, Service>) -> Option<News> {
        let subject = service.meta.entity("Service");
        let touch = toucher(&service.it.meta, "spec");
        let field = touch.map(only_field).unwrap_or_default();
        // Whoever owns all of it may have changed any.
        let turn = match field.as_str() {
            "spec" => Turn::Ports,
            it if it.starts_with("spec.ports") => Turn::Ports,
            _ => Turn::Other,
        };
        self.news_in((service.exhibit, &service.it.meta), subject, touch, (turn, field))
    }

    /// That a CronJob which ran until then was told to start nothing any more, and none took over from it.
    pub(super) fn news_of_rest(&self, cron_job: Seen<'_, CronJob>) -> Option<News> {
        if !cron_job.suspended || self.successor(cron_job).is_some() {
            return None;
        }
        let field = "spec.suspend".to_owned();
        let touch = toucher(&cron_job.it.meta, &field)?;
        let last = cron_job.last_scheduled?;
        let ran_until = touch.at.is_some_and(|at| last <= at && at.duration_since(last) <= NEWS);
        let (subject, seen) =
            (cron_job.meta.entity("CronJob"), (cron_job.exhibit, &cron_job.it.meta));
        self.news_in(seen, subject, Some(touch), (Turn::Rest, field)).filter(|_| ran_until)
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
        (turn, field): (Turn, String),
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
    pub(super) fn news_of_template(&self, root: &Entity, workload: &Workload) -> Option<News> {
        let newest = self.revisions_of(root).into_iter().next()?;
        let at = self.revised_at(newest).filter(|it| self.is_news(Some(*it)))?;
        let spec = containers::pod_spec_path(&root.kind).to_owned();
        let turns = match self.two_newest(root) {
            Some((_, before)) => turns_between(&root.kind, &before.it.template, &workload.template),
            // Whoever keeps no older ones does not tell what it brought.
            None if workload.meta.created.is_some_and(|made| at <= made + MAKING) => Vec::new(),
            None => vec![(Turn::Other, spec.clone())],
        };
        let (turn, field) = match turns.as_slice() {
            [] => return None, // A remark, as whoever restarts it leaves.
            [one] => one.clone(),
            [(first, _), rest @ ..] => {
                let alike = rest.iter().all(|(turn, _)| turn == first);
                (if alike { *first } else { Turn::Other }, spec)
            }
        };
        let entity = newest.meta.entity(&newest.kind);
        let says = format!("{entity}, made at {at}, changed {field}");
        let cite = Cite::new(newest.exhibit, says);
        Some(News { subject: root.clone(), field, turn, at, cite })
    }
}

/// The one field that a touch is about, of those that tell how an entrance or Service leads to others; else what all of its
/// fields are parts of: `spec.ports`, `spec`.
fn only_field(touch: &Touch) -> String {
    let telling = || touch.fields.iter().filter(|it| !it.starts_with("metadata.labels"));
    let parts: BTreeSet<&str> = telling().map(|it| part(it)).collect();
    match (parts.first(), parts.len(), telling().count()) {
        (Some(_), 1, 1) => telling().cloned().collect(),
        (Some(part), 1, _) => (*part).to_owned(),
        _ => "spec".to_owned(),
    }
}

/// The first two steps of a path: `spec.ports` of `spec.ports[80].targetPort`.
fn part(field: &str) -> &str {
    let second = field.find('.').map_or(field.len(), |it| it + 1);
    let rest = field.get(second..).unwrap_or_default();
    let end = rest.find(['.', '[']).map_or(field.len(), |it| second + it);
    field.get(..end).unwrap_or(field)
}

/// What differs between two templates, with the fields.
fn turns_between(kind: &str, then: &PodSpec, now: &PodSpec) -> Vec<(Turn, String)> {
    let mut turns = Vec::new();
    let mut kept = then.clone();
    kept.containers.clone_from(&now.containers);
    let names = |it: &PodSpec| it.containers.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    if kept != *now || names(then) != names(now) {
        turns.push((Turn::Other, containers::pod_spec_path(kind).to_owned()));
    }
    for (then, now) in then.containers.iter().zip(&now.containers) {
        let path = containers::container_path(kind, now);
        let changed = turns_of(then, now).into_iter();
        turns.extend(changed.map(|(turn, field)| (turn, format!("{path}.{field}"))));
    }
    turns
}

/// Whether a name has one of the words by which switches are called.
fn are_switches(name: &str) -> bool {
    let mut parts = name.split(|it: char| !it.is_ascii_alphanumeric());
    parts.any(|it| SWITCHES.contains(&it.to_ascii_lowercase().as_str()))
}

/// What differs between two forms of a container, with the field.
fn turns_of(then: &Container, now: &Container) -> Vec<(Turn, String)> {
    let mut turns = Vec::new();
    let mut kept = then.clone();
    if then.image != now.image {
        turns.push((Turn::Image, "image".to_owned()));
        kept.image.clone_from(&now.image);
    }
    turns.extend(variables_changed(then, now).map(|it| (Turn::Setting, format!("env[{it}]"))));
    kept.env.clone_from(&now.env);
    if then.command != now.command {
        turns.push((Turn::Setting, "command".to_owned()));
        kept.command.clone_from(&now.command);
    }
    if then.args != now.args {
        turns.push((Turn::Setting, "args".to_owned()));
        kept.args.clone_from(&now.args);
    }
    let cpu = |it: &Container| it.limits.get("cpu").and_then(|it| quantity::thousandths(it));
    if let (then, Some(less)) = (cpu(then), cpu(now))
        && then.is_none_or(|it| less < it)
    {
        turns.push((Turn::Cpu, "resources.limits.cpu".to_owned()));
        // A request may not be above its limit.
        for (kept, now) in [(&mut kept.limits, &now.limits), (&mut kept.requests, &now.requests)] {
            kept.remove("cpu");
            kept.extend(now.get_key_value("cpu").map(|(key, it)| (key.clone(), it.clone())));
        }
    }
    if kept != *now {
        turns.push((Turn::Other, "spec".to_owned()));
    }
    turns
}

/// Names of the variables that differ, each once; where a name occurs twice, the last one counts.
fn variables_changed<'a>(then: &'a Container, now: &'a Container) -> impl Iterator<Item = &'a str> {
    let last = |of: &'a Container, name: &str| of.env.iter().rev().find(|it| it.name == name);
    let names: BTreeSet<&str> =
        now.env.iter().chain(&then.env).map(|it| it.name.as_str()).collect();
    names.into_iter().filter(move |name| last(then, name) != last(now, name))
}
