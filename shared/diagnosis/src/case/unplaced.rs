//! Pods that the scheduler cannot place, and which constraint binds: rule R5.

use super::Case;
use super::constraints::{Constraint, is_usual, most, reasons, says_uninitialised, telling};
use crate::finding::{Cite, Finding, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::{Requirement, condition};
use evidence::fact::node::{Node, Taint};
use evidence::fact::pod::Pod;
use evidence::fact::spec::{PodTerm, Toleration};
use std::collections::BTreeMap;

/// A pod without a node, and why.
#[derive(Clone, Debug)]
pub struct Unplaced<'a> {
    /// The object at the top of the pod's owners.
    pub root: Entity,
    /// The pod.
    pub pod: Seen<'a, Pod>,
    /// What keeps it from the nodes that it could otherwise have.
    pub binding: Constraint,
    /// Nothing else keeps it from any of these nodes.
    pub alone: bool,
    /// What the scheduler said.
    pub said: String,
    /// Where that was seen.
    pub cites: Vec<Cite>,
}

impl Unplaced<'_> {
    /// What keeps it waiting, as a finding about the object that it is of.
    pub fn finding(&self, statement: String) -> Finding {
        Finding {
            subject: self.root.clone(),
            field: None,
            value: None,
            statement,
            proofs: self.cites.clone(),
            doubts: Vec::new(),
            strength: self.strength(),
            explains: vec![self.root.clone()],
        }
    }

    /// The scheduler names the constraint itself; where other nodes fail by another one, either would have to give way.
    pub fn strength(&self) -> Strength {
        if self.alone { Strength::Conclusive } else { Strength::Strong }
    }

    /// Whether the scheduler says of some node that a volume of the pod cannot be reached from it.
    pub fn misses_volume(&self) -> bool {
        let counted = reasons(&self.said, &self.pod.it.spec);
        counted.iter().any(|(_, it)| *it == Constraint::VolumeZone)
    }

    /// A pod affinity that its own anti-affinity forbids: the same pods, in the same places.
    pub fn contradiction(&self) -> Option<&PodTerm> {
        let spec = &self.pod.it.spec;
        spec.pod_affinity.iter().find(|it| spec.pod_anti_affinity.contains(it))
    }
}

/// The constraint of nodes that nobody saw. The scheduler gives one reason for each node: the first in the order taint,
/// affinity, ports and room, volumes. Whoever lacks room has passed the rules of nodes; of two such rules either may be
/// one that is meant to keep a node out, and a volume stays where it is.
fn unseen(reasons: &[(u32, Constraint)]) -> (Constraint, bool) {
    let kinds = telling(reasons).count();
    let inner: Vec<_> = reasons.iter().filter(|(_, it)| !is_rule(it)).cloned().collect();
    match telling(&inner).count() {
        0 if kinds > 1 => (Constraint::Other, false),
        0 => (most(reasons), true),
        _ => {
            let most = most(&inner);
            // What is cordoned may be what it was meant to have.
            let cordoned = reasons.iter().any(|it| it.1 == Constraint::Cordon);
            let unknown = cordoned || most == Constraint::VolumeZone && kinds > 1;
            (if unknown { Constraint::Other } else { most }, kinds < 2)
        }
    }
}

