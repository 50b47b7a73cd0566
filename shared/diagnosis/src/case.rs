//! All that is known so far about one investigation.

mod absent;
pub mod actors;
pub mod addresses;
pub mod agents;
pub mod aggregated;
pub mod aloof;
pub mod asked_alert;
pub mod asked_words;
pub mod asleep;
pub mod awaiting;
pub mod blamed;
pub mod calls;
pub mod certificates;
pub mod coincidence;
pub mod commands;
pub mod complaints;
pub mod constraints;
pub mod containers;
pub mod corefile;
pub mod credentials;
pub mod crowding;
pub mod customs;
pub mod delays;
pub mod delivery;
pub mod denials;
pub mod dependencies;
pub mod destinations;
pub mod disputes;
pub mod draining;
pub mod echoes;
pub mod ended;
pub mod events;
pub mod evictions;
pub mod experiments;
pub mod expired;
pub mod growth;
pub mod hooks;
pub mod hosts;
mod hours;
pub mod hurting;
pub mod initialising;
pub mod issuers;
pub mod kept_off;
mod keys;
pub mod lapsed;
pub mod leaving;
pub mod limits;
pub mod links;
pub mod load;
pub mod looking;
pub mod lost_program;
pub mod measured;
pub mod meshes;
pub mod misled;
pub mod misled_routes;
pub mod missing;
pub mod misspelt;
pub mod monitors;
pub mod mounts;
pub mod moved;
pub mod news;
pub mod node_groups;
pub mod outdated;
pub mod outlived;
pub mod outside;
pub mod owners;
pub mod passage;
pub mod peers;
pub mod pinned;
pub mod plugins;
pub mod pools;
pub mod ports;
pub mod preempting;
pub mod pressure;
pub mod probes;
pub mod pulls;
pub mod quoted;
pub mod refrains;
pub mod releases;
mod repeated;
pub mod rescheduled;
pub mod resolving;
pub mod retuned;
pub mod rights;
pub mod roles;
pub mod rollouts;
pub mod room;
pub mod routes;
pub mod sandboxes;
pub mod scaling;
pub mod schedules;
pub mod schemes;
pub mod scrape_errors;
pub mod scraping;
pub mod selecting;
pub mod shortage;
pub mod stale;
pub mod stand_ins;
pub mod standing_by;
pub mod standing_still;
pub mod stopped;
pub mod stores;
pub mod storing;
pub mod stranded;
pub mod strays;
pub mod touching;
pub mod troubles;
pub mod turned_away;
pub mod unfit;
pub mod unnoticed;
pub mod unplaced;
pub mod unserved;
pub mod usage;
pub mod used_up;
pub mod visitors;
pub mod words;
pub mod written;

