//! A workload runs under a service account that does not exist.

use crate::case::Case;
use crate::case::denials::{Denial, between};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-05",
    title: "its service account does not exist",
    category: Category::Admission,
    proves: "a controller that lacks pods is told `error looking up service account`, and the account is not there",
    refutes: "the account exists: it came after the first attempt",
    confused_with: &["RBAC-01"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.denials().iter().filter_map(|denial| one(case, denial)).collect()
}

fn one(case: &Case, denial: &Denial) -> Option<Judgement> {
    // error looking up service account NAMESPACE/NAME: serviceaccount "NAME" not found
    let path = between(&denial.said, "error looking up service account ", ":")?;
    let (namespace, name) = path.split_once('/')?;
    let subject = Entity::new("ServiceAccount", namespace, name);
    let mut proofs = denial.cites.clone();
    if let Some(account) = case.account(namespace, name).seen() {
        proofs.push(Cite::new(account.exhibit, format!("{subject} exists")));
        let why = "the account exists by now".to_owned();
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    let root = &denial.root;
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{root} lacks pods because {subject} does not exist."),
        proofs,
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
            "Create {subject} again from its source, or correct serviceAccountName in the pod template."
        ),
        command: kubectl::within(subject, "get serviceaccounts"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "No new FailedCreate event names the account.".to_owned(),
    }]
}
