//! Something that was seen, and where in the case it stands.

use std::ops::Deref;

/// A fact of the case by its number, which a finding cites.
#[derive(Debug)]
pub struct Seen<'a, T> {
    /// Its number in the case.
    pub exhibit: usize,
    /// The fact.
    pub it: &'a T,
}

impl<T> Clone for Seen<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Seen<'_, T> {}

impl<T> Deref for Seen<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.it
    }
}

/// Whether a thing is there. Unknown never refutes.
#[derive(Clone, Copy, Debug)]
pub enum Presence<'a, T> {
    /// It was seen.
    Present(Seen<'a, T>),
    /// Somebody looked at all there is, and it is not there.
    Absent,
    /// Nobody looked, or not at all of it.
    Unknown,
}

impl<'a, T> Presence<'a, T> {
    /// What was seen, where it was.
    pub fn seen(self) -> Option<Seen<'a, T>> {
        match self {
            Presence::Present(seen) => Some(seen),
            Presence::Absent | Presence::Unknown => None,
        }
    }

    /// Whether it is known not to be there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Presence::Absent)
    }
}
