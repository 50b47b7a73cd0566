//! A node's clock is wrong.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::Running;
use crate::case::denials::between;
use crate::case::words::last_line;
use crate::case::words::said::Said;
use crate::case::words::tls::says_not_yet_valid;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::node::Node;
use evidence::report::Remedy;
use jiff::{SignedDuration, Timestamp};

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-09",
    title: "the clock of its node is wrong",
    category: Category::Node,
    proves: "pods of one node write that certificates or tokens are not yet valid, or pods elsewhere that tokens are, and that node's own times contradict those of the API server, or its NTPProblem condition is True",
    refutes: "its times agree with those of the API server: then a certificate is at fault",
    confused_with: &["API-04", "NODE-10", "AUTH-01"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// Clocks of a cluster agree to a fraction of a second; a start that is seconds late is none of this.
const TOLERATED: SignedDuration = SignedDuration::from_secs(60);

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = case.nodes().filter_map(|node| one(case, node)).collect();
    if judgements.is_empty() {
        judgements.extend(ahead(case));
    }
    judgements
}

/// Tokens are of the future for pods whose own nodes keep time: who issued them runs on the one node whose clock is
/// reported wrong, or shown to be.
fn ahead(case: &Case) -> Option<Judgement> {
    let complaints: Vec<Complaint<'_>> =
        case.complaints().into_iter().filter(|it| it.said == Said::TokenTooEarly).collect();
    let first = complaints.first()?;
    let mut wrong = case.nodes().filter_map(|node| Some((node, shown(case, &node)?)));
    let (node, cite) = wrong.next()?;
    let here = |it: &Complaint<'_>| it.container.pod.it.spec.node_name == node.meta.name;
    if wrong.next().is_some() || complaints.iter().any(here) {
        return None;
    }
    // Somebody there may have issued them.
    let namespace = first.namespace();
    let issuer = case.pods_in(namespace).find(|pod| {
        pod.it.spec.node_name == node.meta.name
            && pod.meta.deleted.is_none()
            && complaints.iter().all(|it| *it.root() != case.root_of(&pod.meta, "Pod"))
    })?;
    let subject = node.meta.entity("Node");
    let pod = issuer.meta.entity("Pod");
    let mut proofs = vec![cite, first.cite()];
    proofs.push(Cite::new(issuer.exhibit, format!("{pod} runs on {subject}")));
    let mut explains: Vec<Entity> = complaints.iter().map(|it| it.root().clone()).collect();
    explains.sort();
    explains.dedup();
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{} gets tokens that are not yet valid because the clock of {subject}, where others run that may issue them, is wrong.",
            first.root()
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    }))
}

fn one(case: &Case, node: Seen<'_, Node>) -> Option<Judgement> {
    let subject = node.meta.entity("Node");
    let mut explains: Vec<Entity> = Vec::new();
    let mut said = Vec::new();
    let mut shown = shown(case, &node);
    for container in case.containers() {
        if container.pod.it.spec.node_name != node.meta.name {
            continue;
        }
        let Some((cite, text)) = complains(case, &container) else { continue };
        shown = shown.or_else(|| behind(&container, &cite, text));
        said.push(cite);
        if !explains.contains(container.root) {
            explains.push(container.root.clone());
        }
    }
    let mut proofs = vec![shown?];
    proofs.push(said.into_iter().next()?);
    let first = explains.first()?;
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{first} fails because the clock of {subject} is wrong: what was issued lately is not yet valid there."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    }))
}

/// What shows, without any workload's words, that a clock is wrong: a pod that its kubelet started before the API server
/// had it, or later than now; or the node's own report.
fn shown(case: &Case, node: &Seen<'_, Node>) -> Option<Cite> {
    let reported = condition(&node.it.conditions, "NTPProblem").filter(|it| it.status == "True");
    if let Some(bad) = reported {
        let says = format!("{}: NTPProblem is True", node.meta.entity("Node"));
        return Some(Cite::quoting(node.exhibit, says, &bad.message));
    }
    for pod in case.pods().filter(|pod| pod.it.spec.node_name == node.meta.name) {
        // A pod of the kubelet's own files is known to the API server later than to the kubelet.
        let is_static = pod.meta.owner.as_ref().is_some_and(|it| it.kind == "Node");
        let (Some(made), Some(started)) = (pod.meta.created, pod.it.started) else { continue };
        let name = pod.meta.entity("Pod");
        if !is_static && made.duration_since(started) > TOLERATED {
            let says = format!("{name}: made at {made}, and started at {started} by its node");
            return Some(Cite::new(pod.exhibit, says));
        }
        if started.duration_since(case.as_of) > TOLERATED {
            let says = format!("{name}: started at {started} by its node, which is yet to come");
            return Some(Cite::new(pod.exhibit, says));
        }
    }
    None
}

/// A container that fails and writes that something is not yet valid.
fn complains<'a>(case: &'a Case, container: &Running<'_>) -> Option<(Cite, &'a str)> {
    if container.status.ready && !container.is_crash_looping() {
        return None;
    }
    let log = case.words_of(container)?;
    let line = last_line(log.it, says_not_yet_valid)?;
    let pod = container.pod.meta.entity("Pod");
    let says = format!("{pod}: something is not yet valid for container {}", container.spec.name);
    Some((Cite::quoting(log.exhibit, says, &line.text), &line.text))
}

/// `current time 2026-11-20T09:00:00Z is before 2026-11-21T00:00:00Z`: a time before the pod was made.
fn behind(container: &Running<'_>, cite: &Cite, text: &str) -> Option<Cite> {
    let thought: Timestamp = between(text, "current time ", " is before ")?.parse().ok()?;
    let made = container.pod.meta.created?;
    if made.duration_since(thought) <= TOLERATED {
        return None;
    }
    let says =
        format!("{}: made at {made}, and takes it for {thought}", container.pod.meta.entity("Pod"));
    Some(Cite::quoting(cite.exhibit, says, text))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Correct the clock of {subject}: does its time service (chrony, systemd-timesyncd) run, and reach its servers?"
        ),
        command: format!("kubectl describe node {}", subject.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its pods no longer write that something is not yet valid.".to_owned(),
    }]
}
