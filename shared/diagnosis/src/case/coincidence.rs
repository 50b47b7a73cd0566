//! The one thing that was changed before a trouble began, in all that those live by who have it. It proves little, and is for
//! what nothing else explains.

use super::Case;
use super::news::{News, Turn};
use super::touching::MAKING;
use super::troubles::Trouble;
use super::usage::names_host;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Between a change and what it broke, where the log shows when that began.
const SHORTLY: SignedDuration = SignedDuration::from_hours(1);
/// The same where the log shows nothing from before.
const LATELY: SignedDuration = SignedDuration::from_hours(6);

/// Kinds of objects that programs live by, that lead to them, or that work beside them.
const LIVED_BY: [&str; 10] = [
    "ConfigMap",
    "ControllerRevision",
    "DaemonSet",
    "Deployment",
    "Ingress",
    "Job",
    "NetworkPolicy",
    "ReplicaSet",
    "Service",
    "StatefulSet",
];

/// A change, and what followed it.
#[derive(Clone, Debug)]
pub struct Coincidence {
    /// The change.
    pub news: News,
    /// The workloads that repeat an error since then; none where users report what no log shows.
    pub followers: Vec<Follower>,
}

/// A workload that repeats an error since a change.
#[derive(Clone, Debug)]
pub struct Follower {
    /// The workload.
    pub root: Entity,
    /// Since when, where its log reaches back before it.
    pub since: Option<Timestamp>,
    /// The last line that says so.
    pub cite: Cite,
}

impl Case {
    /// What comes of the one change, where it is one of this sort.
    pub fn judge_coincidence(&self, turn: Turn) -> Option<Judgement> {
        let coincidence = self.coincidence().filter(|it| it.news.turn == turn)?;
        Some(Judgement::Proven(coincidence.finding()))
    }

    /// The one change that may be behind all troubles that any may be behind.
    pub fn coincidence(&self) -> Option<&Coincidence> {
        self.coincidence.get_or_init(|| self.find_coincidence()).as_ref()
    }

    fn find_coincidence(&self) -> Option<Coincidence> {
        // What nobody could read may have been changed as well.
        if LIVED_BY.iter().any(|kind| self.failed_to_look(kind, &self.scope.namespaces)) {
            return None;
        }
        let troubles = self.troubles();
        if troubles.is_empty() {
            return self.unheard_of();
        }
        let mut common: Option<Vec<News>> = None;
        let mut followers = Vec::new();
        for trouble in troubles {
            let behind = self.news_behind(&trouble);
            if behind.is_empty() {
                continue;
            }
            let Trouble { container, since, cite, .. } = trouble;
            followers.push(Follower { root: container.root.clone(), since, cite });
            common = Some(match common {
                None => behind,
                Some(common) => {
                    let again = |it: &News| behind.iter().any(|of| of.subject == it.subject);
                    common.into_iter().filter(again).collect()
                }
            });
        }
        Some(Coincidence { news: only(common?)?, followers })
    }

    /// The one change of an entrance, where users report a trouble that no log shows and nothing else was changed.
    fn unheard_of(&self) -> Option<Coincidence> {
        if !self.reported {
            return None;
        }
        let here = |it: &&Entity| self.is_in_scope(&it.namespace);
        let news = self.roots().filter(here).flat_map(|it| self.news_of(it)).collect();
        let news = only(news).filter(|it| it.turn == Turn::Entrance)?;
        Some(Coincidence { news, followers: Vec::new() })
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
        if trouble.first.is_some_and(|it| it.duration_since(news.at) < -MAKING) {
            return false;
        }
        match trouble.since {
            Some(since) => since.duration_since(news.at) <= SHORTLY,
            None => self.as_of.duration_since(news.at) <= LATELY,
        }
    }
}

/// The only object that was changed, and its latest change.
fn only(news: Vec<News>) -> Option<News> {
    let subjects: BTreeSet<&Entity> = news.iter().map(|it| &it.subject).collect();
    if subjects.len() != 1 {
        return None;
    }
    news.into_iter().max_by_key(|it| it.at)
}

impl Coincidence {
    /// What it comes to.
    pub fn finding(&self) -> Finding {
        let News { subject, field, at, cite, .. } = &self.news;
        let mut explains: Vec<Entity> = self.followers.iter().map(|it| it.root.clone()).collect();
        let whom = match explains.as_slice() {
            [] => "What users report".to_owned(),
            [one] => format!("The trouble of {one}"),
            [first, rest @ ..] => format!("The trouble of {first} and {} more", rest.len()),
        };
        let rest = match explains.as_slice() {
            [] => "there",
            _ => "that it lives by",
        };
        let errors = self.followers.iter().take(2).map(|it| it.cite.clone());
        let proofs: Vec<Cite> = errors.chain([cite.clone()]).collect();
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
