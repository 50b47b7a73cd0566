//! A pod's volume can only be reached from nodes that the pod may not use.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::pod_spec_path;
use crate::case::touching::toucher;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::storage::{Claim, Volume};
use evidence::question::Question;
use evidence::report::Remedy;
use jiff::{SignedDuration, Timestamp};

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-13",
    title: "its volume is in a zone where it may use no node",
    category: Category::Scheduling,
    proves: "the scheduler says that nodes do not match the volume's node affinity, and no node that the pod may use meets the volume's node affinity",
    refutes: "a node of the volume's zone may be used, and is full or kept from the pod by another rule",
    confused_with: &["SCH-03", "SCH-05", "SCH-06", "NODE-01"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// A cloud labels a new node within this.
const JOINING: SignedDuration = SignedDuration::from_mins(10);

/// How far from the making of the pod the label may have been written.
const RETURNING: SignedDuration = SignedDuration::from_mins(30);

fn ask(case: &Case) -> Vec<Question> {
    let waits = || case.unplaced().iter().any(Unplaced::misses_volume);
    if case.looked("PersistentVolume", "") || !waits() {
        return Vec::new();
    }
    vec![Question::Objects { kind: "PersistentVolume".to_owned(), namespace: String::new() }]
}

fn judge(case: &Case) -> Vec<Judgement> {
    case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    if unplaced.binding != Constraint::VolumeZone {
        return None;
    }
    let root = &unplaced.root;
    let bound = bound(case, unplaced);
    // Of several claims it is one that keeps the pod from most nodes.
    let nodes = |volume: &Volume| case.nodes().filter(|node| case.reaches(volume, node.it)).count();
    let nearest = bound.iter().min_by_key(|(_, volume)| nodes(volume));
    let Some((claim, volume)) = nearest else {
        return unseen(unplaced);
    };
    let subject = claim.meta.entity("PersistentVolumeClaim");
    let term = volume.it.node_affinity.first()?.first()?;
    let place = format!("{} {} {}", term.key, term.operator, term.values.join(","));
    let mut finding = unplaced.finding(format!(
        "{root} cannot be scheduled because the volume of its {subject} can be reached only from nodes with {place}, and it may use none of these."
    ));
    finding.field = Some("spec.volumeName".to_owned());
    finding.value = Some(volume.meta.name.clone());
    let name = volume.meta.entity("PersistentVolume");
    finding.proofs.push(Cite::new(volume.exhibit, format!("{name}: only from nodes with {place}")));
    for node in case.nodes().take(3) {
        let has = node.meta.labels.get(&term.key).map_or("none", String::as_str);
        let says = format!("{}: {} is {has}", node.meta.entity("Node"), term.key);
        finding.proofs.push(Cite::new(node.exhibit, says));
    }
    finding.explains.push(subject.clone());
    finding.subject = subject;
    if let Some((node, at, cite)) = relabelled(case, unplaced, volume.it, &term.key) {
        finding.statement = format!(
            "{root} cannot be scheduled because the volume of its {} can be reached only from nodes with {place}, and {node}, whose {} was written at {at}, is none of these.",
            finding.subject, term.key
        );
        finding.field = Some(format!("metadata.labels.{}", term.key));
        finding.value = None;
        finding.proofs.push(cite);
        finding.subject = node;
        // What the label was before, nobody saw.
        finding.strength = Strength::Suggestive;
    }
    if let Some((field, before)) = sent_elsewhere(case, unplaced) {
        let path = pod_spec_path(&root.kind);
        finding.statement = format!(
            "{root} cannot be scheduled because its newest revision asks for other nodes than those with {place}, where the volume of its {} is.",
            claim.meta.entity("PersistentVolumeClaim")
        );
        finding.field = Some(format!("{path}.{field}"));
        finding.value = None;
        finding.proofs.push(before);
        finding.subject = root.clone();
    }
    Some(Judgement::Proven(finding))
}

/// The setting by which the newest revision asks for other nodes than the one before, and that revision: with the volume where it was,
/// the pod had a place.
fn sent_elsewhere(case: &Case, unplaced: &Unplaced<'_>) -> Option<(&'static str, Cite)> {
    let (newest, before) = case.two_newest(&unplaced.root)?;
    let (now, then) = (&newest.it.template, &before.it.template);
    if !case.is_news(newest.it.meta.created) {
        return None;
    }
    let field = if now.node_selector != then.node_selector {
        "nodeSelector"
    } else if now.node_affinity != then.node_affinity {
        "affinity.nodeAffinity"
    } else {
        return None;
    };
    let says = format!("the revision before, {}, had another {field}", before.it.meta.name);
    Some((field, Cite::new(before.exhibit, says)))
}

/// The one node that can have been where the volume is: all nodes are older than the volume, its label was written long
/// after it was made and shortly before the pod began to wait, and all others have theirs since they were made.
fn relabelled(
    case: &Case,
    unplaced: &Unplaced<'_>,
    volume: &Volume,
    key: &str,
) -> Option<(Entity, Timestamp, Cite)> {
    let field = format!("metadata.labels.{key}");
    let waits = unplaced.pod.meta.created.unwrap_or(case.as_of);
    if !case.looked("Node", "") {
        return None;
    }
    let mut found = None;
    for node in case.nodes() {
        // Of a node whose label or age is not known, nothing can be said.
        let touch = toucher(&node.it.meta, &field)?;
        let (at, made) = (touch.at?, node.meta.created?);
        // Where nodes come and go, it may have been one that is gone.
        if made > volume.meta.created? {
            return None;
        }
        if at.duration_since(made) < JOINING {
            continue;
        }
        // A pod is made anew when its node goes, and its node is labelled when it comes back.
        if found.is_some() || at.duration_since(waits).abs() > RETURNING {
            return None;
        }
        let entity = node.meta.entity("Node");
        let says = format!("{entity}: {key} was written by {} at {at}", touch.manager);
        found = Some((entity, at, Cite::new(node.exhibit, says)));
    }
    found
}

/// The bound claims of a pod whose volumes are not everywhere.
fn bound<'a>(case: &'a Case, unplaced: &Unplaced<'_>) -> Vec<(Seen<'a, Claim>, Seen<'a, Volume>)> {
    let mut bound = Vec::new();
    for claim in unplaced.claims() {
        let Some(claim) = case.claim(&unplaced.root.namespace, claim).seen() else { continue };
        let volume = case.volumes().find(|it| it.meta.name == claim.it.volume);
        bound.extend(volume.filter(|it| !it.node_affinity.is_empty()).map(|it| (claim, it)));
    }
    bound
}

