//! What was measured, with what each row of numbers says and the object that a human knows.

use super::keys::{Key, Sort};
use super::{Case, looking};
use crate::finding::Cite;
use crate::numbers::{self, Reading, worded};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::metric::{Alert, Bad, Measure, Measured, ScrapeTarget, Signal};
use jiff::{SignedDuration, Timestamp, Unit};
use std::collections::BTreeSet;

/// Numbers are scraped now and then, and rates are over some minutes: what lies closer together came at once.
const AT_ONCE: SignedDuration = SignedDuration::from_mins(6);

/// A row of numbers that goes on until now.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// The row.
    pub measure: Seen<'a, Measure>,
    /// What it says.
    pub reading: Reading,
    /// What it is now.
    pub now: f64,
    /// The object that it is about, as a human knows it: the workload rather than its pod.
    pub root: Entity,
}

impl Case {
    /// The rows of a signal that go on until now. One that broke off says nothing: rule OBS-01.
    pub fn told(&self, signal: Signal) -> Vec<Told<'_>> {
        self.measures().filter(|it| it.signal == signal).filter_map(|it| self.tell(it)).collect()
    }

    /// What a signal says of an object's own service; calls of others are left out.
    pub fn told_of(&self, signal: Signal, root: &Entity) -> Vec<Told<'_>> {
        let own = |it: &Told<'_>| it.root == *root && it.measure.peer.is_none();
        self.told(signal).into_iter().filter(own).collect()
    }

    fn tell<'a>(&'a self, measure: Seen<'a, Measure>) -> Option<Told<'a>> {
        let reading = *self.readings.get(&measure.exhibit)?;
        Some(Told { now: reading.now?, root: self.known_as(&measure.it.subject), measure, reading })
    }

    /// All rows, those that broke off among them.
    pub fn measures(&self) -> impl Iterator<Item = Seen<'_, Measure>> {
        self.all(Sort::Measure, looking::measure)
    }

    /// What a row says that may have broken off.
    pub fn reading(&self, measure: Seen<'_, Measure>) -> Option<Reading> {
        self.readings.get(&measure.exhibit).copied()
    }

    /// How much of each signal was looked at.
    pub fn measured(&self) -> impl Iterator<Item = Seen<'_, Measured>> {
        self.all(Sort::Measured, looking::measured)
    }

    /// Alerts.
    pub fn alerts(&self) -> impl Iterator<Item = Seen<'_, Alert>> {
        self.all(Sort::Alert, looking::alert)
    }

    /// Targets that are not scraped.
    pub fn scrape_targets(&self) -> impl Iterator<Item = Seen<'_, ScrapeTarget>> {
        self.all(Sort::ScrapeTarget, looking::scrape_target)
    }

    /// Whether numbers were looked at, and not only asked for.
    pub fn saw_numbers(&self) -> bool {
        self.measured().next().is_some()
    }

    /// The object that a human knows: the workload of a pod or of a name that metrics made up from one, the only workload
    /// behind a Service.
    pub fn known_as(&self, subject: &Entity) -> Entity {
        match subject.kind.as_str() {
            "Pod" => match self.pod(subject).seen() {
                Some(pod) => self.root_of(&pod.meta, "Pod"),
                None => self.workload_of_pod(subject),
            },
            "Deployment" | "StatefulSet" | "DaemonSet" => self.workload_of_name(subject),
            "Service" => {
                let Some(service) = self.service(&subject.namespace, &subject.name).seen() else {
                    return self.workload_of_name(subject);
                };
                let behind: BTreeSet<Entity> =
                    self.workloads_behind(service.it).map(|it| it.meta.entity(&it.kind)).collect();
                let mut behind = behind.into_iter();
                match (behind.next(), behind.next()) {
                    (Some(only), None) => only,
                    _ => subject.clone(),
                }
            }
            _ => subject.clone(),
        }
    }

    /// The workload that bears the name.
    fn workload_of_name(&self, subject: &Entity) -> Entity {
        self.named(subject, &subject.name).unwrap_or_else(|| subject.clone())
    }

    /// The workload whose controller gives its pods such a name: a healthy pod need not have been read.
    fn workload_of_pod(&self, pod: &Entity) -> Entity {
        let own = makers(&pod.name).find_map(|name| self.named(pod, name));
        own.unwrap_or_else(|| pod.clone())
    }

    fn named(&self, subject: &Entity, name: &str) -> Option<Entity> {
        let mut workloads = self.workloads_in(&subject.namespace);
        let found = workloads.find(|it| it.meta.name == name);
        found.map(|it| it.meta.entity(&it.kind)).or_else(|| {
            let mut jobs = self.jobs();
            let job = jobs.find(|it| {
                (&it.meta.namespace, it.meta.name.as_str()) == (&subject.namespace, name)
            })?;
            Some(self.root_of(&job.it.meta, "Job"))
        })
    }

    /// The workloads, Services and hosts that an object calls: as its metrics tell, and as it is configured.
    pub fn calls_of(&self, root: &Entity) -> BTreeSet<Entity> {
        let mut called = BTreeSet::new();
        for measure in self.measures().filter(|it| it.peer.is_some()) {
            if self.known_as(&measure.it.subject) == *root {
                called.extend(measure.it.peer.iter().map(|it| self.known_as(it)));
            }
        }
        for service in self.services() {
            let (namespace, name) = (&service.it.meta.namespace, &service.it.meta.name);
            if self.clients_of(namespace, name).any(|it| it.meta.entity(&it.kind) == *root) {
                called.insert(self.known_as(&service.meta.entity("Service")));
            }
        }
        called.remove(root);
        called
    }

    /// The names of the nodes that an object's pods run on.
    pub fn nodes_of(&self, root: &Entity) -> BTreeSet<String> {
        let seen = self.pods_of(root).map(|pod| pod.it.spec.node_name.clone());
        // Of CPU, the part is the node that it is used on.
        let measured = self.told(Signal::CpuUse).into_iter().filter(|it| it.root == *root);
        let measured = measured.map(|it| it.measure.part.clone());
        seen.chain(measured).filter(|it| !it.is_empty()).collect()
    }
}

