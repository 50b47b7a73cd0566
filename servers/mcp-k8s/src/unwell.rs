//! What is wrong with an object by what it says of itself: in our words, and in those of the component that said so.

use crate::sentence::{is_timer, short};
use diagnosis::engine::symptoms::nodes::PROBLEMS;
use evidence::fact::Body;
use evidence::fact::meta::{Condition, condition};
use evidence::fact::object::Object;
use evidence::fact::pod::{ContainerStatus, Ended, Pod, State};
use evidence::fact::workload::{Autoscaler, Workload};
use jiff::{SignedDuration, Timestamp};
use mcp::age::ago;
use mcp::outside::leaves_as_it_is;

/// A restart is news for as long as events are kept.
pub(crate) const RECENT: SignedDuration = SignedDuration::from_hours(1);
/// A line holds this much of a component's sentence, in bytes.
const LONGEST_MESSAGE: usize = 200;

/// What is wrong with one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// In our words and a component's reason, which is one word.
    pub(crate) says: String,
    /// The component's sentence, which may hold anybody's words; empty where there is none.
    pub(crate) words: String,
}

/// In our words alone.
fn ours(says: impl Into<String>) -> Trouble {
    Trouble { says: says.into(), words: String::new() }
}

/// In our words, with the component's sentence.
fn quoting(says: String, words: &str) -> Trouble {
    Trouble { says: says.trim_end().to_owned(), words: brief(&short(words)).to_owned() }
}

/// What is wrong; none where nothing shows.
pub(crate) fn why(body: &Body, now: Timestamp) -> Option<Trouble> {
    match body {
        Body::Pod(it) => pod(it, now),
        Body::Workload(it) => workload(it),
        Body::Job(it) => condition(&it.conditions, "Failed")
            .filter(|failed| failed.status == "True")
            .map(|failed| {
                quoting(
                    format!("failed, {} pods failed: {}", it.failed, failed.reason),
                    &failed.message,
                )
            }),
        Body::Autoscaler(it) => autoscaler(it),
        Body::Endpoints(it) => (it.ready == 0).then(|| ours("no ready endpoint")),
        Body::Node(it) => {
            let first = it.conditions.iter().find(|one| is_bad_on_node(one));
            let cordoned = || it.unschedulable.then(|| ours("is cordoned"));
            first.map(of_condition).or_else(cordoned)
        }
        Body::Claim(it) => (it.phase != "Bound").then(|| ours(format!("is {}", it.phase))),
        Body::Volume(it) => matches!(it.phase.as_str(), "Failed" | "Released")
            .then(|| quoting(format!("is {}", it.phase), &it.message)),
        Body::Namespace(it) => (it.phase == "Terminating").then(|| ours("is being deleted")),
        Body::Object(it) => object(it),
        _ => None,
    }
}

/// A pod: its first container that does not run well, else why it has no place or goes.
pub(crate) fn pod(pod: &Pod, now: Timestamp) -> Option<Trouble> {
    if let Some(trouble) = pod.containers.iter().find_map(|it| container(it, now)) {
        return Some(trouble);
    }
    if pod.meta.deleted.is_some() {
        return Some(ours("is being deleted"));
    }
    let is_false = |kind: &str| condition(&pod.conditions, kind).filter(|it| it.status != "True");
    match pod.phase.as_str() {
        "Succeeded" => None,
        "Running" => {
            is_false("Ready").map(|it| quoting(format!("is not ready: {}", it.reason), &it.message))
        }
        "Failed" => Some(quoting(format!("failed: {}", pod.reason), &pod.message)),
        phase => Some(match is_false("PodScheduled") {
            Some(it) => quoting(format!("is not scheduled: {}", it.reason), &it.message),
            None => quoting(format!("is {phase} {}", pod.reason), &pod.message),
        }),
    }
}

/// What a container does that does not run well.
pub(crate) fn container(it: &ContainerStatus, now: Timestamp) -> Option<Trouble> {
    let restarts = match it.restarts {
        0 => String::new(),
        1 => ", 1 restart".to_owned(),
        count => format!(", {count} restarts"),
    };
    let last = match &it.last {
        Some(last) => format!(", last run ended with {}", ended(last, now)),
        None => String::new(),
    };
    match it.state.as_ref()? {
        State::Waiting { reason, .. } if reason == "PodInitializing" => None,
        State::Waiting { reason, message } => {
            let words = if is_timer(message) { "" } else { message };
            Some(quoting(format!("container {} waits, {reason}{restarts}{last}", it.name), words))
        }
        State::Terminated(end) if end.exit_code != 0 => {
            Some(ours(format!("container {} ended with {}{restarts}", it.name, ended(end, now))))
        }
        State::Running { .. } if !it.ready && !it.init => {
            Some(ours(format!("container {} runs and is not ready{restarts}{last}", it.name)))
        }
        State::Running { .. } if is_recent(it, now) => {
            Some(ours(format!("container {} runs again{restarts}{last}", it.name)))
        }
        _ => None,
    }
}

