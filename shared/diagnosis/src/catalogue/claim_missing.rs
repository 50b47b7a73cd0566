//! A pod mounts a claim that does not exist.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-12",
    title: "a claim that it mounts does not exist",
    category: Category::Storage,
    proves: "the scheduler says `persistentvolumeclaim \"x\" not found`, and there is no such claim",
    refutes: "the claim exists by now",
    confused_with: &["SCH-11", "ADM-03"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    let Constraint::MissingClaim(name) = &unplaced.binding else { return None };
    let root = &unplaced.root;
    if case.claim(&root.namespace, name).seen().is_some() {
        return None;
    }
    let subject = Entity::new("PersistentVolumeClaim", &root.namespace, name);
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{root} cannot be scheduled because it mounts {subject}, which does not exist."
        ),
        proofs: unplaced.cites.clone(),
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root.clone(), subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Create {subject} from its source, or correct claimName in the pod template."
        ),
        command: kubectl::within(subject, "get persistentvolumeclaims"),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("{subject} is Bound."),
    }]
}
