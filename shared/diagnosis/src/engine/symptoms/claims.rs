//! Claims that wait for a volume that a pod waits for.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::finding::Cite;
use jiff::SignedDuration;

/// How long a volume may take.
const GRACE: SignedDuration = SignedDuration::from_mins(2);

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for claim in case.claims().filter(|claim| claim.phase != "Bound") {
        // A volume is made within seconds, or not at all.
        let age = claim.meta.created.map(|it| case.as_of.duration_since(it));
        let asked = case.asks_about("PersistentVolumeClaim", &claim.meta.name);
        if case.rules.current_state && !asked && age.is_some_and(|it| it < GRACE) {
            continue;
        }
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

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    const WAITS: &str = r#"
- claim: {meta: {namespace: shop, name: data, created: "CREATED"}, phase: Pending}
- pod:
    meta: {namespace: shop, name: db-0, created: "2026-11-21T11:59:00Z", owner: {kind: StatefulSet, namespace: shop, name: db}}
    phase: Pending
    spec: {volumes: [{volume: data, object: {kind: PersistentVolumeClaim, name: data}}]}
"#;

    #[test]
    fn a_claim_that_was_just_made_is_none() {
        assert!(seen(&WAITS.replace("CREATED", "2026-11-21T11:59:00Z"), None).is_empty());
        let long = WAITS.replace("CREATED", "2026-11-21T11:30:00Z");
        assert_eq!(seen(&long, None), ["PersistentVolumeClaim shop/data"]);
    }
}
