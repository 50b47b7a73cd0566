//! Nodes whose CPU is used up, who suffers from it, and whose use of it grew.

use super::Case;
use super::hurting::Hurt;
use super::measured::{Told, at_once, brought};
use crate::quantity;
use evidence::entity::Entity;
use evidence::fact::metric::Signal;

/// A node with less left makes pods wait for CPU.
const BUSY: f64 = 0.9;
/// Cores by which somebody's use grew: less is no burden to a node.
const MORE: f64 = 0.3;
/// The one to blame brought at least this part of the node's growth.
const PART: f64 = 0.5;

/// A node whose CPU is used up, to the harm of pods on it.
#[derive(Clone, Debug)]
pub struct Crowded<'a> {
    /// The node.
    pub node: Entity,
    /// Its CPU.
    pub cpu: Told<'a>,
    /// Who answers slowly or not since then.
    pub victims: Vec<Hurt<'a>>,
    /// Whose use of CPU grew by most of what the node's did.
    pub culprit: Option<Told<'a>>,
}

impl Case {
    /// Every node whose CPU is used up since a moment, and somebody suffers since.
    pub fn crowded(&self) -> Vec<Crowded<'_>> {
        let busy = self.told(Signal::NodeCpuUse).into_iter();
        let busy = busy.filter(|it| it.now >= BUSY && it.worse_by(0.1).is_some());
        busy.filter_map(|cpu| self.crowd(cpu)).collect()
    }

    fn crowd<'a>(&'a self, cpu: Told<'a>) -> Option<Crowded<'a>> {
        let node = cpu.measure.it.subject.clone();
        let culprit = self.culprit(&node, &cpu);
        let guilty = culprit.as_ref().map(|it| &it.root);
        let mut victims = self.ailing();
        victims.retain(|it| {
            Some(&it.entity) != guilty
                && self.nodes_of(&it.entity).contains(&node.name)
                && brought(cpu.reading.since, it.since)
        });
        (!victims.is_empty()).then_some(Crowded { node, cpu, victims, culprit })
    }

    fn culprit<'a>(&'a self, node: &Entity, cpu: &Told<'a>) -> Option<Told<'a>> {
        let since = cpu.reading.since?;
        let here = |it: &Told<'_>| match it.measure.part.as_str() {
            "" => self
                .pod(&it.measure.it.subject)
                .seen()
                .is_some_and(|pod| pod.it.spec.node_name == node.name),
            part => part == node.name,
        };
        let grown = |it: &Told<'_>| it.now - it.reading.usual;
        // What started with the trouble has no time before it: all that it uses is growth.
        let growth = |it: &Told<'_>| if it.reading.since.is_some() { grown(it) } else { it.now };
        let new = |it: &Told<'_>| {
            let first = it.measure.it.values.iter().take(3).all(Option::is_none);
            it.reading.since.is_some_and(|own| at_once(own, since)) || first
        };
        let all = self.told(Signal::CpuUse).into_iter();
        let rival = all.filter(|it| here(it) && new(it) && growth(it) >= MORE);
        let most = rival.max_by(|one, other| growth(one).total_cmp(&growth(other)))?;
        // Without the node's size, nobody knows how much of its growth one brought.
        let size = self.node(&node.name).seen()?.it;
        let cpus = size.capacity.get("cpu").or(size.allocatable.get("cpu"))?;
        let grew = (cpu.now - cpu.reading.usual) * quantity::thousandths(cpus)? as f64 / 1000.0;
        (growth(&most) >= grew * PART).then_some(most)
    }
}
