//! What Argo CD and Flux could not deliver. What delivers into another namespace than the one asked about is another question.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::case::delivery::Trouble;
use crate::finding::Cite;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for undelivered in case.undelivered() {
        let entity = undelivered.entity();
        let what = match undelivered.trouble {
            Trouble::Health => "what it delivered is not well".to_owned(),
            Trouble::Source | Trouble::Apply | Trouble::Locked => "it is not delivered".to_owned(),
        };
        let says = format!("{entity}: {}", undelivered.word);
        let cite = Cite::quoting(undelivered.object.exhibit, says, &undelivered.said);
        symptoms.push(Symptom {
            entity,
            what,
            since: undelivered.since,
            gravity: Gravity::Partial,
            cites: vec![cite],
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    fn application(namespace: &str, phase: &str, health: &str) -> String {
        format!(
            "- object: {{kind: Application, api_version: argoproj.io/v1alpha1, meta: {{namespace: {namespace}, name: web}}, fields: {{status.operationState.phase: {phase}, status.health.status: {health}}}}}"
        )
    }

    #[test]
    fn a_failed_sync_is_a_symptom_of_its_own_namespace() {
        assert_eq!(seen(&application("shop", "Failed", "Healthy"), None), ["Application shop/web"]);
        assert!(seen(&application("argocd", "Failed", "Healthy"), None).is_empty());
    }

    #[test]
    fn a_failed_sync_is_one_of_the_namespace_that_it_delivers_into() {
        let into = |namespace: &str| {
            let field = format!("fields: {{spec.destination.namespace: {namespace}, ");
            application("argocd", "Failed", "Healthy").replace("fields: {", &field)
        };
        assert_eq!(seen(&into("shop"), None), ["Application argocd/web"]);
        assert!(seen(&into("blog"), None).is_empty());
    }

    #[test]
    fn what_flux_names_first_tells_where_it_delivers() {
        let of = |namespace: &str| {
            format!(
                "- object: {{kind: Kustomization, api_version: kustomize.toolkit.fluxcd.io/v1, meta: {{namespace: flux-system, name: web}}, conditions: [{{type: Ready, status: 'False', reason: ReconciliationFailed, message: 'Ingress/{namespace}/web dry-run failed (Invalid)', since: '2026-11-21T08:00:00Z'}}]}}"
            )
        };
        assert_eq!(seen(&of("shop"), None), ["Kustomization flux-system/web"]);
        assert!(seen(&of("blog"), None).is_empty());
    }

    #[test]
    fn one_that_is_synced_and_progresses_is_none() {
        assert!(seen(&application("shop", "Succeeded", "Progressing"), None).is_empty());
    }
}