use self::coincidence::Coincidence;
use self::keys::{Key, key};
use self::words::said::{self, Said};
use crate::aim::Aim;
use crate::numbers::Reading;
use crate::rules::Rules;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::fact::event::{Line, Log};
use evidence::question::Question;
use evidence::scope::{Scope, Window};
use evidence::testimony::{Cost, Gap, Look, Source, Testimony};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// One investigation's knowledge. The same testimonies in the same order make the same case.
#[derive(Clone, Debug)]
pub struct Case {
    /// What was asked, in the asker's words.
    pub question: String,
    /// Where to look.
    pub scope: Scope,
    /// The moment that the case is about.
    pub as_of: Timestamp,
    /// The time to look at.
    pub window: Window,
    /// What the question wants to know.
    pub aim: Aim,
    /// Somebody who can tell numbers can be asked.
    pub numbers: bool,
    /// The question reports a trouble that Kubernetes need not show.
    pub reported: bool,
    /// The question tells of several troubles: a cause of one of them may not be all.
    pub several: bool,
    /// The question misses numbers: nothing is scraped, or a graph stays empty.
    pub misses_numbers: bool,
    /// The longest that what is reported can have lasted, where the question says since when.
    pub lasted: Option<SignedDuration>,
    /// The rules in force.
    pub rules: Rules,
    /// Ids of the failure modes that are not known to the judge: none, but where it is measured what it takes others for.
    pub unknown: BTreeSet<String>,
    /// Every fact heard; findings cite them by position.
    pub(crate) exhibits: Vec<Exhibit>,
    /// The calls that brought them.
    pub(crate) calls: Vec<Witnessed>,
    /// Facts by what they are and what they are about; the last one heard counts.
    pub(crate) index: BTreeMap<Key, usize>,
    /// Pods by the workload, Job or other object at the top of their owners.
    pub(crate) pods_by_root: BTreeMap<Entity, Vec<usize>>,
    /// Pods by each of their owners below that.
    pub(crate) pods_by_owner: BTreeMap<Entity, Vec<usize>>,
    /// Pods by the Service whose selector picks them.
    pub(crate) pods_by_service: BTreeMap<String, BTreeMap<String, Vec<usize>>>,
    /// Pods that show something, with the object at the top of their owners.
    pub(crate) telling_pods: Vec<(Entity, usize)>,
    /// ConfigMaps that several workloads read.
    pub(crate) shared_configs: BTreeSet<usize>,
    /// Event facts by the object they are about.
    pub(crate) events_by_subject: BTreeMap<Entity, Vec<usize>>,
    /// What the lines of logs say, by fact and line: read once, asked often.
    said: BTreeMap<usize, Vec<(usize, Said)>>,
    /// What rows of numbers say, by fact.
    readings: BTreeMap<usize, Reading>,
    /// The one change before a trouble: looked for once, asked for by several rules.
    coincidence: OnceLock<Option<Coincidence>>,
    looks: BTreeMap<(String, String), bool>,
    gaps: BTreeSet<Gap>,
    notices: BTreeSet<String>,
    asked: BTreeSet<Question>,
    cost: Cost,
    rounds: u32,
}

/// One fact, and the read behind it.
#[derive(Clone, Debug)]
pub(crate) struct Exhibit {
    /// Position among the calls.
    pub(crate) call: usize,
    /// Position among the call's reads.
    pub(crate) source: usize,
    /// What was seen.
    pub(crate) body: Body,
}

/// One call, as evidence names it.
#[derive(Clone, Debug)]
pub(crate) struct Witnessed {
    pub(crate) server: String,
    pub(crate) tool: String,
    pub(crate) arguments: serde_json::Value,
    pub(crate) sources: Vec<Source>,
}

impl Case {
    /// Opens a case about which nothing is known.
    pub fn open(question: &str, scope: Scope, as_of: Timestamp, window: Window) -> Self {
        Case {
            question: question.to_owned(),
            scope,
            as_of,
            window,
            aim: Aim::default(),
            numbers: false,
            reported: false,
            several: false,
            misses_numbers: false,
            lasted: None,
            rules: Rules::default(),
            unknown: BTreeSet::new(),
            exhibits: Vec::new(),
            calls: Vec::new(),
            index: BTreeMap::new(),
            pods_by_root: BTreeMap::new(),
            pods_by_owner: BTreeMap::new(),
            pods_by_service: BTreeMap::new(),
            telling_pods: Vec::new(),
            shared_configs: BTreeSet::new(),
            events_by_subject: BTreeMap::new(),
            said: BTreeMap::new(),
            readings: BTreeMap::new(),
            coincidence: OnceLock::new(),
            looks: BTreeMap::new(),
            gaps: BTreeSet::new(),
            notices: BTreeSet::new(),
            asked: BTreeSet::new(),
            cost: Cost::default(),
            rounds: 0,
        }
    }

    /// Notes that these questions were put. They are not put again, whatever came of them.
    pub fn ask(&mut self, questions: &[Question]) {
        self.rounds += 1;
        self.asked.extend(questions.iter().cloned());
    }

    /// Whether this question was put before.
    pub fn was_asked(&self, question: &Question) -> bool {
        self.asked.contains(question)
    }

    /// Whether any log was asked for.
    pub fn asked_for_logs(&self) -> bool {
        self.asked.iter().any(|question| matches!(question, Question::Logs { .. }))
    }

