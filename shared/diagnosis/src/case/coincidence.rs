//! The one thing that was changed before a trouble began, in all that those live by who have it. It proves little, and is for
//! what nothing else explains.

use super::Case;
use super::news::{News, Turn};
use super::touching::MAKING;
use super::troubles::Trouble;
use super::usage::names_host;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::report::Remedy;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::slice;

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

/// What is to be said against all of them.
const CHANCE: &str =
    "that it came after the change may be chance, and nobody sees when a Secret was changed";

/// Those of them that each survey looks for.
const SURVEYED: [&str; 4] = ["ConfigMap", "Deployment", "Ingress", "Service"];

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
        let troubles = self.troubles();
        if troubles.is_empty() {
            return self.unheard_of();
        }
        let mut common: Option<Vec<News>> = None;
        let mut followers = Vec::new();
        for trouble in troubles {
            let behind = self.news_behind(&trouble)?;
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
        let Some(mut common) = common else { return self.unheard_of() };
        // What cannot even be pulled was not tried: that is another story.
        let pulls = self.pulls();
        common.retain(|news| !pulls.iter().any(|it| *it.container.root == news.subject));
        Some(Coincidence { news: only(common)?, followers })
    }

    /// The one change of an entrance, or that a CronJob or a workload runs nothing any more, where users report a trouble,
    /// those whom the entrance leads to were heard and say nothing of it, and nothing else was changed in the namespaces that
    /// were asked about; where none was, in those that were looked into for the words of the question.
    fn unheard_of(&self) -> Option<Coincidence> {
        if !self.reported || !self.scope.namespaces.iter().all(|it| self.knows(it)) {
            return None;
        }
        let looked_into = |it: &String| self.is_in_scope(it) && self.knows(it);
        let resting = self.cron_jobs().filter(|it| looked_into(&it.it.meta.namespace));
        let mut all: Vec<News> = resting.filter_map(|it| self.news_of_rest(it)).collect();
        let stopped = self.workloads().filter(|it| looked_into(&it.it.meta.namespace));
        all.extend(stopped.filter_map(|it| self.news_of_stop(it)));
        let mut led = Vec::new();
        for root in self.roots().filter(|it| looked_into(&it.namespace)) {
            let news = self.news_of(root).unwrap_or_default();
            if news.iter().any(|it| it.turn == Turn::Entrance) {
                led.push(root);
            }
            all.extend(news);
        }
        let unseen = |it: &News| matches!(it.turn, Turn::Entrance | Turn::Rest | Turn::Stop);
        let news = only(all).filter(unseen)?;
        let heard = |root: &Entity| {
            self.containers().any(|it| it.root == root && self.log_now(&it).is_some())
        };
        led.into_iter().all(heard).then_some(Coincidence { news, followers: Vec::new() })
    }

    /// Whether all was seen that programs of a namespace live by: what nobody could read may have been changed as well. A
    /// survey does not look for revisions where nothing has any.
    fn knows(&self, namespace: &String) -> bool {
        SURVEYED.iter().all(|kind| self.looked(kind, namespace))
            && !LIVED_BY.iter().any(|kind| self.failed_to_look(kind, slice::from_ref(namespace)))
    }

    /// What was changed before it, in what the troubled lives by and in what those live by whom it calls: of all that it is
    /// told of, or of whom its error names. None where not all of that was seen.
    fn news_behind(&self, trouble: &Trouble<'_>) -> Option<Vec<News>> {
        let root = trouble.container.root;
        // Of what is no workload, as a Job, nobody can tell what it was before.
        let Some(mut news) = self.news_of(root) else { return Some(Vec::new()) };
        let called: Vec<Entity> = self.calls_of(root).into_iter().collect();
        let named = |it: &&Entity| self.is_named_in(it, trouble);
        let named: Vec<&Entity> = called.iter().filter(named).collect();
        let called = if named.is_empty() { called.iter().collect() } else { named };
        if !self.knows(&root.namespace) || called.iter().any(|it| !self.knows(&it.namespace)) {
            return None;
        }
        for one in called {
            news.extend(self.news_of(one)?);
        }
        news.retain(|it| self.may_be_behind(it, trouble));
        Some(news)
    }

    /// Whether an error names a Service before a workload.
    fn is_named_in(&self, called: &Entity, trouble: &Trouble<'_>) -> bool {
        let from = &trouble.container.pod.it.meta.namespace;
        let names = |name: &str| names_host(&trouble.cite.excerpt, name, &called.namespace, from);
        match self.workload(called).seen() {
            Some(workload) => self.services_before(workload.it).any(|it| names(&it.it.meta.name)),
            None => called.kind == "Service" && names(&called.name),
        }
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

/// Whether a finding is one of a mere coincidence: what understands the error tells more.
pub fn is_coincidence(finding: &Finding) -> bool {
    finding.doubts.iter().any(|it| it.says == CHANCE)
}

/// What a human might do about a change that came before a trouble.
pub fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let field = finding.field.as_deref().unwrap_or("spec");
    vec![Remedy {
        action: format!(
            "Look at what the last change of {field} of {subject} was; if it can be behind the trouble, take it back in its source."
        ),
        command: kubectl::object("get", subject, "-o yaml --show-managed-fields"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The errors that came after it are not repeated any more.".to_owned(),
    }]
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
        let known =
            !self.followers.is_empty() && self.followers.iter().all(|it| it.since.is_some());
        let rest = match explains.as_slice() {
            [] => "there was seen to change within a day",
            _ if known => "that it lives by was seen to change in the hour before",
            _ => "that it lives by was seen to change in these six hours",
        };
        let errors = self.followers.iter().take(2).map(|it| it.cite.clone());
        let proofs: Vec<Cite> = errors.chain([cite.clone()]).collect();
        explains.push(subject.clone());
        Finding {
            field: Some(field.clone()),
            value: None,
            statement: format!(
                "{whom} came after {field} of {subject} was changed at {at}, and nothing else {rest}."
            ),
            proofs,
            doubts: vec![Cite::new(cite.exhibit, CHANCE)],
            strength: Strength::Suggestive,
            explains,
            subject: subject.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Coincidence, is_coincidence, remedy};
    use crate::case::news::{News, Turn};
    use crate::finding::Cite;
    use evidence::entity::Entity;

    #[test]
    fn it_is_known_by_its_doubt_and_advises_to_look_at_the_change() {
        let news = News {
            subject: Entity::new("Service", "shop", "pages"),
            field: "spec.ports".to_owned(),
            turn: Turn::Ports,
            at: "2026-11-21T11:40:00Z".parse().unwrap(),
            cite: Cite::new(0, "spec.ports was set"),
        };
        let mut finding = Coincidence { news, followers: Vec::new() }.finding();
        assert!(is_coincidence(&finding));
        let advice = remedy(&finding).remove(0).action;
        assert!(advice.contains("the last change of spec.ports of Service shop/pages"), "{advice}");
        finding.doubts.clear();
        assert!(!is_coincidence(&finding));
    }
}
