//! A node ran out of memory, and its kernel killed what had no limit of its own.

use crate::case::Case;
use crate::case::containers::Running;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::fact::pod::Ended;
use evidence::question::Question;
use evidence::report::Remedy;
use jiff::SignedDuration;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-02",
    title: "its node ran out of memory, and the kernel killed it",
    category: Category::Runtime,
    proves: "the node's events say `SystemOOM`, or `OOMKilling` of no control group, and a container of that node without a memory limit was killed at that time",
    refutes: "the container has a memory limit: then that may be what it exceeded",
    confused_with: &["RUN-01", "NODE-03", "RUN-09"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// Between a kill and the event of it there are seconds; an event that is repeated bears the time of the last one.
const APART: SignedDuration = SignedDuration::from_mins(5);

fn ask(case: &Case) -> Vec<Question> {
    // Events about nodes stand in the namespace `default`, which a survey of others does not read.
    if case.looked("Event", "default") || victims(case).is_empty() {
        return Vec::new();
    }
    vec![Question::Objects { kind: "Event".to_owned(), namespace: "default".to_owned() }]
}

/// Containers without a memory limit that were killed lately.
fn victims(case: &Case) -> Vec<(Running<'_>, &Ended)> {
    let mut victims = Vec::new();
    for container in case.containers().filter(|it| !it.spec.limits.contains_key("memory")) {
        let Some(ended) = container.ended() else { continue };
        let recent =
            !case.rules.baseline || ended.finished.is_none_or(|at| at >= case.window.start);
        if recent && (ended.reason == "OOMKilled" || ended.exit_code == 137) {
            victims.push((container, ended));
        }
    }
    victims
}

fn judge(case: &Case) -> Vec<Judgement> {
    let victims = victims(case);
    let mut judgements = Vec::new();
    for node in case.nodes() {
        let subject = node.meta.entity("Node");
        let killings = case.events_of(&subject, &["SystemOOM", "OOMKilling"]);
        let Some(event) = killings.filter(is_of_the_node).max_by_key(|it| it.last) else {
            continue;
        };
        let mut explains: Vec<Entity> = Vec::new();
        let says = format!("{subject}: {}, {} times", event.reason, event.count.max(1));
        let mut proofs = vec![Cite::quoting(event.exhibit, says, &event.message)];
        for (container, ended) in &victims {
            let here = container.pod.it.spec.node_name == node.meta.name;
            if here && is_then(&event, ended) && !explains.contains(container.root) {
                explains.push(container.root.clone());
                proofs.push(container.cite_end(ended));
            }
        }
        let Some(first) = explains.first() else { continue };
        judgements.push(Judgement::Proven(Finding {
            field: None,
            value: None,
            statement: format!(
                "{subject} ran out of memory, and its kernel killed a container of {first}, which has no memory limit."
            ),
            proofs,
            doubts: Vec::new(),
            strength: Strength::Conclusive,
            explains,
            subject,
        }));
    }
    judgements
}

/// `System OOM encountered, victim process: java, pid: 7`; node-problem-detector reports the kills of containers at
/// their own limits too, with the kernel's words `Memory cgroup out of memory`.
fn is_of_the_node(event: &Seen<'_, Event>) -> bool {
    event.it.reason == "SystemOOM" || event.it.message.starts_with("Out of memory: Kill")
}

fn is_then(event: &Event, ended: &Ended) -> bool {
    match (event.first.or(event.last), event.last.or(event.first), ended.finished) {
        (Some(first), Some(last), Some(at)) => {
            at.duration_since(first) >= -APART && at.duration_since(last) <= APART
        }
        _ => true,
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Give the pods of {subject} memory requests and limits that fit what they use, so that the node is not promised twice."
        ),
        command: format!("kubectl describe node {}", subject.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The node has no further SystemOOM events.".to_owned(),
    }]
}