    /// Rounds of questions so far.
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Hears what one call brought.
    pub fn hear(&mut self, testimony: Testimony) {
        let call = self.calls.len();
        for fact in testimony.facts {
            self.index.insert(key(&fact.body), self.exhibits.len());
            if let Body::Log(log) = &fact.body {
                self.said.insert(self.exhibits.len(), said::all(log));
            }
            if let Body::Measure(measure) = &fact.body
                && let Some(reading) = measured::read(measure, self.as_of)
            {
                self.readings.insert(self.exhibits.len(), reading);
            }
            self.exhibits.push(Exhibit { call, source: fact.source, body: fact.body });
        }
        for Look { kind, namespace, complete } in testimony.looks {
            *self.looks.entry((kind, namespace)).or_insert(false) |= complete;
        }
        self.gaps.extend(testimony.gaps);
        self.notices.extend(testimony.notices);
        self.cost.upstream_requests += testimony.cost.upstream_requests;
        self.cost.upstream_bytes += testimony.cost.upstream_bytes;
        self.calls.push(Witnessed {
            server: testimony.server,
            tool: testimony.tool,
            arguments: testimony.arguments,
            sources: testimony.sources,
        });
        self.link();
        self.coincidence = OnceLock::new();
    }

    /// Every line of a log that says something, oldest first.
    pub fn said_in<'a>(
        &'a self,
        log: Seen<'a, Log>,
    ) -> impl DoubleEndedIterator<Item = (&'a Said, &'a Line)> {
        let said = self.said.get(&log.exhibit).map(Vec::as_slice).unwrap_or_default();
        said.iter().filter_map(move |(at, said)| Some((said, log.it.lines.get(*at)?)))
    }

    /// Notes something that could not be looked at.
    pub fn miss(&mut self, gap: Gap) {
        self.gaps.insert(gap);
    }

    /// What could not be looked at.
    pub fn gaps(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter()
    }

    /// What the witnesses had to say about themselves.
    pub fn notices(&self) -> impl Iterator<Item = &String> {
        self.notices.iter()
    }

    /// Calls heard so far.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// What the calls cost the upstreams.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// The fact of that number.
    pub fn body(&self, exhibit: usize) -> Option<&Body> {
        self.exhibits.get(exhibit).map(|exhibit| &exhibit.body)
    }

    /// Whether all objects of a kind were seen, in a namespace or (with an empty one) everywhere.
    pub fn looked(&self, kind: &str, namespace: &str) -> bool {
        let complete = |namespace: &str| {
            self.looks.get(&(kind.to_owned(), namespace.to_owned())).copied().unwrap_or(false)
        };
        complete("") || (!namespace.is_empty() && complete(namespace))
    }

    /// Whether a look at a kind in these namespaces (none: in any), or in all at once, failed or was cut short.
    pub fn failed_to_look(&self, kind: &str, namespaces: &[String]) -> bool {
        let of_kind = self.looks.keys().filter(|(it, _)| it == kind);
        let mut within = of_kind.map(|(_, namespace)| namespace).filter(|it| {
            namespaces.is_empty() || it.is_empty() || namespaces.iter().any(|of| of == *it)
        });
        within.any(|namespace| {
            let through = |it: &String| self.looked(kind, it);
            !through(namespace) && (namespaces.is_empty() || !namespaces.iter().all(through))
        })
    }

    /// Joins pods to their owners and events to their objects, once all facts are there.
    fn link(&mut self) {
        let mut pods: BTreeMap<Entity, Vec<usize>> = BTreeMap::new();
        let mut below: BTreeMap<Entity, Vec<usize>> = BTreeMap::new();
        let mut events: BTreeMap<Entity, Vec<usize>> = BTreeMap::new();
        for (key, exhibit) in &self.index {
            match self.body(*exhibit) {
                Some(Body::Pod(pod)) => {
                    let mut owners = self.owners_of(&pod.meta);
                    let root = owners.pop().unwrap_or_else(|| key.entity.clone());
                    pods.entry(root).or_default().push(*exhibit);
                    for owner in owners {
                        below.entry(owner).or_default().push(*exhibit);
                    }
                }
                Some(Body::Event(_)) => {
                    events.entry(key.entity.clone()).or_default().push(*exhibit);
                }
                _ => {}
            }
        }
        self.pods_by_root = pods;
        self.pods_by_owner = below;
        self.put_stand_ins();
        self.events_by_subject = events;
        self.pods_by_service = self.pods_selected();
        self.telling_pods = self.pods_that_tell();
        self.shared_configs = self.configs_shared();
    }
}
