//! Pods that are there do not suffer another one beside them.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::pod_spec_path;
use crate::case::unplaced::Unplaced;
use crate::finding::{Cite, Finding};
use crate::seen::Seen;
use evidence::fact::pod::Pod;

/// The pods whose anti-affinity keeps this one out.
pub(super) fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Finding> {
    if unplaced.binding != Constraint::OthersAntiAffinity {
        return None;
    }
    let holder = case.pods().find(|it| forbids(it, unplaced.pod.it))?;
    let (subject, victim) = (case.root_of(&holder.meta, "Pod"), &unplaced.root);
    if subject == *victim {
        return None;
    }
    let mut finding = unplaced.finding(format!(
        "{victim} cannot be scheduled because the anti-affinity of {subject} forbids its pods beside those that are there."
    ));
    let name = holder.meta.entity("Pod");
    let says = format!("{name}: forbids such pods beside it, on Node {}", holder.it.spec.node_name);
    finding.proofs.push(Cite::new(holder.exhibit, says));
    finding.field = Some(format!("{}.affinity.podAntiAffinity", pod_spec_path(&subject.kind)));
    finding.subject = subject;
    Some(finding)
}

/// Whether a pod on a node forbids another one near it.
fn forbids(holder: &Seen<'_, Pod>, pod: &Pod) -> bool {
    !holder.it.spec.node_name.is_empty()
        && holder.it.spec.pod_anti_affinity.iter().any(|term| {
            let here = holder.meta.namespace == pod.meta.namespace;
            let meant = if term.namespaces.is_empty() {
                here
            } else {
                term.namespaces.iter().any(|it| it == "*" || *it == pod.meta.namespace)
            };
            meant && term.selector.matches(&pod.meta.labels)
        })
}
