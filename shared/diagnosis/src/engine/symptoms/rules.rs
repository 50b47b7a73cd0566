//! Alerts that somebody misses: OBS-03.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::finding::Cite;
use evidence::entity::Entity;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for rule in case.missed_rules() {
        let entity = Entity::new("AlertingRule", "", &rule.name);
        let what = "it does not fire".to_owned();
        let says = format!("{entity}: it is inactive");
        let cites = vec![Cite::new(rule.exhibit, says)];
        symptoms.push(Symptom { entity, what, since: None, gravity: Gravity::Light, cites });
    }
}
