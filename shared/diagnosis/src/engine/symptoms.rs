//! What is wrong now, before anybody says why: rules R2 and R3.
//!
//! A symptom is about the object that a human knows: a workload rather than its pods, a Service, a claim, a node.

mod autoscalers;
mod claims;
mod customs;
mod deliveries;
mod drains;
mod entrances;
mod evictions;
mod focus;
mod jobs;
pub(crate) mod logs;
mod namespaces;
pub mod nodes;
mod numbers;
mod pods;
mod rules;
mod schedules;
mod scrapes;
mod services;
#[cfg(test)]
pub(crate) mod trial;
mod workloads;

use crate::case::Case;
use crate::finding::Cite;
use evidence::entity::Entity;
use jiff::Timestamp;

/// One thing that is wrong now.
#[derive(Clone, Debug, PartialEq)]
pub struct Symptom {
    /// What shows it.
    pub entity: Entity,
    /// What is wrong, in a few words: `0 of 2 pods ready`.
    pub what: String,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
    /// How much it hurts.
    pub gravity: Gravity,
    /// Where it was seen.
    pub cites: Vec<Cite>,
}

/// How much a symptom hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// It works, and something was amiss lately.
    Light,
    /// It works in part.
    Partial,
    /// It does not work.
    Down,
}

/// Everything that is wrong now, by object.
pub fn of(case: &Case) -> Vec<Symptom> {
    let mut symptoms = Vec::new();
    workloads::find(case, &mut symptoms);
    jobs::find(case, &mut symptoms);
    pods::find(case, &mut symptoms);
    services::find(case, &mut symptoms);
    claims::find(case, &mut symptoms);
    nodes::find(case, &mut symptoms);
    autoscalers::find(case, &mut symptoms);
    namespaces::find(case, &mut symptoms);
    schedules::find(case, &mut symptoms);
    drains::find(case, &mut symptoms);
    customs::find(case, &mut symptoms);
    deliveries::find(case, &mut symptoms);
    entrances::find(case, &mut symptoms);
    evictions::find(case, &mut symptoms);
    numbers::find(case, &mut symptoms);
    scrapes::find(case, &mut symptoms);
    rules::find(case, &mut symptoms);
    // Last, for it speaks of what nothing else is known of.
    logs::find(case, &mut symptoms);
    symptoms.sort_by(|left, right| {
        left.entity.cmp(&right.entity).then_with(|| right.gravity.cmp(&left.gravity))
    });
    symptoms.dedup_by(|later, first| later.entity == first.entity);
    symptoms
}

/// What is wrong now with what was asked about.
pub fn asked_about(case: &Case) -> Vec<Symptom> {
    let mut symptoms = focus::of(case, of(case));
    schedules::find_rescheduled(case, &mut symptoms);
    logs::find_unknown(case, &mut symptoms);
    symptoms
}

/// Whether nothing that was asked about is down, or not all of it can be, although somebody asks about a namespace: then it
/// is worth looking at what is seldom wrong. Who asks what is wrong in a namespace asks about all of it: what is down is
/// loud, and what works beside it may suffer from something else.
pub(super) fn is_quiet(case: &Case, asked_about: &[Symptom]) -> bool {
    if case.scope.namespaces.is_empty() {
        return false;
    }
    let all = case.scope.workload.is_none() && !case.reported;
    all || asked_about.iter().all(|it| {
        case.several
            || it.gravity == Gravity::Light
            || focus::is_older(case, &it.entity)
            || case.reported && serves(case, &it.entity)
    })
}

/// Whether a workload has all the pods that it should, so that what is wrong with it is no trouble that its users report.
fn serves(case: &Case, entity: &Entity) -> bool {
    let mut all = case.workloads();
    all.any(|it| it.desired > 0 && it.ready >= it.desired && it.meta.entity(&it.kind) == *entity)
}

/// Whether a pod passes all its checks, or is done.
pub(crate) fn is_ready(pod: &evidence::fact::pod::Pod) -> bool {
    workloads::is_ready(pod)
}
