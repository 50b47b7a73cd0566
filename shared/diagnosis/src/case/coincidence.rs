//! The one thing that was changed before a trouble began, in all that those live by who have it. It proves little, and is for
//! what nothing else explains.

use super::Case;
use super::containers::Running;
use super::news::{News, Turn};
use super::touching::MAKING;
use super::usage::names_host;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::fact::event::Log;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Between a change and what it broke, where the log shows when that began.
const SHORTLY: SignedDuration = SignedDuration::from_hours(1);
/// The same where the log shows nothing from before.
const LATELY: SignedDuration = SignedDuration::from_hours(6);

/// How often an error must have been said; and where nothing tells since when: programs say many things when they start.
const OFTEN: u32 = 3;
const VERY_OFTEN: u32 = 6;

/// An error that a container repeats now.
#[derive(Clone, Debug)]
pub struct Trouble<'a> {
    /// Who repeats it.
    pub container: Running<'a>,
    /// Since when, where the log reaches back before it.
    pub since: Option<Timestamp>,
    /// The last such line.
    pub cite: Cite,
}

/// A change, and the troubles that followed it.
#[derive(Clone, Debug)]
pub struct Coincidence<'a> {
    /// The change.
    pub news: News,
    /// What followed; none where users report what no log shows.
    pub troubles: Vec<Trouble<'a>>,
}

impl Case {
    /// The errors that those repeat who fail, or of whom users report a trouble; one of each workload that was asked about.
    pub fn troubles(&self) -> Vec<Trouble<'_>> {
        let mut troubles: Vec<Trouble<'_>> = Vec::new();
        for container in self.containers().filter(|it| !it.spec.init) {
            let fails = !container.status.ready;
            let here = self.is_in_scope(&container.pod.meta.namespace);
            let known = troubles.iter().any(|it| it.container.root == container.root);
            if !here || known || !(fails || self.reported) {
                continue;
            }
            let log = if fails { self.words_of(&container) } else { self.log_now(&container) };
            let Some(log) = log else { continue };
            let Some(refrain) = self.refrain(log.it) else { continue };
            let since = refrain.since.filter(|since| begins_before(log.it, *since));
            if refrain.count < if since.is_some() { OFTEN } else { VERY_OFTEN } && !fails {
                continue;
            }
            let pod = container.pod.meta.entity("Pod");
            let says = format!("{pod} repeats an error, {} times", refrain.count);
            let cite = Cite::quoting(log.exhibit, says, &refrain.line.text);
            troubles.push(Trouble { container, since, cite });
        }
        for complaint in self.complaints() {
            let here = self.is_in_scope(&complaint.container.pod.meta.namespace);
            let known = troubles.iter().any(|it| it.container.root == complaint.root());
            if here && !known && (complaint.fails || self.reported) {
                let (container, cite) = (complaint.container, complaint.cite());
                let since = complaint.since.filter(|it| begins_before(complaint.log.it, *it));
                troubles.push(Trouble { container, since, cite });
            }
        }
        troubles
    }

    /// What comes of the one change, where it is one of this sort.
    pub fn judge_coincidence(&self, turn: Turn) -> Option<Judgement> {
        let coincidence = self.coincidence().filter(|it| it.news.turn == turn)?;
        Some(Judgement::Proven(coincidence.finding()))
    }

    /// The one change that may be behind all troubles that any may be behind.
    pub fn coincidence(&self) -> Option<Coincidence<'_>> {
        // What nobody could read may have been changed as well.
        if self.failed_to_look("ConfigMap", &self.scope.namespaces) {
            return None;
        }
        let troubles = self.troubles();
        if troubles.is_empty() {
            return self.unheard_of();
        }
        let mut common: Option<Vec<News>> = None;
        let mut explained = Vec::new();
        for trouble in troubles {
            let behind = self.news_behind(&trouble);
            if behind.is_empty() {
                continue;
            }
            explained.push(trouble);
            common = Some(match common {
                None => behind,
                Some(common) => {
                    let again = |it: &News| behind.iter().any(|of| of.subject == it.subject);
                    common.into_iter().filter(again).collect()
                }
            });
        }
        Some(Coincidence { news: only(common?)?, troubles: explained })
    }

    fn is_in_scope(&self, namespace: &String) -> bool {
        self.scope.namespaces.is_empty() || self.scope.namespaces.contains(namespace)
    }

    /// The one change of an entrance, where users report a trouble that no log shows and nothing else was changed.
    fn unheard_of(&self) -> Option<Coincidence<'_>> {
        if !self.reported {
            return None;
        }
        let here = |it: &&Entity| self.is_in_scope(&it.namespace);
        let news = self.roots().filter(here).flat_map(|it| self.news_of(it)).collect();
        let news = only(news).filter(|it| it.turn == Turn::Entrance)?;
        Some(Coincidence { news, troubles: Vec::new() })
    }

    /// What was changed before it, in what the troubled lives by and in what those live by whom it calls: of all that it is
    /// told of, or of whom its error names.
    fn news_behind(&self, trouble: &Trouble<'_>) -> Vec<News> {
        let root = trouble.container.root;
        let mut news = self.news_of(root);
        let called: Vec<Entity> = self.calls_of(root).into_iter().collect();
        let named = |it: &&Entity| self.is_named_in(it, trouble);
        let named: Vec<&Entity> = called.iter().filter(named).collect();
        let called = if named.is_empty() { called.iter().collect() } else { named };
        news.extend(called.into_iter().flat_map(|it| self.news_of(it)));
        news.retain(|it| self.may_be_behind(it, trouble));
        news
    }

    /// Whether an error names a Service before a workload.
    fn is_named_in(&self, called: &Entity, trouble: &Trouble<'_>) -> bool {
        let Some(workload) = self.workload(called).seen() else { return false };
        let from = &trouble.container.pod.it.meta.namespace;
        let names = |name: &str| names_host(&trouble.cite.excerpt, name, &called.namespace, from);
        self.services_before(workload.it).any(|it| names(&it.it.meta.name))
    }

    fn may_be_behind(&self, news: &News, trouble: &Trouble<'_>) -> bool {
        match trouble.since {
            Some(since) => {
                let before = since.duration_since(news.at);
                before >= -MAKING && before <= SHORTLY
            }
            None => self.as_of.duration_since(news.at) <= LATELY,
        }
    }
}

