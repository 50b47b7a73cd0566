//! The memory that all stores together may take, and which of them gives way where there is too little.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One part in so many is left free of what can be made again: objects change, and lists grow.
const FREE: u64 = 8;

/// Bytes that may be taken, and who has taken them.
pub(super) struct Budget {
    most: u64,
    shares: Mutex<Shares>,
}

#[derive(Default)]
struct Shares {
    next: u64,
    by_number: BTreeMap<u64, Share>,
}

/// What one store has taken.
struct Share {
    bytes: u64,
    /// Its list is still being read for the first time.
    filling: bool,
    /// It had to give way to another, which it learns with its next object.
    gave_way: Option<Full>,
}

/// Bytes that a share has beside its objects, until this is dropped.
pub(crate) struct Taken {
    budget: Arc<Budget>,
    number: u64,
    bytes: u64,
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(share) = self.budget.shares().by_number.get_mut(&self.number) {
            share.bytes = share.bytes.saturating_sub(self.bytes);
        }
    }
}

/// Why there is no memory left for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// Its list takes more than half of all there is before it has come to its end.
    TooLarge,
    /// Others have taken what it would need; later there may be room.
    Crowded,
}

impl Budget {
    pub(super) fn new(most: u64) -> Self {
        Budget { most, shares: Mutex::default() }
    }

    /// How many bytes there are.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// A share for a store that is about to be filled; its number.
    pub(super) fn enter(&self) -> u64 {
        let mut shares = self.shares();
        let number = shares.next;
        shares.next += 1;
        shares.by_number.insert(number, Share { bytes: 0, filling: true, gave_way: None });
        number
    }

    /// Gives back `before` bytes of a share and takes `after` in their place. Where that is too much, the largest list
    /// that is still being filled gives way, this one or another: what is served is not thrown out for what is not yet.
    ///
    /// # Errors
    /// Where there is no room, or this share had to give way to another.
    pub(super) fn replace(&self, number: u64, before: u64, after: u64) -> Result<(), Full> {
        let mut shares = self.shares();
        let Some(share) = shares.by_number.get_mut(&number) else { return Err(Full::Crowded) };
        if let Some(full) = share.gave_way {
            return Err(full);
        }
        let filling = share.filling;
        let wanted = share.bytes.saturating_sub(before).saturating_add(after);
        let had = std::mem::replace(&mut share.bytes, wanted);
        while shares.taken() > self.most {
            match shares.largest_filling() {
                Some(largest) if largest != number => shares.give_way(largest, self.most),
                _ => {
                    if let Some(share) = shares.by_number.get_mut(&number) {
                        share.bytes = had;
                    }
                    return Err(if filling { full(wanted, self.most) } else { Full::Crowded });
                }
            }
        }
        Ok(())
    }

    /// Takes bytes for what can be made again, where enough is left free.
    pub(super) fn spare(self: &Arc<Self>, number: u64, bytes: u64) -> Option<Taken> {
        let mut shares = self.shares();
        if shares.taken().saturating_add(bytes) > self.most - self.most / FREE {
            return None;
        }
        let share = shares.by_number.get_mut(&number)?;
        share.bytes = share.bytes.saturating_add(bytes);
        Some(Taken { budget: Arc::clone(self), number, bytes })
    }

    /// The list of this share was read to its end.
    ///
    /// # Errors
    /// Where it had to give way to another in the meantime.
    pub(super) fn filled(&self, number: u64) -> Result<(), Full> {
        let mut shares = self.shares();
        let Some(share) = shares.by_number.get_mut(&number) else { return Err(Full::Crowded) };
        share.filling = false;
        share.gave_way.map_or(Ok(()), Err)
    }

    /// Gives back all of a share.
    pub(super) fn leave(&self, number: u64) {
        self.shares().by_number.remove(&number);
    }

