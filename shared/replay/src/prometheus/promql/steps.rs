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

    /// The earlier half and the later one; none of a single step.
    pub(crate) fn halves(self) -> Option<(Steps, Steps)> {
        let half = i64::try_from(self.count() / 2).ok().filter(|half| *half > 0)?;
        let middle = self.start + half * self.interval;
        Some((Steps { end: middle - self.interval, ..self }, Steps { start: middle, ..self }))
    }

    pub(crate) fn count(self) -> usize {
        let last = self.end.saturating_sub(self.start).checked_div(self.interval);
        usize::try_from(last.unwrap_or(-1).saturating_add(1)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_halves_are_the_same_steps() {
        let steps = |start, end| Steps { start, end, interval: 15 };
        assert_eq!(steps(100, 160).halves(), Some((steps(100, 115), steps(130, 160))));
        assert_eq!(steps(100, 115).halves(), Some((steps(100, 100), steps(115, 115))));
        assert_eq!(steps(100, 100).halves(), None);
    }
}