impl Told<'_> {
    /// Since when it is otherwise than usual, where the change is for the worse and at least so much.
    pub fn worse_by(&self, least: f64) -> Option<Timestamp> {
        let by = match self.measure.signal.bad() {
            Bad::High => self.now - self.reading.usual,
            Bad::Low => self.reading.usual - self.now,
        };
        self.reading.since.filter(|_| by >= least)
    }

    /// Since when it is at least so many times what is usual.
    pub fn grew(&self, times: f64) -> Option<Timestamp> {
        self.reading.since.filter(|_| self.now >= self.reading.usual * times && self.now > 0.0)
    }

    /// A value of it in words.
    pub fn in_words(&self) -> String {
        worded::value(self.measure.signal, self.now)
    }

    /// `throttled periods of container web 62 %, usually 2 %`
    pub fn says(&self) -> String {
        let signal = self.measure.signal;
        let part = match self.measure.part.as_str() {
            "" => String::new(),
            part => format!(" ({part})"),
        };
        let calls = match &self.measure.peer {
            Some(peer) => format!(" of its calls to {peer}"),
            None => String::new(),
        };
        let mut text = format!("{}{calls}{part} {}", worded::name(signal), self.in_words());
        if let Some(since) = self.reading.since {
            // Nobody reads milliseconds.
            let since = since.round(Unit::Second).unwrap_or(since);
            let usual = worded::value(signal, self.reading.usual);
            text.push_str(&format!(" since {since}, before {usual}"));
        }
        text
    }

    /// Cites it for what it says.
    pub fn cite(&self) -> Cite {
        Cite::quoting(
            self.measure.exhibit,
            format!("{}: {}", self.measure.subject, self.says()),
            &self.measure.query,
        )
    }
}

/// Whether a cause that began at `cause` can have brought what began at `effect`. What has no beginning was always so: it
/// can have brought anything, and nothing that has a beginning brought it.
pub fn brought(cause: Option<Timestamp>, effect: Option<Timestamp>) -> bool {
    match (cause, effect) {
        (Some(cause), Some(effect)) => cause.duration_since(effect) <= AT_ONCE,
        (Some(_), None) => false,
        (None, _) => true,
    }
}

/// The names of who may have made a pod of this name: a DaemonSet, Job or StatefulSet, or a Deployment. What Kubernetes
/// puts behind their names has no vowels (`SafeEncodeString` of k8s.io/apimachinery), or is an ordinal.
fn makers(pod: &str) -> impl Iterator<Item = &str> {
    let (maker, last) = pod.rsplit_once('-').unwrap_or_default();
    let ordinal = !last.is_empty() && last.bytes().all(|it| it.is_ascii_digit());
    let generated = last.len() == 5 && is_generated(last);
    let direct = (ordinal || generated).then_some(maker);
    let (deployment, hash) = maker.rsplit_once('-').unwrap_or_default();
    let hashed = generated && (6..=10).contains(&hash.len()) && is_generated(hash);
    direct.into_iter().chain(hashed.then_some(deployment))
}

fn is_generated(part: &str) -> bool {
    part.bytes().all(|it| b"bcdfghjklmnpqrstvwxz2456789".contains(&it))
}

/// Whether both began at once.
pub fn at_once(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).abs() <= AT_ONCE
}

/// Under which key a row is found again.
pub(crate) fn key(measure: &Measure) -> Key {
    let peer = measure.peer.as_ref().map(ToString::to_string).unwrap_or_default();
    let detail = format!("{:?}\n{}\n{peer}", measure.signal, measure.part);
    Key { sort: Sort::Measure, entity: measure.subject.clone(), detail }
}

/// What a row says at a moment.
pub(crate) fn read(measure: &Measure, as_of: Timestamp) -> Option<Reading> {
    numbers::read(measure, as_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(pod: &str) -> Vec<&str> {
        makers(pod).collect()
    }

    #[test]
    fn only_what_controllers_put_behind_a_name_is_taken_off() {
        assert_eq!(made("web-5d7f9c8b6d-x7k2p"), ["web-5d7f9c8b6d", "web"]);
        assert_eq!(made("node-exporter-x7k2p"), ["node-exporter"]);
        assert_eq!(made("db-replica-0"), ["db-replica"]);
        assert_eq!(made("report-export-x7k2p"), ["report-export"]);
        assert_eq!(made("web-admin"), [""; 0]);
        assert_eq!(made("web"), [""; 0]);
    }

    #[test]
    fn what_was_always_so_was_not_brought_by_what_began() {
        let at = |minute: i64| Timestamp::from_second(minute * 60).ok();
        assert!(brought(at(10), at(12)));
        assert!(brought(at(12), at(10)), "at once");
        assert!(!brought(at(20), at(10)));
        assert!(!brought(at(20), None));
        assert!(brought(None, at(10)) && brought(None, None));
    }
}