    fn shares(&self) -> MutexGuard<'_, Shares> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shares {
    fn taken(&self) -> u64 {
        self.by_number.values().map(|share| share.bytes).fold(0, u64::saturating_add)
    }

    fn largest_filling(&self) -> Option<u64> {
        let filling = self.by_number.iter().filter(|(_, it)| it.filling && it.gave_way.is_none());
        filling.max_by_key(|(_, share)| share.bytes).map(|(number, _)| *number)
    }

    fn give_way(&mut self, number: u64, most: u64) {
        let Some(share) = self.by_number.get_mut(&number) else { return };
        share.gave_way = Some(full(share.bytes, most));
        share.bytes = 0;
    }
}

/// What it means that there is no room for a list that takes so many bytes.
fn full(bytes: u64, most: u64) -> Full {
    if bytes > most / 2 { Full::TooLarge } else { Full::Crowded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let budget = Budget::new(10);
        let (one, two) = (budget.enter(), budget.enter());
        assert_eq!(budget.replace(one, 0, 6), Ok(()));
        assert_eq!(budget.filled(one), Ok(()));
        assert_eq!(budget.replace(two, 0, 5), Err(Full::Crowded));
        assert_eq!(budget.replace(two, 0, 4), Ok(()));
        budget.leave(one);
        assert_eq!(budget.replace(two, 0, 6), Ok(()));
    }

    #[test]
    fn a_new_version_of_an_object_costs_the_difference() {
        let budget = Budget::new(10);
        let one = budget.enter();
        assert_eq!(budget.replace(one, 0, 9), Ok(()));
        assert_eq!(budget.filled(one), Ok(()));
        assert_eq!(budget.replace(one, 9, 10), Ok(()));
        assert_eq!(budget.replace(one, 10, 10), Ok(()));
    }

    #[test]
    fn what_can_be_made_again_leaves_room_and_gives_it_back() {
        let budget = Arc::new(Budget::new(16));
        let one = budget.enter();
        assert_eq!(budget.replace(one, 0, 10), Ok(()));
        assert!(budget.spare(one, 5).is_none(), "an eighth stays free");
        let taken = budget.spare(one, 4);
        assert!(taken.is_some() && budget.spare(one, 1).is_none());
        drop(taken);
        assert!(budget.spare(one, 4).is_some());
    }

    #[test]
    fn a_list_that_is_too_large_gives_way_to_what_is_served() {
        let budget = Budget::new(10);
        let (live, large) = (budget.enter(), budget.enter());
        assert_eq!(budget.replace(live, 0, 2), Ok(()));
        assert_eq!(budget.filled(live), Ok(()));
        assert_eq!(budget.replace(large, 0, 8), Ok(()));
        assert_eq!(budget.replace(live, 2, 3), Ok(()), "it grows");
        assert_eq!(budget.replace(large, 0, 1), Err(Full::TooLarge), "as it learns now");
        assert_eq!(budget.filled(large), Err(Full::TooLarge));
    }

    #[test]
    fn a_list_that_is_too_large_gives_way_to_a_smaller_one_that_is_filled_at_the_same_time() {
        let budget = Budget::new(10);
        let (large, small) = (budget.enter(), budget.enter());
        assert_eq!(budget.replace(large, 0, 9), Ok(()));
        assert_eq!(budget.replace(small, 0, 2), Ok(()));
        assert_eq!(budget.filled(small), Ok(()));
        assert_eq!(budget.replace(large, 0, 1), Err(Full::TooLarge));
    }

    #[test]
    fn what_is_served_and_finds_no_room_is_not_called_too_large() {
        let budget = Budget::new(10);
        for bytes in [4, 6] {
            let live = budget.enter();
            assert_eq!(budget.replace(live, 0, bytes), Ok(()));
            assert_eq!(budget.filled(live), Ok(()));
        }
        for live in [0, 1] {
            assert_eq!(budget.replace(live, 1, 2), Err(Full::Crowded));
        }
    }
}
