//! Pods that are there do not suffer another one beside them.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::pod_spec_path;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement};
use crate::seen::Seen;
use evidence::fact::pod::Pod;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-22",
    title: "the anti-affinity of pods that are there leaves no node",
    category: Category::Scheduling,
    proves: "the scheduler says `didn't satisfy existing pods anti-affinity rules`, and a pod on a node forbids pods with these labels beside it",
    refutes: "it is the pod's own anti-affinity",
    confused_with: &["SCH-07"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
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
    Some(Judgement::Proven(finding))
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

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!("Narrow the anti-affinity of {subject}, or add a node."),
        command: format!(
            "kubectl -n {} describe {}/{}",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pods that wait are scheduled.".to_owned(),
    }]
}