fn is_recent(it: &ContainerStatus, now: Timestamp) -> bool {
    let since = now.checked_sub(RECENT).unwrap_or(now);
    let finished = it.last.as_ref().and_then(|last| last.finished);
    it.restarts > 0 && finished.is_none_or(|at| at >= since)
}

/// `exit 137 OOMKilled 2m ago`.
pub(crate) fn ended(it: &Ended, now: Timestamp) -> String {
    let says = format!("exit {} {} {}", it.exit_code, it.reason, ago(now, it.finished));
    says.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn workload(it: &Workload) -> Option<Trouble> {
    let is = |kind: &str, status: &str| {
        condition(&it.conditions, kind).filter(|one| one.status == status)
    };
    let stuck = is("ReplicaFailure", "True").or_else(|| is("Progressing", "False"));
    let ready = format!("{} of {} pods ready", it.ready, it.desired);
    match stuck {
        Some(one) => Some(quoting(format!("{ready}, {}", one.reason), &one.message)),
        None => (it.ready < it.desired).then(|| ours(ready)),
    }
}

fn autoscaler(it: &Autoscaler) -> Option<Trouble> {
    let bad = it.conditions.iter().find(|one| {
        matches!(
            (one.kind.as_str(), one.status.as_str()),
            ("AbleToScale" | "ScalingActive", "False")
        )
    })?;
    Some(of_condition(bad))
}

fn is_bad_on_node(it: &Condition) -> bool {
    match it.kind.as_str() {
        "Ready" => it.status != "True",
        kind => it.status == "True" && is_bad_when_true(kind),
    }
}

/// How conditions end that are bad when they are true, of Kubernetes and of GitOps tools.
const BAD: [&str; 12] = [
    "Pressure",
    "Failure",
    "Failed",
    "Unavailable",
    "Limited",
    "DisruptionTarget",
    "NamespaceContentRemaining",
    "NamespaceFinalizersRemaining",
    "Error",
    "Warning",
    "Stalled",
    "Degraded",
];

/// Whether a condition of this kind should be false.
pub(crate) fn is_bad_when_true(kind: &str) -> bool {
    PROBLEMS.contains(&kind) || BAD.iter().any(|end| kind.ends_with(end))
}

/// A custom object says how it does by conditions that are `False` where they should be `True`, or by a health or phase.
fn object(it: &Object) -> Option<Trouble> {
    let healthy =
        ["Ready", "Available", "Synced", "Healthy", "Established", "Accepted", "Programmed"];
    let unhealthy = ["Failed", "Degraded", "Stalled", "ComparisonError", "SyncError"];
    let bad = it.conditions.iter().find(|one| match one.status.as_str() {
        "False" => healthy.contains(&one.kind.as_str()),
        "True" => unhealthy.contains(&one.kind.as_str()),
        _ => false,
    });
    if let Some(bad) = bad {
        return Some(of_condition(bad));
    }
    let field = |name: &str| it.fields.get(name).map(String::as_str);
    for name in ["status.health.status", "status.phase", "status.state"] {
        if let Some(word @ ("Degraded" | "Missing" | "Failed" | "Error" | "Errored")) = field(name)
        {
            return Some(ours(format!("{name} is {word}")));
        }
    }
    None
}

fn of_condition(it: &Condition) -> Trouble {
    quoting(format!("{} is {}: {}", it.kind, it.status, it.reason), &it.message)
}

/// The start of a component's sentence; all of one with a secret in it, of which a part would not be known again.
pub(crate) fn brief(message: &str) -> &str {
    let line = message.lines().next().unwrap_or_default();
    if line.len() > LONGEST_MESSAGE && !leaves_as_it_is(line) {
        return line;
    }
    line.get(..line.floor_char_boundary(LONGEST_MESSAGE)).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::fact::node::Node;

    #[test]
    fn no_part_of_a_secret_stands_at_the_end_of_what_is_cut() {
        let long = |secret: &str| format!("{} {secret}", "x".repeat(LONGEST_MESSAGE - 10));
        let secret = long("glpat-abcdefghij0123456789");
        assert_eq!(brief(&secret), secret);
        assert_eq!(brief(&long("plain words of more")).len(), LONGEST_MESSAGE);
    }

    #[test]
    fn what_a_problem_detector_found_is_wrong_with_a_node() {
        let node = |kind: &str| {
            let is = |kind: &str| Condition {
                kind: kind.to_owned(),
                status: "True".to_owned(),
                ..Condition::default()
            };
            Body::Node(Node { conditions: vec![is("Ready"), is(kind)], ..Node::default() })
        };
        let why = |kind| why(&node(kind), Timestamp::UNIX_EPOCH).map(|it| it.says);
        assert_eq!(why("KernelDeadlock").unwrap(), "KernelDeadlock is True:");
        assert_eq!(why("EtcdIsVoter"), None);
    }
}