impl Case {
    /// One pod of each object whose pods cannot be placed now, by object.
    pub fn unplaced(&self) -> Vec<Unplaced<'_>> {
        let mut first: BTreeMap<Entity, Unplaced<'_>> = BTreeMap::new();
        for pod in self.pods().filter(|pod| pod.meta.deleted.is_none() && pod.phase == "Pending") {
            let Some(unplaced) = self.place(pod) else { continue };
            first.entry(unplaced.root.clone()).or_insert(unplaced);
        }
        first.into_values().collect()
    }

    /// Nodes that none of the rules that stand in objects alone keeps a pod from.
    pub fn nodes_for(&self, pod: &Pod) -> Vec<Seen<'_, Node>> {
        self.nodes().filter(|node| self.failing(node, pod).is_empty()).collect()
    }

    pub(super) fn place<'a>(&'a self, pod: Seen<'a, Pod>) -> Option<Unplaced<'a>> {
        let scheduled = condition(&pod.it.conditions, "PodScheduled")
            .filter(|it| it.status == "False" && it.reason == "Unschedulable")?;
        let name = pod.meta.entity("Pod");
        let mut said = scheduled.message.clone();
        let mut cites =
            vec![Cite::quoting(pod.exhibit, format!("{name}: cannot be scheduled"), &said)];
        if let Some(event) = self.events_of(&name, &["FailedScheduling"]).max_by_key(|it| it.last) {
            let says = format!("{name}: FailedScheduling, {} times", event.count.max(1));
            cites.push(Cite::quoting(event.exhibit, says, &event.message));
            if said.is_empty() {
                said.clone_from(&event.message);
            }
        }
        let root = self.root_of(&pod.meta, "Pod");
        let (binding, alone) = self.binding(pod.it, &said);
        let mut unplaced = Unplaced { root, pod, binding, alone, said, cites };
        self.look_behind(&mut unplaced);
        Some(unplaced)
    }

    /// The constraint that rejects the nodes that pass every other one, and whether it alone does.
    fn binding(&self, pod: &Pod, said: &str) -> (Constraint, bool) {
        let reasons = reasons(said, &pod.spec);
        if let Some((_, whole)) = reasons.iter().find(|(count, _)| *count == 0) {
            return (whole.clone(), true); // It is about the pod, whatever the nodes.
        }
        if !self.rules.binding_constraint {
            return (most(&reasons), telling(&reasons).count() < 2);
        }
        if !self.looked("Node", "") {
            return unseen(&reasons);
        }
        // A node that would take it, and that nothing has made ready since it joined, is the one that it waits for.
        let raw = |node: &Seen<'_, Node>| {
            let failing = self.failing(node, pod);
            let [Constraint::Taint(key)] = failing.as_slice() else { return None };
            let late = says_uninitialised(key) && self.is_late(node.it);
            late.then(|| Constraint::Taint(key.clone()))
        };
        if let Some(taint) = self.nodes().find_map(|it| raw(&it)) {
            return (taint, true);
        }
        // A selector is meant to keep nodes out, and so is the control plane's taint: of the nodes that fail by one rule
        // only, those that fail by another are the ones that the pod was meant to have.
        let mut nearest: Option<((usize, bool), Vec<Constraint>)> = None;
        let mut alone = true;
        for node in self.nodes() {
            let failing = self.failing(&node, pod);
            let rank = (failing.len(), failing.first().is_some_and(is_meant));
            match &nearest {
                Some((least, _)) if rank > *least => {}
                Some((least, known)) if rank == *least => alone &= failing == *known,
                _ => {
                    alone = true;
                    nearest = Some((rank, failing));
                }
            }
        }
        match nearest {
            Some(((1, _), failing)) => {
                (failing.into_iter().next().unwrap_or(Constraint::Other), alone)
            }
            // No rule of the node's keeps it out: it is full, or its neighbours are.
            Some(((0, _), _)) => {
                let zones_known = self.zones(pod).is_some();
                if !zones_known && self.may_hide_zone(pod, &reasons) {
                    return (Constraint::Other, false);
                }
                let inner: Vec<_> = reasons
                    .into_iter()
                    .filter(|(_, it)| {
                        !(is_rule(it) || zones_known && *it == Constraint::VolumeZone)
                    })
                    .collect();
                (most(&inner), telling(&inner).count() < 2)
            }
            _ => (most(&reasons), telling(&reasons).count() < 2),
        }
    }

    /// Whether the nodes of a volume that nobody saw may be those that a rule of somebody's keeps from the pod.
    fn may_hide_zone(&self, pod: &Pod, reasons: &[(u32, Constraint)]) -> bool {
        let kept = |it: &Constraint| !is_meant(it) && is_rule(it);
        most(reasons) == Constraint::VolumeZone
            && self.nodes().any(|node| self.failing(&node, pod).iter().any(kept))
    }

    /// Nodes that one constraint alone, of those that stand in objects, keeps a pod from.
    pub fn nodes_but_for<'a>(&'a self, unplaced: &Unplaced<'_>) -> Vec<Seen<'a, Node>> {
        let only = [unplaced.binding.clone()];
        self.nodes().filter(|node| self.failing(node, unplaced.pod.it) == only).collect()
    }

    /// Which of the rules that stand in objects alone keep a pod from a node.
    pub(super) fn failing(&self, node: &Node, pod: &Pod) -> Vec<Constraint> {
        let spec = &pod.spec;
        let mut failing = Vec::new();
        if spec.node_selector.iter().any(|(key, value)| node.meta.labels.get(key) != Some(value)) {
            failing.push(Constraint::Selector);
        }
        if !spec.node_affinity.is_empty() && !spec.node_affinity.iter().any(|it| holds(it, node)) {
            failing.push(Constraint::Affinity);
        }
        let cordon = Taint {
            key: "node.kubernetes.io/unschedulable".to_owned(),
            effect: "NoSchedule".to_owned(),
            ..Taint::default()
        };
        if node.unschedulable && !spec.tolerations.iter().any(|it| tolerates(it, &cordon)) {
            failing.push(Constraint::Cordon);
        }
        let strange = node.taints.iter().filter(|taint| {
            taint.effect != "PreferNoSchedule"
                && taint.key != cordon.key
                && !spec.tolerations.iter().any(|it| tolerates(it, taint))
        });
        // Of several, those that stay say whether the node is meant for it.
        let strange = strange.min_by_key(|it| says_uninitialised(&it.key));
        if let Some(taint) = strange {
            failing.push(Constraint::Taint(taint.key.clone()));
        }
        let zones = self.zones(pod).unwrap_or_default();
        if zones.iter().any(|terms| !terms.iter().any(|it| holds(it, node))) {
            failing.push(Constraint::VolumeZone);
        }
        failing
    }

    /// Where the volumes of a pod's bound claims can be reached, each as the terms of which one must hold; none where a
    /// claim or volume of it was not seen.
    fn zones(&self, pod: &Pod) -> Option<Vec<&Vec<Vec<Requirement>>>> {
        let mut zones = Vec::new();
        let claims = pod.spec.volumes.iter().filter(|it| it.object.kind == "PersistentVolumeClaim");
        for claim in claims {
            let claim = self.claim(&pod.meta.namespace, &claim.object.name).seen()?;
            if claim.phase != "Bound" {
                continue;
            }
            let volume = self.volumes().find(|it| it.meta.name == claim.it.volume)?;
            if !volume.it.node_affinity.is_empty() {
                zones.push(&volume.it.node_affinity);
            }
        }
        Some(zones)
    }
}

