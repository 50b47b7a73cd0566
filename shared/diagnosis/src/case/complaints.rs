//! What workloads' logs say is wrong, now: rules R2 and R3 for lines of logs.
//!
//! A healthy cluster's logs are full of errors. A line counts where the container fails, or where it runs and the line is
//! said again and again until now and was not always said; in both cases only while nothing after it says that it is over.

mod over;
mod ways;

use super::Case;
use super::containers::Running;
use super::pinned::pinned_to;
use super::rights::said_forbidden;
use super::words::levels::{is_heading, is_of_telemetry, is_quiet, says_error};
use super::words::peer::Peer;
use super::words::program::says_own_fault;
use super::words::said::Said;
use super::words::store::Store;
use super::words::stores::waits_for_room;
use super::words::trace;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::{Line, Log};
use evidence::fact::network::Service;
use evidence::fact::pod::State;
use jiff::{SignedDuration, Timestamp};
use over::is_over;
use std::collections::BTreeSet;
use std::mem::discriminant;

/// How often a running container must have said a thing: once is an accident, twice a retry.
const REPEATED: u32 = 3;
/// How often in a log that is short, where that was all it had to say.
const REPEATED_IN_FEW: u32 = 2;
/// A log of at most so many lines is short.
const FEW: u32 = 20;
/// The share of a log, in hundredths, that errors without a visible beginning must have: less is an old refrain.
const LOUD: u32 = 20;
/// The share that errors with a visible beginning must have, and all where users report a trouble.
const HEARD: u32 = 5;
/// What comes more seldom than this is no incident.
const RARE: SignedDuration = SignedDuration::from_mins(5);
/// A beginning shows where the log has this much before it, so that a slow start is none.
const BEFORE: SignedDuration = SignedDuration::from_mins(1);

/// One thing that is wrong, by the log of one container.
#[derive(Clone, Debug)]
pub struct Complaint<'a> {
    /// The container.
    pub container: Running<'a>,
    /// Its log.
    pub log: Seen<'a, Log>,
    /// The last line that says so.
    pub line: &'a Line,
    /// What it says.
    pub said: Said,
    /// The kind of store whose words it uses.
    pub store: Option<Store>,
    /// How often lines like it were said.
    pub count: u32,
    /// When it was first said, as far as the log reaches back.
    pub since: Option<Timestamp>,
    /// How often it says the same of anybody: a door has many behind it.
    pub(super) of_all: u32,
    /// The container fails. Else it runs, and its pod may be ready.
    pub fails: bool,
}

impl<'a> Complaint<'a> {
    /// The object at the top of the pod's owners.
    pub fn root(&self) -> &'a Entity {
        self.container.root
    }

    /// Cites the line.
    pub fn cite(&self) -> Cite {
        let pod = self.container.pod.meta.entity("Pod");
        let name = &self.container.spec.name;
        let times = match self.count {
            0 | 1 => String::new(),
            count => format!(", {count} times"),
        };
        let says = format!("{pod}: container {name} wrote that {}{times}", self.said.words());
        Cite::quoting(self.log.exhibit, says, &self.line.text)
    }

    /// Whether it waited for an answer until its patience ended.
    pub fn waits_in_vain(&self) -> bool {
        matches!(self.said, Said::TimedOut { .. })
    }

    /// The namespace in which a short name of it means a Service.
    pub fn namespace(&self) -> &'a str {
        &self.log.it.namespace
    }
}

