//! A node ran out of memory, and its kernel killed what had no limit of its own.

use crate::case::Case;
use crate::case::containers::Running;
use crate::case::pressure::MEMORY;
use crate::case::shortage::{APART, is_of_the_node};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::fact::pod::Ended;
use evidence::question::Question;
use evidence::report::Remedy;
use std::collections::BTreeSet;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-02",
    title: "its node ran out of memory, and the kernel killed it",
    category: Category::Runtime,
    proves: "the node's events say `SystemOOM`, or `OOMKilling` of no control group, and a container of that node without a memory limit was killed at that time; or several nodes say so, containers of several workloads were killed there, and one DaemonSet of all of them, without a memory limit, was changed within the day before",
    refutes: "the container has a memory limit, and no other node or workload suffers: then that may be what it exceeded",
    confused_with: &["RUN-01", "NODE-03", "RUN-09"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    // Events about nodes stand in the namespace `default`, which a survey of others does not read.
    if !case.looked("Event", "default") {
        return match victims(case).is_empty() && !killed_on_several(case) {
            true => Vec::new(),
            false => vec![objects("Event", "default")],
        };
    }
    let Some(shortage) = case.shortage() else { return Vec::new() };
    if let Some(question) = case.ask_for_daemon_sets() {
        return vec![question];
    }
    let eaters = case.may_eat(&shortage).into_iter();
    let unknown = eaters.filter(|it| case.revisions_of(&it.meta.entity("DaemonSet")).is_empty());
    let homes: BTreeSet<&str> = unknown.map(|it| it.it.meta.namespace.as_str()).collect();
    homes.into_iter().map(|it| objects("ControllerRevision", it)).collect()
}

fn objects(kind: &str, namespace: &str) -> Question {
    Question::Objects { kind: kind.to_owned(), namespace: namespace.to_owned() }
}

/// Whether several workloads were killed for memory lately, on several nodes.
fn killed_on_several(case: &Case) -> bool {
    let lately = |ended: &Ended| ended.finished.is_some_and(|at| at >= case.window.start);
    let (mut roots, mut nodes) = (BTreeSet::new(), BTreeSet::new());
    for container in case.containers() {
        if container.ended().is_some_and(|it| it.reason == "OOMKilled" && lately(it)) {
            roots.insert(container.root);
            nodes.insert(container.pod.it.spec.node_name.as_str());
        }
    }
    roots.len() > 1 && nodes.len() > 1
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
    if let Some(finding) = eaten(case) {
        return vec![Judgement::Proven(finding)];
    }
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

/// Several nodes have no memory left since one DaemonSet that runs on all of them was changed.
fn eaten(case: &Case) -> Option<Finding> {
    let shortage = case.shortage()?;
    let eater = case.eater(&shortage)?;
    let subject = eater.daemon.meta.entity("DaemonSet");
    let name = &eater.container.name;
    let mut proofs = Vec::new();
    for starved in shortage.nodes.iter().take(3) {
        let (event, node) = (&starved.event, starved.node.meta.entity("Node"));
        let says = format!("{node}: {}, {} times", event.reason, event.count.max(1));
        proofs.push(Cite::quoting(event.exhibit, says, &event.message));
    }
    let says = format!(
        "{subject} runs on each of them; its container {name} has no memory limit, and it was changed at {}",
        eater.at
    );
    proofs.push(Cite::new(eater.daemon.exhibit, says));
    proofs
        .extend(shortage.killed.iter().take(2).map(|(container, ended)| container.cite_end(ended)));
    let mut explains = shortage.victims();
    let starved = |node: &str| shortage.nodes.iter().any(|it| it.node.meta.name == node);
    for pressure in case.pressures(&MEMORY).into_iter().filter(|it| starved(&it.node.meta.name)) {
        explains.extend(pressure.explains);
    }
    explains.sort();
    explains.dedup();
    let victims = explains.iter().filter(|it| it.kind != "Node").count();
    let first = explains.first()?;
    Some(Finding {
        field: Some(format!("spec.template.spec.containers[{name}].{}", eater.what)),
        value: None,
        statement: format!(
            "{} nodes run out of memory, and {first} and {} more are killed there, since {subject} was changed, which runs on each of them without a memory limit.",
            shortage.nodes.len(),
            victims.saturating_sub(1)
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    })
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
    if subject.kind == "DaemonSet" {
        return vec![Remedy {
            action: format!(
                "Take back the last change of {subject}, see how much memory its pods use, and give them a limit."
            ),
            command: kubectl::undo(subject),
            risk: "medium".to_owned(),
            reversible: true,
            verify: "The nodes have no further SystemOOM events.".to_owned(),
        }];
    }
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