/// A rule by which somebody meant to keep the pod from a node.
fn is_meant(constraint: &Constraint) -> bool {
    match constraint {
        // A volume stays where it is.
        Constraint::Selector | Constraint::Affinity | Constraint::VolumeZone => true,
        Constraint::Taint(key) => is_usual(key),
        _ => false,
    }
}

/// Whether a node meets all of a term. Its name is no label, and is what the pods of a DaemonSet ask for.
pub(super) fn holds(term: &[Requirement], node: &Node) -> bool {
    let name = BTreeMap::from([("metadata.name".to_owned(), node.meta.name.clone())]);
    term.iter()
        .all(|it| it.matches(if it.key == "metadata.name" { &name } else { &node.meta.labels }))
}

/// See <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>.
pub(super) fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    (toleration.effect.is_empty() || toleration.effect == taint.effect)
        && match toleration.operator.as_str() {
            "Exists" => toleration.key.is_empty() || toleration.key == taint.key,
            _ => toleration.key == taint.key && toleration.value == taint.value,
        }
}

/// A rule that node and pod state by themselves, whatever else runs.
fn is_rule(constraint: &Constraint) -> bool {
    matches!(
        constraint,
        Constraint::Selector | Constraint::Affinity | Constraint::Taint(_) | Constraint::Cordon
    )
}