impl Case {
    /// Everything that logs say is wrong now, one entry for each thing that a container says.
    pub fn complaints(&self) -> Vec<Complaint<'_>> {
        let mut complaints = Vec::new();
        for container in self.containers() {
            let fails = fails(self, &container);
            let log = if fails { self.words_of(&container) } else { self.log_now(&container) };
            let Some(log) = log else { continue };
            let mut said: Vec<Complaint<'_>> = Vec::new();
            let is_now = |said: &Said, line: &Line| {
                !is_quiet(&line.text) && !is_over(log.it, line, said, false)
            };
            let now: Vec<(&Said, &Line)> = match fails {
                true => self.said_of_work(log).collect(),
                false => self.said_in(log).filter(|(said, line)| is_now(said, line)).collect(),
            };
            for (said_now, line) in now {
                note(&mut said, container, log, line, said_now, fails);
            }
            if fails {
                ways::tell(log.it, &mut said);
            }
            take_in_nameless(&mut said);
            let mut said = self.by_service(said);
            let kinds: Vec<_> = said.iter().map(|it| (discriminant(&it.said), it.count)).collect();
            for one in &mut said {
                let alike = kinds.iter().filter(|(kind, _)| *kind == discriminant(&one.said));
                one.of_all = alike.map(|(_, count)| count).sum();
            }
            complaints.extend(said.into_iter().filter(|it| it.fails || self.is_said_now(it.line)));
        }
        let shared = self.shared(&complaints);
        let mut number = 0;
        complaints.retain(|it| {
            number += 1;
            it.fails || persists(self, it) || shared.contains(&(number - 1))
        });
        complaints
    }

    /// Proxies call the pods behind a Service by their addresses, one after the other: what is said of several is about the
    /// Service.
    fn by_service<'a>(&'a self, said: Vec<Complaint<'a>>) -> Vec<Complaint<'a>> {
        let mut merged: Vec<Complaint<'a>> = Vec::new();
        for one in said {
            let by_address =
                |it: &Complaint<'_>| it.said.peer().is_some_and(|it| it.address().is_some());
            let service = if by_address(&one) { self.complained_of(&one) } else { None };
            let same = service.and_then(|service| {
                merged.iter_mut().find(|it| {
                    it.said.is_like(&one.said)
                        && by_address(it)
                        && self.complained_of(it).is_some_and(|it| it.exhibit == service.exhibit)
                })
            });
            let Some(known) = same else {
                merged.push(one);
                continue;
            };
            known.count = known.count.saturating_add(one.count);
            known.since = known.since.into_iter().chain(one.since).min();
            if one.line.last >= known.line.last {
                known.line = one.line;
            }
        }
        merged
    }

    /// What the log of a container that fails says, but what is over, and what is about telemetry where the log names
    /// something else: nothing fails for that its telemetry is not taken.
    pub fn said_of_work<'a>(
        &'a self,
        log: Seen<'a, Log>,
    ) -> impl DoubleEndedIterator<Item = (&'a Said, &'a Line)> {
        let is_error = |it: &Line| says_error(&it.text) || says_own_fault(&it.text);
        let of_work = self.said_in(log).any(|(_, line)| !is_of_telemetry(&line.text))
            || log.it.lines.iter().any(|it| is_error(it) && !is_of_telemetry(&it.text));
        self.said_in(log).filter(move |(said, line)| {
            let aside = of_work && is_of_telemetry(&line.text);
            !aside && !is_over(log.it, line, said, true)
        })
    }

    /// Which of these complaints several workloads have: what one says once, and another says too, is no accident.
    fn shared(&self, complaints: &[Complaint<'_>]) -> BTreeSet<usize> {
        let mut shared = BTreeSet::new();
        for (number, one) in complaints.iter().enumerate() {
            let mut same = complaints.iter().filter(|other| {
                one.root() != other.root() && alike(one, other) && one.log.it != other.log.it
            });
            let Some(other) = same.next() else { continue };
            // What a server says of itself, again and again, need not be said again and again by who asks it.
            let stands = |it: &Complaint<'_>| it.fails || persists(self, it);
            let is_known = stands(other) || same.any(stands);
            if is_loud(one, one.log.it, if is_known { HEARD } else { LOUD }) {
                shared.insert(number);
            }
        }
        shared
    }

    /// The Service that a complaint is about: the one that the line names, or the one store of the line's kind that the
    /// container's environment names.
    pub fn complained_of(&self, complaint: &Complaint<'_>) -> Option<Seen<'_, Service>> {
        let namespace = complaint.namespace();
        if let Some(peer) = complaint.said.peer().filter(|it| !self.is_caller(it, namespace)) {
            let template = &complaint.container.pod.it.spec;
            let mut pinned = pinned_to(template, &peer.host).peekable();
            if pinned.peek().is_some() {
                // It calls whoever has that address, whatever Service bears the name.
                let at = |it: &str| Peer { host: it.to_owned(), port: peer.port };
                return pinned.find_map(|it| self.service_of(&at(it), namespace));
            }
            let named = self.service_of(peer, namespace);
            return named
                .or_else(|| self.store_of_old_address(peer, namespace))
                .or_else(|| self.behind_host(complaint));
        }
        let (template, store) = (&complaint.container.pod.it.spec, complaint.store?);
        let named = self.store_named_by(template, namespace, store);
        named.or_else(|| self.store_in_log(complaint.log.it, store))
    }

    /// The log of a container that runs now.
    pub fn log_now(&self, container: &Running<'_>) -> Option<Seen<'_, Log>> {
        let meta = &container.pod.meta;
        let runs = matches!(container.status.state, Some(State::Running { .. }));
        let log = self.log(&meta.namespace, &meta.name, &container.spec.name, false);
        log.filter(|_| runs)
    }
}

/// Whether a container does not do what it is there for: it ended and that keeps its pod from working, or is not ready.
fn fails(case: &Case, container: &Running<'_>) -> bool {
    if container.spec.init && !container.spec.sidecar {
        let ran =
            matches!(&container.status.state, Some(State::Terminated(it)) if it.exit_code == 0);
        return !container.status.ready && !ran;
    }
    // One that ends again and again is ready in between.
    case.fails_by_ending(container).is_some()
        || container.is_crash_looping()
        || !container.status.ready && container.pod.it.phase != "Succeeded"
}

/// Whether two say the same, of the same peer, or of stores of one kind where one of them names none.
fn alike(one: &Complaint<'_>, other: &Complaint<'_>) -> bool {
    let nameless = one.said.peer().is_none() || other.said.peer().is_none();
    let same_store = nameless && one.store.is_some() && one.store == other.store;
    one.said == other.said || same_store && discriminant(&one.said) == discriminant(&other.said)
}

/// Takes a line in: with what is known already, where the same was said of the same peer.
fn note<'a>(
    known: &mut Vec<Complaint<'a>>,
    container: Running<'a>,
    log: Seen<'a, Log>,
    line: &'a Line,
    said: &Said,
    fails: bool,
) {
    let count = line.count.max(1);
    let since = line.first.or(line.last);
    let same = known.iter_mut().find(|it| it.said == *said);
    if let Some(it) = same {
        it.count = it.count.saturating_add(count);
        it.since = it.since.into_iter().chain(since).min();
        // Of the lines of one failure not each one names the store.
        it.store = it.store.or_else(|| trace::store_of(log.it, line));
        if line.last >= it.line.last {
            it.line = line;
        }
        return;
    }
    let store = trace::store_of(log.it, line);
    let said = said.clone();
    known.push(Complaint { container, log, line, said, store, count, since, of_all: count, fails });
}

/// Programs tell one failure in several lines, and only some of these name the peer: where one container says a thing of one
/// peer alone, what it says of nobody is about that one.
fn take_in_nameless(said: &mut Vec<Complaint<'_>>) {
    let (nameless, mut named): (Vec<Complaint<'_>>, Vec<Complaint<'_>>) =
        said.drain(..).partition(|it| it.said.peer().is_none());
    for one in nameless {
        let mut alike =
            named.iter_mut().filter(|it| discriminant(&it.said) == discriminant(&one.said));
        match (alike.next(), alike.next()) {
            (Some(of_peer), None) => {
                of_peer.count = of_peer.count.saturating_add(one.count);
                of_peer.since = of_peer.since.into_iter().chain(one.since).min();
            }
            _ => said.push(one),
        }
    }
    said.append(&mut named);
}

fn wants_to_write(said: &Said) -> bool {
    let Said::Forbidden { what } = said else { return false };
    ["create ", "delete ", "patch ", "update "].iter().any(|it| what.starts_with(it))
}

/// Whether a running container goes on saying a thing: often, until now, and not since always.
fn persists(case: &Case, complaint: &Complaint<'_>) -> bool {
    let log = complaint.log.it;
    // What the API server refuses it refuses until somebody changes a role: asked about that program, once is enough; so
    // it is where a trouble is reported and somebody wanted to write, which nobody does to see whether he may.
    let refused = said_forbidden(&complaint.line.text).is_some();
    let asked = case.asked_object().as_ref() == Some(complaint.root());
    if refused
        && complaint.line.last.is_some()
        && (asked || case.reported && wants_to_write(&complaint.said))
    {
        return true;
    }
    // What has expired stays so until somebody changes it.
    if complaint.said == Said::SecretExpired
        && (asked || case.reported)
        && complaint.line.last.is_some()
    {
        return true;
    }
    // Nobody says so but a server that is full, and traces make it a small part of any log.
    let full = matches!(complaint.said, Said::TooManyConnections { .. });
    if full && case.reported && complaint.count >= REPEATED && complaint.line.last.is_some() {
        return true;
    }
    // An alarm is said once, and not again and again; so is that a server waits for room.
    let alarm = matches!(complaint.said, Said::PublishersBlocked | Said::MemoryAlarm);
    if alarm || waits_for_room(&complaint.line.text) {
        return true;
    }
    let written: u32 = log.lines.iter().map(|it| it.count.max(1)).sum();
    let short = written.max(log.read) <= FEW;
    if complaint.count < if short { REPEATED_IN_FEW } else { REPEATED } {
        return false;
    }
    let Some(last) = complaint.line.last else {
        // Without times the end of the log is now.
        let tail = log.lines.len().saturating_sub(3);
        let late = log.lines.iter().skip(tail).any(|it| std::ptr::eq(it, complaint.line));
        return late && is_loud(complaint, log, LOUD);
    };
    if !case.rules.baseline {
        return true;
    }
    let begins = log.lines.iter().filter_map(|it| it.first.or(it.last)).min();
    let (Some(since), Some(begins)) = (complaint.since, begins) else {
        return is_loud(complaint, log, LOUD);
    };
    let gaps = i32::try_from(complaint.count.saturating_sub(1)).unwrap_or(i32::MAX).max(1);
    let interval = last.duration_since(since) / gaps;
    if interval > RARE {
        return false;
    }
    // It was otherwise before: the beginning shows, and is more than the pause between two of them.
    let begun = since.duration_since(begins) >= BEFORE.max(interval * 3);
    let before = since < case.window.start;
    match (begun, before) {
        (true, false) => is_loud(complaint, log, HEARD),
        // Where users tell of a trouble, it need not be most of what is said.
        (true, true) | (false, false) => {
            is_loud(complaint, log, if case.reported { HEARD } else { LOUD })
        }
        // It was so before the time that was asked about, as far as anybody can see.
        (false, true) => false,
    }
}

/// The frames of a trace are of the error that they follow: they say nothing else.
fn is_loud(complaint: &Complaint<'_>, log: &Log, share: u32) -> bool {
    let count = |it: &Line| it.count.max(1);
    let written: u32 = log.lines.iter().map(count).sum();
    let says_nothing = |it: &&Line| trace::is_frame(&it.text) || is_heading(&it.text);
    let frames: u32 = log.lines.iter().filter(says_nothing).map(count).sum();
    let others = written.max(log.read).saturating_sub(frames);
    complaint.of_all.saturating_mul(100) >= others.saturating_mul(share)
}
