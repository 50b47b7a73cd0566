//! The memory that all stores together may take.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that may be taken, and those that are.
pub(super) struct Budget {
    most: u64,
    taken: AtomicU64,
}

impl Budget {
    pub(super) fn new(most: u64) -> Self {
        Budget { most, taken: AtomicU64::new(0) }
    }

    /// How many there are.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// Takes so many, where they are left.
    pub(super) fn take(&self, bytes: u64) -> bool {
        let taken = self.taken.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if taken > self.most {
            self.give_back(bytes);
        }
        taken <= self.most
    }

    /// Gives back what was taken.
    pub(super) fn give_back(&self, bytes: u64) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let budget = Budget::new(10);
        assert!(budget.take(6) && !budget.take(5) && budget.take(4));
        budget.give_back(6);
        assert!(budget.take(5));
    }
}
