//! Claims that wait for a volume that a pod waits for.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::finding::Cite;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for claim in case.claims().filter(|claim| claim.phase != "Bound") {
        let wanted = case.pods().any(|pod| {
            pod.meta.namespace == claim.meta.namespace
                && pod.meta.deleted.is_none()
                && pod.phase == "Pending"
                && pod.it.spec.volumes.iter().any(|it| {
                    it.object.kind == "PersistentVolumeClaim" && it.object.name == claim.meta.name
                })
        });
        if !wanted {
            continue; // Nobody waits for it: a class that binds on first use leaves it so.
        }
        let entity = claim.meta.entity("PersistentVolumeClaim");
        let what = format!("{} and wanted by a pod", claim.phase);
        let cites = vec![Cite::new(claim.exhibit, format!("{entity}: {}", claim.phase))];
        let since = claim.meta.created;
        symptoms.push(Symptom { entity, what, since, gravity: Gravity::Down, cites });
    }
}
