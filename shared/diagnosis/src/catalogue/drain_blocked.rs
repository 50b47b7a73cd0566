//! A node cannot be emptied, because a disruption budget lets none of its pods go.

use crate::case::Case;
use crate::case::draining::Blocked;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::workload::Budget;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-06",
    title: "a disruption budget lets none of its pods go",
    category: Category::Delivery,
    proves: "a current event says that a pod may not be evicted from a node, and a budget over that node's pods allows none although all are healthy",
    refutes: "the budget allows some by now",
    confused_with: &["SCH-06"],
    depth: Depth::Object,
    stands_alone: false,
    ask: Case::ask_about_drains,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = Vec::new();
    for blocked in case.blocked_drains() {
        if let Some(judgement) = doubly_guarded(case, &blocked) {
            judgements.push(judgement);
            continue;
        }
        for budget in case.budgets_over(&blocked) {
            let judgement = one(&blocked, budget);
            let known = judgements.iter_mut().find(|it| it.subject() == judgement.subject());
            match (known, judgement) {
                (Some(Judgement::Proven(known)), Judgement::Proven(new)) => {
                    known.explains.extend(new.explains);
                }
                (Some(_), _) => {}
                (None, judgement) => judgements.push(judgement),
            }
        }
    }
    judgements
}

/// The API server evicts no pod that two budgets guard, whatever they allow.
fn doubly_guarded(case: &Case, blocked: &Blocked<'_>) -> Option<Judgement> {
    let budgets = case.overlapping_budgets(blocked);
    let [.., other, newest] = budgets.as_slice() else { return None };
    let name = |it: &Seen<'_, Budget>| it.meta.entity("PodDisruptionBudget");
    let (node, subject, other) = (&blocked.node, name(newest), name(other));
    let mut proofs = vec![blocked.cite.clone()];
    proofs.extend(
        budgets
            .iter()
            .map(|it| Cite::new(it.exhibit, format!("{} guards {} pods", name(it), it.expected))),
    );
    Some(Judgement::Proven(Finding {
        field: Some("spec.selector".to_owned()),
        value: None,
        statement: format!(
            "{node} cannot be emptied because {subject} guards pods that {other} guards, too, and such pods are not evicted."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![node.clone()],
        subject,
    }))
}

fn one(blocked: &Blocked<'_>, budget: Seen<'_, Budget>) -> Judgement {
    let node = &blocked.node;
    let subject = budget.meta.entity("PodDisruptionBudget");
    let Budget { allowed, healthy, desired, expected, .. } = budget.it;
    let counts =
        format!("{healthy} of {expected} pods healthy, {desired} wanted, {allowed} may go");
    let mut proofs = vec![blocked.cite.clone()];
    proofs.push(Cite::new(budget.exhibit, format!("{subject}: {counts}")));
    if *allowed > 0 {
        let why = format!("{subject} lets {allowed} pods go by now");
        return Judgement::Refuted(Refutation { subject, why, proofs });
    }
    let (field, value) = match budget.it.max_unavailable.as_str() {
        "" => ("spec.minAvailable", budget.it.min_available.clone()),
        most => ("spec.maxUnavailable", most.to_owned()),
    };
    // Pods that are not healthy are a fault of their own, which lets none of the others go.
    let strength = if healthy < desired { Strength::Suggestive } else { Strength::Conclusive };
    Judgement::Proven(Finding {
        field: Some(field.to_owned()),
        value: Some(value),
        statement: format!(
            "{node} cannot be emptied because {subject} lets none of its pods go: {counts}."
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![node.clone()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Run one more replica than {subject} wants, or let its owner lower what it wants; do not evict past it."
        ),
        command: kubectl::object("get", subject, ""),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Its ALLOWED DISRUPTIONS is above 0, and the node is emptied.".to_owned(),
    }]
}
