//! Rollouts that somebody holds back, and whether that was forgotten.

use super::Case;
use super::touching::toucher;
use crate::seen::Seen;
use evidence::fact::workload::{Revision, Workload};
use jiff::SignedDuration;

/// A canary is looked at for this long. What is held back for longer was left so.
const CANARY: SignedDuration = SignedDuration::from_hours(24);

/// Whoever holds a rollout back on purpose does so when it begins, or a little before.
const TOGETHER: SignedDuration = SignedDuration::from_hours(1);

/// A rollout that stops where its strategy says.
#[derive(Clone, Copy, Debug)]
pub struct KeptBack<'a> {
    /// The field that holds it back.
    pub field: &'static str,
    /// What that says.
    pub value: u32,
    /// Pods of the older template.
    pub old: u32,
    /// The newest template.
    pub newest: Seen<'a, Revision>,
}

impl Case {
    /// A StatefulSet whose partition was there long before its newest template, or holds that back for long: whoever
    /// rolls out now expects it to reach all pods. `OnDelete` is a way of working, and is never forgotten.
    pub fn kept_back(&self, workload: Seen<'_, Workload>) -> Option<KeptBack<'_>> {
        let it = workload.it;
        if it.kind != "StatefulSet" || it.partition == 0 || it.updated >= it.desired {
            return None;
        }
        let field = "spec.updateStrategy.rollingUpdate.partition";
        let newest = self.revisions_of(&it.meta.entity(&it.kind)).into_iter().next()?;
        let made = newest.meta.created?;
        let set = toucher(&it.meta, field).and_then(|it| it.at);
        let before = set.is_some_and(|set| made.duration_since(set) > TOGETHER);
        let long = self.as_of.duration_since(made) > CANARY;
        let old = it.desired - it.updated;
        (before || long).then_some(KeptBack { field, value: it.partition, old, newest })
    }
}
