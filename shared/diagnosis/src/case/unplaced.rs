//! Pods that the scheduler cannot place, and which constraint binds: rule R5.

use super::Case;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::node::{Node, Taint};
use evidence::fact::pod::Pod;
use evidence::fact::spec::{PodSpec, Toleration};
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
    /// What the scheduler said.
    pub said: String,
    /// Where that was seen.
    pub cites: Vec<Cite>,
}

/// What the scheduler lacks.
/// The words are those of <https://github.com/kubernetes/kubernetes/tree/master/pkg/scheduler/framework/plugins>.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// `Insufficient cpu`, `memory` or an extended resource.
    Resource(String),
    /// `Too many pods`.
    PodCount,
    /// `didn't match Pod's node affinity/selector`, with a node selector that no node has.
    Selector,
    /// The same words, with a required node affinity.
    Affinity,
    /// `had untolerated taint`, with the taint's key.
    Taint(String),
    /// `were unschedulable`.
    Cordon,
    /// `didn't match pod anti-affinity rules`.
    AntiAffinity,
    /// `didn't match pod affinity rules`.
    PodAffinity,
    /// `didn't match pod topology spread constraints`.
    Spread,
    /// `didn't have free ports for the requested pod ports`.
    HostPort,
    /// `had volume node affinity conflict`.
    VolumeZone,
    /// `pod has unbound immediate PersistentVolumeClaims`.
    UnboundClaim,
    /// `persistentvolumeclaim "x" not found`.
    MissingClaim(String),
    /// Anything else.
    Other,
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

    /// Objects whose pods only a taint keeps away that the cluster gives to sick nodes.
    pub fn kept_away_by_sickness(&self) -> Vec<Entity> {
        let sick = |it: &Unplaced<'_>| matches!(&it.binding, Constraint::Taint(key) if key.starts_with("node.kubernetes.io/"));
        self.unplaced().into_iter().filter(sick).map(|it| it.root).collect()
    }

    fn place<'a>(&'a self, pod: Seen<'a, Pod>) -> Option<Unplaced<'a>> {
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
        let binding = self.binding(&pod.it.spec, &said);
        Some(Unplaced { root, pod, binding, said, cites })
    }

    /// The constraint that rejects the nodes that pass every other one. Where nodes were not seen, the one that the
    /// scheduler counts most.
    fn binding(&self, spec: &PodSpec, said: &str) -> Constraint {
        let reasons = reasons(said, spec);
        if let Some((_, whole)) = reasons.iter().find(|(count, _)| *count == 0) {
            return whole.clone(); // It is about the pod, whatever the nodes.
        }
        if !self.rules.binding_constraint || !self.looked("Node", "") {
            return most(&reasons);
        }
        // A selector is meant to keep nodes out, and so is the control plane's taint: of the nodes that fail by one rule
        // only, those that fail by another are the ones that the pod was meant to have.
        let mut nearest: Option<((usize, bool), Vec<Constraint>)> = None;
        for node in self.nodes() {
            let failing = failing(&node, spec);
            let rank = (failing.len(), failing.first().is_some_and(is_meant));
            if nearest.as_ref().is_none_or(|(least, _)| rank < *least) {
                nearest = Some((rank, failing));
            }
        }
        match nearest {
            Some(((1, _), failing)) => failing.into_iter().next().unwrap_or(Constraint::Other),
            // No rule of the node's keeps it out: it is full, or its neighbours are.
            Some(((0, _), _)) => {
                let inner: Vec<_> = reasons.into_iter().filter(|(_, it)| !is_rule(it)).collect();
                most(&inner)
            }
            _ => most(&reasons),
        }
    }
}

/// A rule by which somebody meant to keep the pod from a node.
fn is_meant(constraint: &Constraint) -> bool {
    match constraint {
        Constraint::Selector | Constraint::Affinity => true,
        Constraint::Taint(key) => is_usual(key),
        _ => false,
    }
}

/// The taint of a control plane is there in every cluster: rule R3.
fn is_usual(key: &str) -> bool {
    key.starts_with("node-role.kubernetes.io/")
}

