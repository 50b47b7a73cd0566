//! Namespaces that were told to go and do not, and an object asked about that does the same.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::case::leaving::finalizer;
use crate::finding::Cite;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for namespace in case.lingering_namespaces() {
        let since = namespace.meta.deleted;
        let entity = namespace.meta.entity("Namespace");
        let what = "it does not go".to_owned();
        let says = since.map(|at| format!("{entity} has been terminating since {at}"));
        let cites = vec![Cite::new(namespace.exhibit, says.unwrap_or_default())];
        symptoms.push(Symptom { entity, what, since, gravity: Gravity::Partial, cites });
    }
    symptoms.extend(asked(case));
}

/// Pods have a symptom of their own.
fn asked(case: &Case) -> Option<Symptom> {
    let asked = case.asked_object().filter(|it| it.kind != "Pod")?;
    let (_, exhibit, meta) = case.metas().find(|(entity, ..)| **entity == asked)?;
    if !case.lingers(meta) || finalizer(meta).is_none() {
        return None;
    }
    let since = meta.deleted;
    let says = since.map(|at| format!("{asked} has been going since {at}")).unwrap_or_default();
    Some(Symptom {
        entity: asked,
        what: "it does not go".to_owned(),
        since,
        gravity: Gravity::Partial,
        cites: vec![Cite::new(exhibit, says)],
    })
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    fn terminating(since: &str) -> String {
        format!("- namespace: {{meta: {{name: shop, deleted: \"{since}\"}}, phase: Terminating}}")
    }

    #[test]
    fn a_namespace_that_has_been_going_for_long_is_a_symptom() {
        assert_eq!(seen(&terminating("2026-11-21T11:00:00Z"), None), ["Namespace shop"]);
    }

    #[test]
    fn one_that_was_just_told_to_go_is_none() {
        assert!(seen(&terminating("2026-11-21T11:58:00Z"), None).is_empty());
    }

    #[test]
    fn a_claim_that_does_not_go_is_one_only_where_it_was_asked_about() {
        let facts = r#"
- claim:
    meta: {namespace: shop, name: data, deleted: "2026-11-21T10:00:00Z", finalizers: [kubernetes.io/pvc-protection]}
    phase: Bound
"#;
        assert!(seen(facts, None).is_empty());
        assert_eq!(seen(facts, Some("persistentvolumeclaim/data")).len(), 1);
    }
}
