//! Programs that stand still: they run, and neither write what they always wrote, nor show their broker that they are there.

use super::Case;
use super::containers::Running;
use super::words::heartbeats::{Client, closed, says_accepted, says_connected, says_missed};
use super::words::store::Store;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::{Line, Log};
use evidence::question::Question;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Fewer lines tell nothing of how often a program writes.
const FEW: u32 = 10;
/// It writes nothing for this long, at least, and for so many of its usual pauses.
const SILENT: SignedDuration = SignedDuration::from_mins(10);
const PAUSES: i32 = 30;
/// A broker writes both lines of what it says at once.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(2);
/// Members of a broker whose logs are read: most have three.
const MEMBERS: usize = 3;

/// A program that stands still.
#[derive(Clone, Debug)]
pub struct Still<'a> {
    /// Its container.
    pub container: Running<'a>,
    /// When it wrote last.
    pub since: Timestamp,
    /// The Service of the broker that closed its connection.
    pub broker: Entity,
    /// What it wrote last, and what the broker said.
    pub proofs: Vec<Cite>,
    /// The broker names its address, and not only the name that it gave its connection.
    pub by_address: bool,
}

/// A program that wrote regularly, and writes no more.
struct Silent<'a> {
    container: Running<'a>,
    log: Seen<'a, Log>,
    last: &'a Line,
    at: Timestamp,
}

/// A connection that a broker closed because nothing came of its client.
struct Closed<'a> {
    client: Client,
    at: Timestamp,
    log: Seen<'a, Log>,
    line: &'a Line,
}

