//! Workloads whose pods were evicted for what they wrote themselves: the new ones are ready until they have written as much.

use super::{Gravity, Symptom};
use crate::case::Case;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for eviction in case.evictions() {
        if symptoms.iter().any(|it| it.entity == eviction.root) {
            continue;
        }
        let what = format!("pod {} was evicted", eviction.pod.meta.name);
        let cites = vec![eviction.cite()];
        let (entity, since) = (eviction.root, eviction.at);
        symptoms.push(Symptom { entity, what, since, gravity: Gravity::Light, cites });
    }
}
