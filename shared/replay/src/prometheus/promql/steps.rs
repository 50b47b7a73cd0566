//! The times at which a query is evaluated.

/// From `start` to `end`, both of them steps if they fall together; milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// Milliseconds, more than 0.
    pub(crate) interval: i64,
}

impl Steps {
    /// One time alone.
    pub(crate) fn at(time: i64) -> Steps {
        Steps { start: time, end: time, interval: 1 }
    }

    pub(crate) fn times(self) -> impl Iterator<Item = i64> {
        let mut next = Some(self.start);
        std::iter::from_fn(move || {
            let time = next.filter(|time| *time <= self.end)?;
            next = time.checked_add(self.interval);
            Some(time)
        })
    }

    pub(crate) fn count(self) -> usize {
        let last = self.end.saturating_sub(self.start).checked_div(self.interval);
        usize::try_from(last.unwrap_or(-1).saturating_add(1)).unwrap_or(0)
    }
}
