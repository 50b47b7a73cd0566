//! Whose requests grew, and whether that came from outside or was made inside.

use super::Case;
use super::hurting::Hurt;
use super::measured::{Told, brought};
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use std::collections::BTreeSet;

/// So many times what is usual is a flood rather than a good day.
const FLOOD: f64 = 2.5;
/// Requests a second by which it must have grown: three times nearly nothing is nearly nothing.
const FLOOD_RATE: f64 = 1.0;
/// A caller that gets less than this many times what is usual does not pass a flood on.
const STEADY: f64 = 1.5;
/// The caller to blame brought at least this part of the growth.
const PART: f64 = 0.5;

/// A workload that gets many more requests than usual.
#[derive(Clone, Debug)]
pub struct Loaded<'a> {
    /// Its requests.
    pub requests: Told<'a>,
    /// Somebody who calls it gets more requests, too.
    pub passed_on: bool,
    /// They may be made inside: callers get no more requests than usual, and their calls are not measured.
    pub unclear: bool,
    /// A caller that gets no more than usual, and asks it more often.
    pub insistent: Option<Insistent<'a>>,
    /// Who answers slowly or not since then: it, and whom it calls.
    pub victims: Vec<Hurt<'a>>,
}

/// Who asks more often than before, without being asked more often.
#[derive(Clone, Debug)]
pub struct Insistent<'a> {
    /// What it is asked itself.
    pub asked: Told<'a>,
    /// Its calls, where they are measured; else nobody else calls.
    pub calls: Option<Told<'a>>,
}

impl Case {
    /// The workloads that get many more requests since a moment, to somebody's harm.
    pub fn loaded(&self) -> Vec<Loaded<'_>> {
        let own = self.told(Signal::RequestRate).into_iter().filter(|it| it.measure.peer.is_none());
        let all: Vec<Told<'_>> = own.collect();
        let grown = all.iter().filter(|it| it.grew(FLOOD).is_some() && growth(it) >= FLOOD_RATE);
        grown.filter_map(|it| self.load(it, &all)).collect()
    }

    fn load<'a>(&'a self, requests: &Told<'a>, all: &[Told<'a>]) -> Option<Loaded<'a>> {
        let calls = |it: &&Told<'a>| {
            it.root != requests.root && self.calls_of(&it.root).contains(&requests.root)
        };
        let (more, steady): (Vec<Told<'a>>, Vec<Told<'a>>) =
            all.iter().filter(calls).cloned().partition(|it| it.grew(STEADY).is_some());
        let to = |it: &Told<'_>| {
            it.measure.peer.as_ref().is_some_and(|peer| self.known_as(peer) == requests.root)
        };
        let calls: Vec<Told<'a>> = self.told(Signal::RequestRate).into_iter().filter(to).collect();
        let below = self.below(&requests.root);
        let mut victims = self.ailing();
        victims
            .retain(|it| below.contains(&it.entity) && brought(requests.reading.since, it.since));
        (!victims.is_empty()).then(|| Loaded {
            requests: requests.clone(),
            passed_on: !more.is_empty(),
            unclear: !steady.is_empty() && calls.is_empty(),
            insistent: insistent(requests, steady, calls),
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

/// The steady caller whose calls make up most of the growth; where no calls are measured, the only one there is.
fn insistent<'a>(
    requests: &Told<'a>,
    steady: Vec<Told<'a>>,
    calls: Vec<Told<'a>>,
) -> Option<Insistent<'a>> {
    if calls.is_empty() {
        let mut steady = steady.into_iter();
        let only = steady.next().filter(|_| steady.next().is_none())?;
        return Some(Insistent { asked: only, calls: None });
    }
    let most = calls.into_iter().max_by(|one, other| growth(one).total_cmp(&growth(other)))?;
    if growth(&most) < growth(requests) * PART {
        return None;
    }
    let asked = steady.into_iter().find(|it| it.root == most.root)?;
    Some(Insistent { asked, calls: Some(most) })
}

fn growth(told: &Told<'_>) -> f64 {
    told.now - told.reading.usual
}
