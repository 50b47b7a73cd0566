//! A pod has ended, and stays for a finalizer that nobody takes away.

use super::unkept;
use crate::case::Case;
use crate::case::touching::toucher;
use crate::finding::{Cite, Finding, Judgement, Strength, joined};

/// The pods that stay; those of one workload are one finding.
pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    joined(case.held_pods().into_iter().filter_map(|(pod, finalizer)| {
        let name = pod.meta.entity("Pod");
        let root = case.root_of(&pod.it.meta, "Pod");
        let since = pod.meta.deleted.map(|at| format!(" since {at}")).unwrap_or_default();
        let says = format!("{name} has ended, has been going{since} and waits for {finalizer}");
        let proofs = vec![Cite::new(pod.exhibit, says)];
        if !case.knows_keepers() || case.keeper(finalizer).is_some_and(|it| it.ready > 0) {
            return None; // Nobody knows who takes it away; or why that does not do so, only it can tell.
        }
        if let Some(finding) = unkept(case, &name, finalizer, &proofs, vec![root.clone()]) {
            return Some(finding);
        }
        // Who makes pods with it has to know who takes it away.
        let field = format!("spec.template.metadata.finalizers[{finalizer}]");
        let sets = case.meta_of(&root).is_some_and(|it| toucher(it, &field).is_some());
        let (what, strength) = match sets {
            true => (format!(", which {root} gives its pods and"), Strength::Strong),
            false => (", which".to_owned(), Strength::Suggestive),
        };
        Some(Finding {
            field: sets.then_some(field),
            value: Some(finalizer.clone()),
            statement: format!(
                "{name} does not go because it waits for the finalizer {finalizer}{what} nobody takes away."
            ),
            proofs,
            doubts: Vec::new(),
            strength,
            explains: vec![root.clone()],
            subject: root,
        })
    }))
}
