//! Revisions that came into force again, by their numbers: each return takes a number and makes no revision.

use super::MAKING;
use crate::case::Case;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::workload::Revision;
use jiff::Timestamp;

/// A survey keeps so many of a workload's newest revisions. Where fewer are known, there are no others, unless somebody
/// had Kubernetes keep fewer than its ten.
const KEPT: usize = 3;

/// The revision above whose number all that there were are known.
struct Floor {
    number: u64,
    made: Option<Timestamp>,
}

impl Case {
    /// Whether the newest revision of a workload is an older one that came back: another was made after it and before that,
    /// or it had the number before the last, which nobody has any more.
    pub(super) fn is_returned(&self, owner: &Entity) -> bool {
        let revisions = self.revisions_of(owner);
        let [newest, before, others @ ..] = revisions.as_slice() else { return false };
        if before.meta.created > newest.meta.created {
            return true;
        }
        let (Some(last), Some(number)) = (newest.number, before.number) else { return false };
        let Some(floor) = self.floor(owner, &revisions) else { return false };
        // No revision gets two numbers in a row: the one between them went up to the last.
        number + 1 == last
            && number > floor.number
            && others.first().is_none_or(|it| it.number < Some(number - 1))
    }

    /// How often revisions of a workload came back for sure, of late.
    pub fn returns(&self, owner: &Entity) -> u64 {
        let revisions = self.revisions_of(owner);
        let newest = revisions.first().and_then(|it| it.number);
        let (Some(newest), Some(floor)) = (newest, self.floor(owner, &revisions)) else { return 0 };
        let made = revisions.iter().filter(|it| it.meta.created > floor.made).count();
        newest.saturating_sub(floor.number).saturating_sub(made as u64)
    }

    fn floor(&self, owner: &Entity, revisions: &[Seen<'_, Revision>]) -> Option<Floor> {
        let created = self.meta_of(owner).and_then(|it| it.created);
        let is_first = |it: &&Seen<'_, Revision>| {
            let made = it.meta.created.zip(created);
            made.is_some_and(|(made, created)| made.duration_since(created) <= MAKING)
        };
        if revisions.len() < KEPT
            && let Some(first) = revisions.iter().find(is_first)
        {
            return Some(Floor { number: 1, made: first.meta.created });
        }
        let lowest = revisions.iter().take(KEPT).next_back()?;
        Some(Floor { number: lowest.number?, made: lowest.meta.created })
    }
}
