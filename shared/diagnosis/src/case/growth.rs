//! Where there is no room for a pod: who took it, and why none is made.

use super::Case;
use super::constraints::{Constraint, says_leaving};
use super::preempting::preemptor;
use super::touching::toucher;
use super::unplaced::Unplaced;
use crate::finding::Cite;
use crate::quantity;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::Meta;
use evidence::fact::node::{Node, Taint};
use evidence::fact::pod::Pod;
use jiff::{SignedDuration, Timestamp};
use std::slice;

/// What the cluster autoscaler puts on a node that it is about to take away, and takes back when it starts: `ToBeDeletedTaint`
/// of `cluster-autoscaler/utils/taints`, `cleanUpIfRequired` of `cluster-autoscaler/core`.
const TO_BE_DELETED: &str = "ToBeDeletedByClusterAutoscaler";

/// It waits ten minutes for a node's pods, unless it is told otherwise: after so long the node is not about to go.
const LEFT_OVER: SignedDuration = SignedDuration::from_hours(1);

/// Who takes a room does so as soon as it is made, or once a larger one is freed.
const TAKING: SignedDuration = SignedDuration::from_mins(10);

/// The first pods of a ReplicaSet are made as soon as it is.
const AT_ONCE: SignedDuration = SignedDuration::from_mins(1);

impl Case {
    /// Since when a node is cordoned, where that is known.
    pub fn cordoned_since(&self, node: &Node) -> Option<Timestamp> {
        let touched = node.meta.touches.iter().filter(|touch| {
            touch.subresource.is_empty() && touch.fields.iter().any(|it| it == "spec.unschedulable")
        });
        let cordon = |taint: &&Taint| taint.key == "node.kubernetes.io/unschedulable";
        let tainted = node.taints.iter().find(cordon).and_then(|it| it.since);
        tainted.or(touched.filter_map(|touch| touch.at).max())
    }

    /// Where there is no room, why none is made, or where it went.
    pub(super) fn look_behind(&self, unplaced: &mut Unplaced<'_>) {
        if !self.rules.binding_constraint {
            return;
        }
        match unplaced.binding.clone() {
            Constraint::Taint(key) if says_leaving(&key) => {
                let leaving =
                    self.nodes().find(|it| it.it.taints.iter().any(|taint| taint.key == key));
                if let Some(node) = leaving
                    && !self.kept_by_left_over(&unplaced.binding)
                {
                    unplaced.binding = Constraint::Leaving(node.meta.name.clone());
                }
            }
            Constraint::Resource(resource) => {
                if let Some(node) = self.left_lately(unplaced, &resource) {
                    unplaced.binding = Constraint::Leaving(node);
                    unplaced.alone = false; // Others being full has its part in it.
                } else if self.is_rather_cordoned(unplaced.pod.it, &unplaced.binding) {
                    unplaced.binding = Constraint::Cordon;
                    unplaced.alone = false;
                } else if !self.was_preempted(unplaced) {
                    self.ask_autoscaler(unplaced);
                }
            }
            Constraint::PodCount if self.was_preempted(unplaced) => {}
            Constraint::PodCount => self.ask_autoscaler(unplaced),
            _ => {}
        }
    }

