//! A pod's volume can only be reached from nodes that the pod may not use.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::storage::{Claim, Volume};
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-13",
    title: "its volume is in a zone where it may use no node",
    category: Category::Scheduling,
    proves: "the scheduler says `had volume node affinity conflict`, and no node that the pod may use meets the volume's node affinity",
    refutes: "a node of the volume's zone may be used, and is full or kept from the pod by another rule",
    confused_with: &["SCH-03", "SCH-06", "NODE-01"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    let conflict = |said: &str| said.contains("volume node affinity conflict");
    if case.looked("PersistentVolume", "") || !case.unplaced().iter().any(|it| conflict(&it.said)) {
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
    Some(Judgement::Proven(finding))
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
    vec![Remedy {
        action: format!(
            "Bring back a node where the volume of {subject} is, or let the pods use the nodes there; else restore its data into a claim elsewhere."
        ),
        command: format!(
            "kubectl -n {} get persistentvolumeclaim/{} -o wide",
            subject.namespace, subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pods that mount it are scheduled.".to_owned(),
    }]
}
