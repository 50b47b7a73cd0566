//! An admission policy refuses what a workload would make.

use crate::case::Case;
use crate::case::denials::{Denial, between};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, joined};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-11",
    title: "an admission policy refuses it",
    category: Category::Admission,
    proves: "a controller that lacks pods is told that an admission webhook denied the request, or a ValidatingAdmissionPolicy did",
    refutes: "the controller has its pods by now",
    confused_with: &["ADM-06", "ADM-07"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    joined(case.denials().iter().filter_map(one))
}

fn one(denial: &Denial) -> Option<Finding> {
    let who = who_denied(&denial.said)?;
    Some(Finding {
        field: None,
        value: None,
        statement: format!("{} because {who} refuses what it would make.", denial.lack()),
        proofs: denial.cites.clone(),
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![denial.root.clone()],
        subject: denial.root.clone(),
    })
}

/// Who says no, in the forms of `apiserver/pkg/admission/plugin/webhook/errors/statuserror.go` and
/// `.../policy/validating/dispatcher.go`.
fn who_denied(said: &str) -> Option<String> {
    if let Some(hook) = between(said, "admission webhook \"", "\" denied the request") {
        return is_name(hook).then(|| format!("the admission webhook {hook}"));
    }
    let policy = between(said, "ValidatingAdmissionPolicy '", "'")?;
    let denied = said.contains(" denied request: ") && is_name(policy);
    denied.then(|| format!("ValidatingAdmissionPolicy {policy}"))
}

fn is_name(text: &str) -> bool {
    let good = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '.' | '_');
    !text.is_empty() && text.len() <= 253 && text.chars().all(good)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Change {subject} so that it keeps the policy that the message tells, or ask the policy's owner for an exception."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "No new FailedCreate event says that the request was denied.".to_owned(),
    }]
}
