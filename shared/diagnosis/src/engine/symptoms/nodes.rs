//! Nodes that are not ready or under pressure. A cordon alone is no symptom: rule R3.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::finding::Cite;

/// Conditions of a node that are bad when they are `True`.
pub(crate) const PRESSURES: [&str; 4] =
    ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for node in case.nodes() {
        let bad = node.it.conditions.iter().find(|condition| match condition.kind.as_str() {
            "Ready" => condition.status != "True",
            kind => PRESSURES.contains(&kind) && condition.status == "True",
        });
        let Some(bad) = bad else { continue };
        let entity = node.meta.entity("Node");
        let what = format!("{} is {}", bad.kind, bad.status);
        let cite = Cite::quoting(node.exhibit, format!("{entity}: {what}"), &bad.message);
        let gravity = if bad.kind == "Ready" { Gravity::Down } else { Gravity::Partial };
        symptoms.push(Symptom { entity, what, since: bad.since, gravity, cites: vec![cite] });
    }
}