/// Which of the rules that stand in objects alone keep a pod from a node.
fn failing(node: &Node, spec: &PodSpec) -> Vec<Constraint> {
    let mut failing = Vec::new();
    if spec.node_selector.iter().any(|(key, value)| node.meta.labels.get(key) != Some(value)) {
        failing.push(Constraint::Selector);
    }
    let holds = |term: &Vec<evidence::fact::meta::Requirement>| {
        term.iter().all(|it| it.matches(&node.meta.labels))
    };
    if !spec.node_affinity.is_empty() && !spec.node_affinity.iter().any(holds) {
        failing.push(Constraint::Affinity);
    }
    if node.unschedulable {
        failing.push(Constraint::Cordon);
    }
    let strange = node.taints.iter().find(|taint| {
        taint.effect != "PreferNoSchedule"
            && taint.key != "node.kubernetes.io/unschedulable"
            && !spec.tolerations.iter().any(|it| tolerates(it, taint))
    });
    if let Some(taint) = strange {
        failing.push(Constraint::Taint(taint.key.clone()));
    }
    failing
}

/// See <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>.
fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
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

/// The constraint that the scheduler counts for most nodes; ties go to the one named first here.
fn most(reasons: &[(u32, Constraint)]) -> Constraint {
    let mut best: Option<&(u32, Constraint)> = None;
    for reason in reasons.iter().filter(|(_, it)| *it != Constraint::Other) {
        let usual = matches!(&reason.1, Constraint::Taint(key) if is_usual(key));
        if !usual && best.is_none_or(|it| reason.0 > it.0) {
            best = Some(reason);
        }
    }
    best.map_or(Constraint::Other, |(_, it)| it.clone())
}

/// What the scheduler counts, as (nodes, constraint); 0 nodes where it is about the pod itself.
/// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: ...`
fn reasons(said: &str, spec: &PodSpec) -> Vec<(u32, Constraint)> {
    let (said, _) = said.split_once(" preemption: ").unwrap_or((said, ""));
    let list = said.split_once(" nodes are available: ").map_or(said, |(_, list)| list);
    let mut reasons = Vec::new();
    for part in list.trim_end_matches('.').split(", ") {
        let (count, text) = match part.split_once(' ') {
            Some((count, text)) => match count.parse() {
                Ok(count) => (count, text),
                Err(_) => (0, part),
            },
            None => (0, part),
        };
        let constraint = constraint(text, spec);
        let count = if is_of_pod(&constraint) { 0 } else { count.max(1) };
        reasons.push((count, constraint));
    }
    reasons
}

fn is_of_pod(constraint: &Constraint) -> bool {
    matches!(constraint, Constraint::UnboundClaim | Constraint::MissingClaim(_))
}

fn constraint(text: &str, spec: &PodSpec) -> Constraint {
    if let Some(resource) = text.strip_prefix("Insufficient ") {
        return Constraint::Resource(resource.to_owned());
    }
    if let Some((_, rest)) = text.split_once("untolerated taint") {
        let key = rest.trim_start_matches("(s)").trim_start_matches([' ', '{']);
        return Constraint::Taint(key.split([':', '}']).next().unwrap_or_default().to_owned());
    }
    if let Some(claim) = super::denials::between(text, "persistentvolumeclaim \"", "\" not found") {
        return Constraint::MissingClaim(claim.to_owned());
    }
    let has = |words: &str| text.contains(words);
    if has("node affinity/selector") {
        return if spec.node_selector.is_empty() {
            Constraint::Affinity
        } else {
            Constraint::Selector
        };
    }
    if has("were unschedulable") {
        Constraint::Cordon
    } else if has("anti-affinity rules") {
        Constraint::AntiAffinity
    } else if has("pod affinity rules") {
        Constraint::PodAffinity
    } else if has("topology spread constraints") {
        Constraint::Spread
    } else if has("free ports for the requested pod ports") {
        Constraint::HostPort
    } else if has("volume node affinity conflict") {
        Constraint::VolumeZone
    } else if has("unbound immediate PersistentVolumeClaims") {
        Constraint::UnboundClaim
    } else if has("Too many pods") {
        Constraint::PodCount
    } else {
        Constraint::Other
    }
}
