//! What the cluster said: events read, and those that say the same about the same workload as one.

use crate::sentence::short;
use crate::translate::event::Groups;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::EVENTS;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::testimony::Source;
use jiff::Timestamp;
use mcp::age::ago;
use mcp::failure::{Code, Failure};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A list that still arrives at the deadline ends with what has arrived; one that does not arrive is given up then.
const GRACE: Duration = Duration::from_millis(300);

/// What pods and their controllers say of every pod, in the order in which they say it.
const ROUTINE: &[&str] = &[
    "ScalingReplicaSet",
    "SuccessfulCreate",
    "SuccessfulDelete",
    "Scheduled",
    "SuccessfulAttachVolume",
    "Pulling",
    "BackOff",
    "Pulled",
    "Created",
    "Started",
];

/// Events that were read.
pub(crate) struct Said {
    /// One for each object, reason and message.
    pub(crate) events: Vec<Event>,
    /// The read.
    pub(crate) source: Source,
    /// Why it is not all there is.
    pub(crate) cut: Option<String>,
}

/// Several events that say the same about the same workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Saying {
    /// It is a `Warning`.
    pub(crate) warning: bool,
    /// `FailedScheduling`, `BackOff`, ...
    pub(crate) reason: String,
    /// The object, or what the names of several of them begin with.
    pub(crate) about: String,
    /// The namespace and what the object's name says of its workload, as `shop/web`.
    pub(crate) of: String,
    /// Different objects.
    pub(crate) objects: usize,
    /// How often.
    pub(crate) count: u32,
    /// First time.
    pub(crate) first: Option<Timestamp>,
    /// Last time.
    pub(crate) last: Option<Timestamp>,
    /// The last of the messages.
    pub(crate) message: String,
}

/// Reads the events that the field selector selects.
///
/// # Errors
/// As the API server refuses.
pub(crate) async fn read(
    client: &Client,
    reach: Reach<'_>,
    fields: String,
    deadline: Instant,
) -> Result<Said, Failure> {
    let options = ListOptions { fields, ..ListOptions::default() };
    let mut groups = Groups::default();
    let kind = EVENTS;
    let listed = client.each(&kind, reach, &options, |event| {
        if Instant::now() >= deadline {
            return ControlFlow::Break(());
        }
        groups.add(event);
        ControlFlow::Continue(())
    });
    let walk = timeout_at(deadline + GRACE, listed).await.map_err(|_| late())?;
    let walk = walk.map_err(|refusal| Failure::from(&refusal))?;
    let cut = walk.cut.as_ref().map(ToString::to_string);
    let source =
        Source { method: "GET".to_owned(), path: walk.path, observed_at: walk.observed_at };
    Ok(Said { events: groups.all().collect(), source, cut })
}

/// A field selector for the events about one object.
pub(crate) fn about(entity: &Entity) -> String {
    format!("involvedObject.kind={},involvedObject.name={}", entity.kind, entity.name)
}

/// The events as sayings: warnings first, then the latest. Each event as one where they are not to be grouped.
pub(crate) fn sayings(events: &[&Event], grouped: bool) -> Vec<Saying> {
    let mut together: BTreeMap<(String, String, String), Vec<&Event>> = BTreeMap::new();
    for event in events {
        let (about, message) = match grouped {
            true => (workload(&event.subject), shape(event)),
            false => (event.subject.to_string(), event.message.clone()),
        };
        together.entry((about, event.reason.clone(), message)).or_default().push(event);
    }
    let mut sayings: Vec<Saying> =
        together.into_iter().filter_map(|((about, ..), alike)| saying(about, &alike)).collect();
    sayings.sort_by_key(|it| (Reverse(it.warning), Reverse(it.last)));
    sayings
}

fn saying(about: String, alike: &[&Event]) -> Option<Saying> {
    let latest = alike.iter().max_by_key(|event| event.last)?;
    let objects: BTreeSet<&Entity> = alike.iter().map(|event| &event.subject).collect();
    let about = if objects.len() == 1 { latest.subject.to_string() } else { about };
    let of = format!("{}/{}", latest.subject.namespace, stem(&latest.subject));
    Some(Saying {
        of,
        warning: alike.iter().any(|event| event.warning),
        reason: latest.reason.clone(),
        about,
        objects: objects.len(),
        count: alike.iter().map(|event| event.count).fold(0, u32::saturating_add),
        first: alike.iter().filter_map(|event| event.first).min(),
        last: latest.last,
        message: latest.message.clone(),
    })
}

/// What an object belongs to, by its name alone: `Pod shop/web-*` for `web-7d4b9c8f6d-x2x9k`.
fn workload(subject: &Entity) -> String {
    let stem = stem(subject);
    if stem == subject.name {
        return subject.to_string();
    }
    format!("{} {}/{stem}-*", subject.kind, subject.namespace)
}

/// The name without the parts that a controller makes up.
fn stem(subject: &Entity) -> &str {
    let mut stem = subject.name.as_str();
    if !matches!(subject.kind.as_str(), "Pod" | "ReplicaSet" | "Job") {
        return stem;
    }
    let is_made = |part: &str| part.bytes().any(|byte| byte.is_ascii_digit()) || part.len() == 5;
    while let Some((before, _)) = stem.rsplit_once('-').filter(|(_, part)| is_made(part)) {
        stem = before;
    }
    stem
}