/// Whether a log reaches back before a moment.
fn begins_before(log: &Log, moment: Timestamp) -> bool {
    let mut times = log.lines.iter().filter_map(|it| it.first.or(it.last));
    times.any(|it| it < moment)
}

/// The only object that was changed, and its latest change.
fn only(news: Vec<News>) -> Option<News> {
    let subjects: BTreeSet<&Entity> = news.iter().map(|it| &it.subject).collect();
    if subjects.len() != 1 {
        return None;
    }
    news.into_iter().max_by_key(|it| it.at)
}

impl Coincidence<'_> {
    /// What it comes to.
    pub fn finding(&self) -> Finding {
        let News { subject, field, at, cite, .. } = &self.news;
        let mut explains: Vec<Entity> =
            self.troubles.iter().map(|it| it.container.root.clone()).collect();
        let whom = match explains.as_slice() {
            [] => "What users report".to_owned(),
            [one] => format!("The trouble of {one}"),
            [first, rest @ ..] => format!("The trouble of {first} and {} more", rest.len()),
        };
        let rest = match explains.as_slice() {
            [] => "there",
            _ => "that it lives by",
        };
        let troubles = self.troubles.iter().take(2).map(|it| it.cite.clone());
        let proofs: Vec<Cite> = troubles.chain([cite.clone()]).collect();
        explains.push(subject.clone());
        let doubt = "that it came after the change may be chance".to_owned();
        Finding {
            field: Some(field.clone()),
            value: None,
            statement: format!(
                "{whom} came after {field} of {subject} was changed at {at}, and nothing else {rest} was seen to change."
            ),
            proofs,
            doubts: vec![Cite::new(cite.exhibit, doubt)],
            strength: Strength::Suggestive,
            explains,
            subject: subject.clone(),
        }
    }
}