    /// Whether its predecessor may have been put out: nobody may read what would tell, and a pod of a higher priority was made
    /// shortly before it, or nobody knows all pods.
    fn may_be_put_out(&self, unplaced: &Unplaced<'_>) -> bool {
        let pod = unplaced.pod;
        if !self.hides_taker(unplaced) {
            return false;
        }
        let Some(made) = pod.meta.created.filter(|_| self.looked("Pod", "")) else { return true };
        let lately = |it: &Seen<'_, Pod>| {
            it.meta.created.is_some_and(|at| (made - TAKING..=made).contains(&at))
        };
        let priority = |it: &Seen<'_, Pod>| it.it.spec.priority.unwrap_or(0);
        self.pods().any(|it| priority(&it) > priority(&pod) && lately(&it))
    }

    /// Whether only all pods can show who may have taken a room: the events that would tell were refused, room is what lacks,
    /// as far as it shows, and it is not the first pod of its owner.
    pub fn hides_taker(&self, unplaced: &Unplaced<'_>) -> bool {
        let meta = &unplaced.pod.meta;
        let room = [Constraint::PodCount, Constraint::Other].contains(&unplaced.binding)
            || matches!(unplaced.binding, Constraint::Resource(_));
        room && self.failed_to_look("Event", slice::from_ref(&meta.namespace))
            && self.may_replace_another(meta)
    }

    /// Whether a pod is not of the first of its owner, or nobody knows.
    fn may_replace_another(&self, meta: &Meta) -> bool {
        let owner = meta.owner.as_ref().and_then(|it| self.meta_of(it));
        let Some((owned, made)) = owner.and_then(|it| it.created).zip(meta.created) else {
            return true;
        };
        made.duration_since(owned) > AT_ONCE
    }

    /// Whether pods are kept from nodes by the taint that the cluster autoscaler puts on a node before it takes that away,
    /// on all of them for so long that it does not.
    pub fn kept_by_left_over(&self, binding: &Constraint) -> bool {
        let Constraint::Taint(key) = binding else { return false };
        let bears = |it: &Node| it.taints.iter().any(|taint| taint.key == *key);
        let mut tainted = self.nodes().filter(|it| bears(it.it)).peekable();
        key == TO_BE_DELETED
            && tainted.peek().is_some()
            && tainted.all(|it| {
                let since = self.tainted_since(it, key);
                since.is_some_and(|at| self.as_of.duration_since(at) > LEFT_OVER)
            })
    }

    /// Since when a node bears a taint: as who set its taints last did, else as the autoscaler writes into the taint's value.
    pub fn tainted_since(&self, node: Seen<'_, Node>, key: &str) -> Option<Timestamp> {
        let taint = node.it.taints.iter().find(|it| it.key == key)?;
        let written = || Timestamp::from_second(taint.value.parse().ok()?).ok();
        toucher(&node.it.meta, "spec.taints").and_then(|it| it.at).or_else(written)
    }

    /// What the cluster autoscaler says of a pod, where it is its last word: `pod didn't trigger scale-up: 2 max node
    /// group size reached`, or `1 in backoff after failed scale-up`. Its log says so too, and longer.
    fn ask_autoscaler(&self, unplaced: &mut Unplaced<'_>) {
        if self.may_be_put_out(unplaced) || self.may_be_bounded(unplaced) {
            unplaced.binding = Constraint::Other;
            unplaced.alone = false;
            return;
        }
        let name = unplaced.pod.meta.entity("Pod");
        let words = self.events_of(&name, &["NotTriggerScaleUp", "TriggeredScaleUp"]);
        let Some(last) = words.max_by_key(|it| it.last) else {
            if self.bounded(unplaced).is_some() {
                unplaced.binding = Constraint::GroupsFull;
            }
            return;
        };
        let says = |words: &str| last.reason == "NotTriggerScaleUp" && last.message.contains(words);
        unplaced.binding = if says("max node group size reached") {
            Constraint::GroupsFull
        } else if says("in backoff after failed scale-up") {
            Constraint::GrowthFailed
        } else {
            return;
        };
        let says = format!("{name}: NotTriggerScaleUp, {} times", last.count.max(1));
        unplaced.cites.push(Cite::quoting(last.exhibit, says, &last.message));
    }

    /// Whether a pod of the same object gave way to another one.
    fn was_preempted(&self, unplaced: &mut Unplaced<'_>) -> bool {
        let root = unplaced.root.clone();
        let Some(event) = self.told_of_gone_pod(&root, "Preempted") else { return false };
        let by = preemptor(&event.message);
        if let Some(binding) = self.yielded_to_waiting(unplaced, by) {
            unplaced.binding = binding;
            return true;
        }
        unplaced.binding = Constraint::Preempted(by.to_owned());
        let says = format!("{}: Preempted, {} times", event.subject, event.count.max(1));
        unplaced.cites.push(Cite::quoting(event.exhibit, says, &event.message));
        true
    }

    /// What keeps the cluster from growing, as far as it shows, where a pod gave way that is meant to, by a priority below that
    /// of all who name none, to one that names none and whose like still wait: room lacks, and nobody's priority is to blame
    /// for it.
    fn yielded_to_waiting(&self, unplaced: &Unplaced<'_>, by: &str) -> Option<Constraint> {
        if unplaced.pod.it.spec.priority? >= 0 {
            return None;
        }
        let taker = self.taker(by).filter(|it| it.it.spec.priority.unwrap_or(0) == 0)?;
        let root = self.root_of(&taker.meta, "Pod");
        let mut waiting = self.pods_of(&root).filter(|it| it.it.phase == "Pending");
        let grown = waiting.find_map(|it| self.place(it)).map(|it| it.binding);
        grown.filter(|it| {
            matches!(it, Constraint::GroupsFull | Constraint::GrowthFailed | Constraint::Other)
        })
    }

    /// A node that is cordoned since a moment within the window, that was this pod's but for that, that is large enough
    /// for it, and whose cordon made this pod: it is younger, and nobody changed its workload since.
    fn left_lately(&self, unplaced: &Unplaced<'_>, resource: &str) -> Option<String> {
        let made = unplaced.pod.meta.created?;
        let wanted = requests(unplaced.pod.it, resource)?;
        let left = self.nodes().find(|node| {
            let Some(since) = self.cordoned_since(node) else { return false };
            let offered = node.it.allocatable.get(resource);
            let offered = offered.and_then(|it| quantity::thousandths(it)).unwrap_or(0);
            since >= self.window.start
                && made >= since
                && offered >= wanted
                && self.failing(node, unplaced.pod.it) == [Constraint::Cordon]
                && !self.was_changed(&unplaced.root, since)
        })?;
        Some(left.meta.name.clone())
    }

    /// Whether of the nodes that the pod could use as many are cordoned, and large enough, as are full: that a node is full
    /// is as it should be.
    fn is_rather_cordoned(&self, pod: &Pod, binding: &Constraint) -> bool {
        let Constraint::Resource(resource) = binding else { return false };
        if !matches!(resource.as_str(), "cpu" | "memory") {
            return false; // A device that no node offers is not there.
        }
        let Some(wanted) = requests(pod, resource) else { return false };
        let (mut spare, mut full) = (0, 0);
        for node in self.nodes() {
            let failing = self.failing(&node, pod);
            let offered = node.it.allocatable.get(resource);
            let offered = offered.and_then(|it| quantity::thousandths(it)).unwrap_or(0);
            spare += u32::from(failing == [Constraint::Cordon] && offered >= wanted);
            full += u32::from(failing.is_empty());
        }
        spare > 0 && spare >= full
    }

    /// Whether somebody changed an object after a moment, or nobody can tell.
    fn was_changed(&self, entity: &Entity, since: Timestamp) -> bool {
        let Some(meta) = self.meta_of(entity) else { return true };
        let after = |at: Option<Timestamp>| at.is_none_or(|at| at >= since);
        after(meta.created)
            || meta.touches.iter().any(|touch| touch.subresource != "status" && after(touch.at))
    }
}

/// How much of a resource a pod's containers request, in thousandths; the init containers' is not counted.
pub(super) fn requests(pod: &Pod, resource: &str) -> Option<i128> {
    let mut sum = 0;
    for container in pod.spec.containers.iter().filter(|it| !it.init || it.sidecar) {
        let Some(request) = container.requests.get(resource) else { continue };
        sum += quantity::thousandths(request)?;
    }
    Some(sum)
}