/// The scheduler says so, and nobody saw the volumes: a pod of one claim tells which it is.
fn unseen(unplaced: &Unplaced<'_>) -> Option<Judgement> {
    let claims: Vec<&str> = unplaced.claims().collect();
    let [claim] = claims.as_slice() else { return None };
    let root = &unplaced.root;
    let subject = Entity::new("PersistentVolumeClaim", &root.namespace, claim);
    let mut finding = unplaced.finding(format!(
        "{root} cannot be scheduled because the volume of its {subject} cannot be reached from any node that it may use."
    ));
    finding.strength = Strength::Strong;
    finding.explains.push(subject.clone());
    finding.subject = subject;
    Some(Judgement::Proven(finding))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if subject.kind == "Node" {
        let label = finding.field.as_deref().unwrap_or("its label");
        return vec![Remedy {
            action: format!(
                "Give {label} of {subject} the value it had, if that node holds the volume."
            ),
            command: kubectl::object("get", subject, "--show-labels"),
            risk: "medium".to_owned(),
            reversible: true,
            verify: "The pods that mount the volume are scheduled.".to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "Bring back a node where the volume of {subject} is, or let the pods use the nodes there; else restore its data into a claim elsewhere."
        ),
        command: kubectl::object("get", subject, "-o wide"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pods that mount it are scheduled.".to_owned(),
    }]
}