/// The message without what differs between objects that suffer alike: the object's name, and words with a number in them.
fn shape(event: &Event) -> String {
    let message = event.message.replace(&event.subject.name, "*");
    let words = message.split(' ');
    let words =
        words.map(|word| if word.bytes().any(|byte| byte.is_ascii_digit()) { "#" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// It says that a pod went the way that all pods go, in the order of that way.
pub(crate) fn routine(it: &Saying) -> Option<usize> {
    ROUTINE.iter().position(|reason| !it.warning && *reason == it.reason)
}

/// The sayings, those that are routine as one for each workload and after the others.
pub(crate) fn folded(sayings: Vec<Saying>) -> Vec<Saying> {
    let (routine, mut folded): (Vec<_>, Vec<_>) =
        sayings.into_iter().partition(|it| routine(it).is_some());
    let mut together: BTreeMap<String, Vec<Saying>> = BTreeMap::new();
    for it in routine {
        together.entry(it.of.clone()).or_default().push(it);
    }
    let mut folds: Vec<Saying> =
        together.into_iter().filter_map(|(of, alike)| fold(of, alike)).collect();
    folds.sort_by_key(|it| Reverse(it.last));
    folded.append(&mut folds);
    folded
}

fn fold(of: String, mut alike: Vec<Saying>) -> Option<Saying> {
    alike.sort_by_key(routine);
    let mut reasons: Vec<&str> = alike.iter().map(|it| it.reason.as_str()).collect();
    reasons.dedup();
    let reason = reasons.join(", ");
    let objects: BTreeMap<&str, usize> =
        alike.iter().map(|it| (it.about.as_str(), it.objects)).collect();
    let (objects, last) = (objects.values().sum(), alike.iter().filter_map(|it| it.last).max());
    let first = alike.iter().filter_map(|it| it.first).min();
    let count = alike.iter().map(|it| it.count).fold(0, u32::saturating_add);
    let only = alike.pop()?;
    if alike.is_empty() {
        return Some(only);
    }
    let (about, message) = (of.clone(), String::new());
    Some(Saying { warning: false, reason, about, of, objects, count, first, last, message })
}

/// One saying on one line, its message last.
pub(crate) fn line(it: &Saying, now: Timestamp) -> String {
    let kind = if it.warning { "Warning" } else { "Normal" };
    let times = if it.count > 1 { format!(" x{}", it.count) } else { String::new() };
    let mut last = ago(now, it.last);
    let first = ago(now, it.first);
    if first != last {
        last = format!("{first} to {last}");
    }
    let message = short(&it.message);
    let colon = if message.is_empty() { "" } else { ": " };
    format!("{kind} {}{times}, {last}{colon}{message}", it.reason)
}

/// A message of several lines on one.
pub(crate) fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn late() -> Failure {
    Failure {
        code: Code::Timeout,
        message: "the events did not arrive before the call's deadline".to_owned(),
        retryable: true,
        hint: "ask for one namespace, or about one involved_object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(pod: &str, message: &str, last: &str) -> Event {
        let last = Some(last.parse().unwrap());
        Event {
            subject: Entity::new("Pod", "shop", pod),
            warning: true,
            reason: "BackOff".to_owned(),
            message: message.to_owned(),
            count: 2,
            first: last,
            last,
            ..Event::default()
        }
    }

    #[test]
    fn pods_of_one_workload_that_suffer_alike_are_one_saying() {
        let events = [
            event(
                "web-7d4b9c8f6d-aaaaa",
                "restarting web in pod web-7d4b9c8f6d-aaaaa",
                "2026-11-01T10:00:00Z",
            ),
            event(
                "web-7d4b9c8f6d-bbbbb",
                "restarting web in pod web-7d4b9c8f6d-bbbbb",
                "2026-11-01T10:05:00Z",
            ),
        ];
        let all: Vec<&Event> = events.iter().collect();
        let sayings = sayings(&all, true);
        assert_eq!(sayings.len(), 1);
        let only = sayings.first().unwrap();
        assert_eq!((only.about.as_str(), only.objects, only.count), ("Pod shop/web-*", 2, 4));
        assert_eq!(only.last, Some("2026-11-01T10:05:00Z".parse().unwrap()));
    }

    #[test]
    fn what_every_pod_goes_through_is_one_saying_of_its_workload() {
        let at = "2026-11-01T10:00:00Z";
        let said = |reason: &str, warning: bool| Event {
            reason: reason.to_owned(),
            warning,
            ..event("web-7d4b9c8f6d-aaaaa", reason, at)
        };
        let events = [said("Started", false), said("Scheduled", false), said("BackOff", true)];
        let folded = folded(sayings(&events.iter().collect::<Vec<_>>(), true));
        let reasons: Vec<&str> = folded.iter().map(|it| it.reason.as_str()).collect();
        assert_eq!(reasons, ["BackOff", "Scheduled, Started"]);
        let last = folded.last().unwrap();
        assert_eq!((last.about.as_str(), last.objects, last.count), ("shop/web", 1, 4));
    }

    #[test]
    fn a_name_without_a_made_part_stays() {
        assert_eq!(workload(&Entity::new("Pod", "shop", "debugger")), "Pod shop/debugger");
        assert_eq!(workload(&Entity::new("Node", "", "node-1")), "Node node-1");
    }

    #[test]
    fn different_words_are_different_sayings() {
        let at = "2026-11-01T10:00:00Z";
        let events = [event("web-1", "pull failed", at), event("web-1", "mount failed", at)];
        let all: Vec<&Event> = events.iter().collect();
        assert_eq!(sayings(&all, true).len(), 2);
    }
}
