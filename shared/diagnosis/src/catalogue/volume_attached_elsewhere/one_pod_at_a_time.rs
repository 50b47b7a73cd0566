//! A claim that one pod at a time may use is used by another one: the scheduler says so, and places no second pod.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::unplaced::Unplaced;
use crate::finding::{Cite, Finding, Judgement};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::pod::Pod;
use evidence::fact::storage::Claim;

const MODE: &str = "ReadWriteOncePod";

pub(super) fn all(case: &Case) -> Vec<Judgement> {
    let unplaced = case.unplaced().into_iter().filter(|it| it.binding == Constraint::ClaimInUse);
    unplaced.filter_map(|it| one(case, &it)).map(Judgement::Proven).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Finding> {
    let root = &unplaced.root;
    let (claim, holder) = held(case, unplaced.pod)?;
    let (of, name) = (claim.meta.entity("PersistentVolumeClaim"), holder.meta.entity("Pod"));
    let owner = case.root_of(&holder.meta, "Pod");
    let workload = case.workload(root).seen();
    let (subject, field, value, why) = match workload.filter(|_| owner == *root) {
        Some(it) if it.desired > 1 => {
            let count = it.desired.to_string();
            let why = format!("its own {name} has it, and {count} pods are wanted");
            (root.clone(), "spec.replicas", Some(count), why)
        }
        Some(it) if it.strategy == "RollingUpdate" => {
            let why = format!(
                "its own {name} has it, and a rolling update makes the new pod beside the old one"
            );
            (root.clone(), "spec.strategy.type", Some(it.strategy.clone()), why)
        }
        // Its own pod, and nothing by which that would stay.
        _ if owner == *root => return None,
        _ => (of.clone(), "spec.accessModes", Some(MODE.to_owned()), format!("{owner} has it")),
    };
    let mut finding = unplaced.finding(format!(
        "{root} cannot place a pod because {of} is for one pod at a time: {why}."
    ));
    finding.proofs.push(Cite::new(claim.exhibit, format!("{of} has the access mode {MODE}")));
    finding.proofs.push(Cite::new(holder.exhibit, format!("{name} mounts {of}")));
    (finding.subject, finding.field, finding.value) = (subject, Some(field.to_owned()), value);
    Some(finding)
}

/// A claim of that mode that a pod wants, and the pod that has it. One that is about to go gives it back by itself.
fn held<'a>(case: &'a Case, pod: Seen<'a, Pod>) -> Option<(Seen<'a, Claim>, Seen<'a, Pod>)> {
    let namespace = &pod.meta.namespace;
    let wanted = pod.it.spec.volumes.iter().map(|it| &it.object);
    for object in wanted.filter(|it| it.kind == "PersistentVolumeClaim") {
        let claim = case.claim(namespace, &object.name).seen();
        let Some(claim) = claim.filter(|it| it.it.access.iter().any(|it| it == MODE)) else {
            continue;
        };
        let entity = Entity::new("PersistentVolumeClaim", namespace, &object.name);
        if let Some(holder) = case.pods().find(|it| holds(it, &pod, &entity)) {
            return Some((claim, holder));
        }
    }
    None
}

fn holds(other: &Seen<'_, Pod>, pod: &Seen<'_, Pod>, claim: &Entity) -> bool {
    let lives = !matches!(other.it.phase.as_str(), "Succeeded" | "Failed");
    other.exhibit != pod.exhibit
        && other.meta.namespace == claim.namespace
        && other.meta.deleted.is_none()
        && !other.it.spec.node_name.is_empty()
        && lives
        && other
            .it
            .spec
            .volumes
            .iter()
            .any(|it| it.object.kind == claim.kind && it.object.name == claim.name)
}