impl Case {
    /// Programs whose log stopped, and whose connection a broker closed since then, as heartbeats were missed; no other
    /// connection of theirs came after it.
    pub fn standing_still(&self) -> Vec<Still<'_>> {
        let silent = self.silent();
        if silent.is_empty() {
            return Vec::new();
        }
        let mut still = Vec::new();
        for (broker, members) in self.brokers() {
            let logs: Vec<Seen<'_, Log>> =
                members.iter().filter_map(|it| self.log_now(it)).collect();
            let closings: Vec<Closed<'_>> = logs.iter().flat_map(|it| closings(*it)).collect();
            for one in silent.iter().filter(|it| self.is_client(it.container.root, &broker)) {
                let found = closings.iter().filter(|it| it.at >= one.at).find_map(|closed| {
                    let by_address = self.is_of(&closed.client, one)?;
                    (!came_back(closed, &logs)).then_some((closed, by_address))
                });
                let Some((closed, by_address)) = found else { continue };
                still.push(self.still(one, closed, broker.clone(), by_address));
            }
        }
        still
    }

    /// The logs of brokers whose clients write no more.
    pub fn ask_brokers_of_silent(&self) -> Vec<Question> {
        let silent = self.silent();
        if silent.is_empty() {
            return Vec::new();
        }
        let mut questions = Vec::new();
        for (broker, members) in self.brokers() {
            if silent.iter().any(|it| self.is_client(it.container.root, &broker)) {
                questions.extend(members.iter().map(|it| it.ask_for_log(false)));
            }
        }
        questions
    }

    fn silent(&self) -> Vec<Silent<'_>> {
        let mut silent = Vec::new();
        for container in self.containers().filter(|it| !it.spec.init && it.status.ready) {
            let Some(log) = self.log_now(&container) else { continue };
            let starts = log.it.lines.iter().filter_map(|it| it.first.or(it.last)).min();
            let last = log.it.lines.iter().max_by_key(|it| it.last);
            let Some((last, at)) = last.and_then(|it| Some((it, it.last?))) else { continue };
            let Some(starts) = starts.filter(|_| log.it.read >= FEW) else { continue };
            let gaps = i32::try_from(log.it.read.saturating_sub(1)).unwrap_or(i32::MAX).max(1);
            let pause = at.duration_since(starts) / gaps;
            let least = pause.checked_mul(PAUSES).unwrap_or(SignedDuration::MAX).max(SILENT);
            if self.as_of.duration_since(at) >= least && self.is_news(Some(at)) {
                silent.push(Silent { container, log, last, at });
            }
        }
        silent
    }

    /// The Services before brokers that speak AMQP, and the containers that serve them.
    fn brokers(&self) -> Vec<(Entity, Vec<Running<'_>>)> {
        let is_broker = |it: &Running<'_>| Store::of_image(&it.spec.image) == Some(Store::Rabbit);
        let mut brokers = Vec::new();
        for service in self.services() {
            let behind: BTreeSet<Entity> =
                self.workloads_behind(service.it).map(|it| it.meta.entity(&it.kind)).collect();
            let members = self.all_containers().filter(|it| {
                behind.contains(it.root) && !it.spec.init && it.runs() && is_broker(it)
            });
            let members: Vec<Running<'_>> = members.take(MEMBERS).collect();
            if !members.is_empty() {
                brokers.push((service.meta.entity("Service"), members));
            }
        }
        brokers
    }

    fn is_client(&self, root: &Entity, broker: &Entity) -> bool {
        self.clients_of(&broker.namespace, &broker.name).any(|it| it.meta.entity(&it.kind) == *root)
    }

    /// Whether a connection is of a program, and whether its address says so. A client that gives its connection the name of
    /// a workload or a pod is that one, whatever stands between it and the broker; any other is whose address it has.
    fn is_of(&self, client: &Client, silent: &Silent<'_>) -> Option<bool> {
        let (pod, root) = (silent.container.pod, silent.container.root);
        let address = client.address.to_string();
        let by_address = pod.it.address == address && !pod.it.spec.host_network;
        let Some(name) = client.name.as_deref() else { return by_address.then_some(true) };
        let is_name = |it: &Running<'_>| it.root.name == name || it.pod.meta.name == name;
        if !self.all_containers().any(|it| is_name(&it)) {
            return by_address.then_some(true);
        }
        if pod.meta.name == name {
            return Some(by_address);
        }
        // Of several pods that call themselves alike only the address tells one.
        let alone = self.pods_of(root).filter(|it| it.it.phase == "Running").count() == 1
            && pod.it.alike == 0;
        (root.name == name && (alone || by_address)).then_some(by_address)
    }

    fn still<'a>(
        &self,
        silent: &Silent<'a>,
        closed: &Closed<'_>,
        broker: Entity,
        by_address: bool,
    ) -> Still<'a> {
        let Silent { container, log, last, at } = silent;
        let (pod, name) = (container.pod.meta.entity("Pod"), &container.spec.name);
        let wrote = format!("{pod}: container {name} runs, and wrote this last, at {at}");
        let heard = format!(
            "{broker}: its broker closed this connection at {}, as heartbeats were missed",
            closed.at
        );
        let proofs = vec![
            Cite::quoting(log.exhibit, wrote, &last.text),
            Cite::quoting(closed.log.exhibit, heard, &closed.line.text),
        ];
        Still { container: *container, since: *at, broker, proofs, by_address }
    }
}

/// The connections that a broker's log says it closed since heartbeats were missed. It says why in a line of its own, which
/// is of the one connection that it closed then.
fn closings(log: Seen<'_, Log>) -> Vec<Closed<'_>> {
    let mut found = Vec::new();
    let missed = log.it.lines.iter().filter(|it| says_missed(&it.text));
    let times: BTreeSet<Timestamp> = missed.flat_map(|it| [it.first, it.last]).flatten().collect();
    for time in times {
        let mut near = log.it.lines.iter().filter_map(|line| {
            let at = line.last.filter(|at| time.duration_since(*at).abs() <= AT_ONCE)?;
            Some(Closed { client: closed(&line.text)?, at, log, line })
        });
        if let (Some(one), None) = (near.next(), near.next()) {
            found.push(one);
        }
    }
    found
}

/// Whether the client of a connection may have come again: a log that tells nothing of who comes tells nothing of that, and
/// of those without a name only the last is kept.
fn came_back(closed: &Closed<'_>, logs: &[Seen<'_, Log>]) -> bool {
    let lines = || logs.iter().flat_map(|it| &it.it.lines);
    let later = |it: &&Line| it.last.is_none_or(|at| at >= closed.at);
    if !lines().any(|it| says_accepted(&it.text)) {
        return true;
    }
    match &closed.client.name {
        Some(name) => lines().filter(later).any(|it| says_connected(&it.text, name)),
        None => lines().filter(later).any(|it| says_accepted(&it.text)),
    }
}
