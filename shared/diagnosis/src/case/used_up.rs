//! What numbers say is used up, or fails by itself, and whom that hurts.

use super::Case;
use super::hurting::Hurt;
use super::measured::brought;
use crate::finding::{Finding, Judgement, Strength, joined};
use evidence::entity::Entity;
use evidence::fact::metric::Signal;

impl Case {
    /// A finding for each object of which one of the signals hurts; `says` tells it after what suffers.
    pub fn used_up(&self, signals: &[Signal], says: fn(&Hurt<'_>) -> String) -> Vec<Judgement> {
        let hurts = self.hurts();
        let these = hurts.iter().filter(|it| signals.contains(&it.told.measure.signal));
        joined(these.map(|it| self.of_used_up(it, says)))
    }

    fn of_used_up(&self, hurt: &Hurt<'_>, says: fn(&Hurt<'_>) -> String) -> Finding {
        let subject = hurt.entity.clone();
        let ailing = self.ailing();
        let suffers = |it: &&Hurt<'_>| {
            it.entity != subject
                && brought(hurt.since, it.since)
                && self.hangs_on(&it.entity, &subject)
        };
        let mut proofs = vec![hurt.told.cite()];
        let mut explains = vec![subject.clone()];
        for victim in ailing.iter().filter(suffers) {
            proofs.push(victim.told.cite());
            explains.push(victim.entity.clone());
        }
        if subject.kind == "PersistentVolumeClaim" {
            explains.extend(self.mounters(&subject));
        }
        proofs.truncate(4);
        Finding {
            field: None,
            value: None,
            statement: says(hurt),
            proofs,
            doubts: Vec::new(),
            // What is measured is so; that it is why others suffer follows from where they run.
            strength: Strength::Strong,
            explains,
            subject,
        }
    }

    /// Whether an object runs on a node, mounts a claim, or calls something.
    fn hangs_on(&self, entity: &Entity, subject: &Entity) -> bool {
        match subject.kind.as_str() {
            "Node" => self.nodes_of(entity).contains(&subject.name),
            "PersistentVolumeClaim" => self.mounters(subject).contains(entity),
            _ => self.calls_of(entity).contains(subject),
        }
    }
}
