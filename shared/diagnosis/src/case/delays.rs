//! Calls that take long although who is called answers as fast as ever: then the time passes on the way. Rule R7.

use super::Case;
use super::measured::Told;
use evidence::entity::Entity;
use evidence::fact::metric::{Measured, Signal};
use std::collections::BTreeSet;

/// Calls are slow where they take so many times what is usual, and so many seconds more.
const SLOWER: (f64, f64) = (2.0, 0.1);
/// An answer that grew by less is as fast as ever.
const STEADY: f64 = 1.5;

/// A workload all of whose calls lose time on the way.
#[derive(Clone, Debug)]
pub struct Delayed<'a> {
    /// The workload whose pods' network it is.
    pub subject: Entity,
    /// The calls, measured by who calls.
    pub calls: Vec<Told<'a>>,
    /// How long the answers take where they are given.
    pub own: Vec<Told<'a>>,
}

impl Case {
    /// The workloads of which all calls, to or from several others, lose time on the way.
    pub fn delayed(&self) -> Vec<Delayed<'_>> {
        // Where only the worst rows are told, those that are well are not seen.
        let all = |it: &Measured| it.told == it.series && it.incomplete.is_none();
        if self.measured().any(|it| it.signal == Signal::LatencyP99 && !all(it.it)) {
            return Vec::new();
        }
        let calls: Vec<(Told<'_>, Entity)> = self
            .told(Signal::LatencyP99)
            .into_iter()
            .filter_map(|it| {
                let callee = self.known_as(it.measure.it.peer.as_ref()?);
                Some((it, callee))
            })
            .collect();
        let ends: BTreeSet<&Entity> = calls.iter().flat_map(|it| [&it.0.root, &it.1]).collect();
        let mut delayed = Vec::new();
        for end in ends {
            let to: Vec<&(Told<'_>, Entity)> = calls.iter().filter(|it| it.1 == *end).collect();
            let from: Vec<&(Told<'_>, Entity)> =
                calls.iter().filter(|it| it.0.root == *end).collect();
            let all = |some: &[&(Told<'_>, Entity)]| {
                some.len() >= 2 && some.iter().all(|it| self.is_between(&it.0))
            };
            // Whom it calls is reached by others as fast as ever, so that it is not the way to them.
            let others =
                calls.iter().filter(|it| it.0.root != *end && from.iter().any(|own| own.1 == it.1));
            let others: Vec<&(Told<'_>, Entity)> = others.collect();
            let alone = !others.is_empty() && others.iter().all(|it| slow(&it.0).is_none());
            let own = if all(&to) {
                to
            } else if all(&from) && alone {
                from
            } else {
                continue;
            };
            let answers: BTreeSet<&Entity> = own.iter().map(|it| &it.1).collect();
            delayed.push(Delayed {
                subject: end.clone(),
                own: answers.iter().flat_map(|it| self.answers_of(it)).collect(),
                calls: own.iter().map(|it| it.0.clone()).collect(),
            });
        }
        delayed
    }

    /// Whether calls are slow, and who is called answers as fast as ever and in less than half of that time.
    pub fn is_between(&self, calls: &Told<'_>) -> bool {
        let Some(peer) = calls.measure.it.peer.as_ref().filter(|_| slow(calls).is_some()) else {
            return false;
        };
        let own = self.answers_of(&self.known_as(peer));
        let fast = |it: &Told<'_>| {
            it.grew(STEADY).is_none()
                && calls.now >= it.now * SLOWER.0
                && calls.now - it.now >= SLOWER.1
        };
        !own.is_empty() && own.iter().all(fast)
    }

    fn answers_of(&self, root: &Entity) -> Vec<Told<'_>> {
        self.told_of(Signal::LatencyP99, root)
    }
}

fn slow(calls: &Told<'_>) -> Option<jiff::Timestamp> {
    let slow = calls.measure.signal == Signal::LatencyP99;
    calls.grew(SLOWER.0).and(calls.worse_by(SLOWER.1)).filter(|_| slow)
}
