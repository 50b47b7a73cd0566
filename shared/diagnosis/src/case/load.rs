//! Whose requests grew, and whether that came from outside or was made inside.

use super::Case;
use super::hurting::Hurt;
use super::measured::{Told, brought};
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use std::collections::BTreeSet;

/// So many times what is usual is a flood rather than a good day.
const FLOOD: f64 = 2.5;
/// A caller that gets less than this many times what is usual does not pass a flood on.
const STEADY: f64 = 1.5;

/// A workload that gets many more requests than usual.
#[derive(Clone, Debug)]
pub struct Loaded<'a> {
    /// Its requests.
    pub requests: Told<'a>,
    /// Those who call it and get no more requests than usual themselves.
    pub steady_callers: Vec<Told<'a>>,
    /// Somebody who calls it gets more requests, too.
    pub passed_on: bool,
    /// Who answers slowly or not since then: it, and whom it calls.
    pub victims: Vec<Hurt<'a>>,
}

impl Case {
    /// The workloads that get many more requests since a moment, to somebody's harm.
    pub fn loaded(&self) -> Vec<Loaded<'_>> {
        let own = self.told(Signal::RequestRate).into_iter().filter(|it| it.measure.peer.is_none());
        let all: Vec<Told<'_>> = own.collect();
        let grown = all.iter().filter(|it| it.grew(FLOOD).is_some());
        grown.filter_map(|it| self.load(it, &all)).collect()
    }

    fn load<'a>(&'a self, requests: &Told<'a>, all: &[Told<'a>]) -> Option<Loaded<'a>> {
        let calls = |it: &&Told<'a>| {
            it.root != requests.root && self.calls_of(&it.root).contains(&requests.root)
        };
        let (more, steady): (Vec<Told<'a>>, Vec<Told<'a>>) =
            all.iter().filter(calls).cloned().partition(|it| it.grew(STEADY).is_some());
        let below = self.below(&requests.root);
        let mut victims = self.ailing();
        victims
            .retain(|it| below.contains(&it.entity) && brought(requests.reading.since, it.since));
        (!victims.is_empty()).then(|| Loaded {
            requests: requests.clone(),
            steady_callers: steady,
            passed_on: !more.is_empty(),
            victims,
        })
    }

    /// An object, whom it calls, and whom those call.
    fn below(&self, root: &Entity) -> BTreeSet<Entity> {
        let mut below = BTreeSet::from([root.clone()]);
        let mut next = vec![root.clone()];
        while let Some(entity) = next.pop() {
            for called in self.calls_of(&entity) {
                if below.insert(called.clone()) {
                    next.push(called);
                }
            }
        }
        below
    }
}
