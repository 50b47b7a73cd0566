//! A namespace's quota counts a resource that the pods do not declare.

use crate::case::Case;
use crate::case::denials::{Denial, between};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-02",
    title: "the quota needs requests or limits that it does not declare",
    category: Category::Admission,
    proves: "a controller that lacks pods is told `failed quota ... must specify`",
    refutes: "the pod template declares them by now",
    confused_with: &["ADM-01", "ADM-04"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.denials().iter().filter_map(|denial| one(case, denial)).collect()
}

fn one(_: &Case, denial: &Denial) -> Option<Judgement> {
    // failed quota: NAME: must specify limits.memory for: web; requests.cpu for: web
    let quota = between(&denial.said, "failed quota: ", ":")?;
    let wanted = between(&denial.said, "must specify ", "\n")?;
    let first = wanted.split([' ', ',', ';']).next().unwrap_or_default();
    let subject = denial.root.clone();
    Some(Judgement::Proven(Finding {
        field: Some("spec.template.spec.containers".to_owned()),
        value: None,
        statement: format!(
            "{subject} lacks pods because ResourceQuota {quota} requires {first}, which its pods do not declare."
        ),
        proofs: denial.cites.clone(),
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Declare requests and limits in the pod template of {subject}, or give its namespace a LimitRange with defaults."
        ),
        command: kubectl::object(
            "set resources",
            subject,
            "--requests=cpu=VALUE,memory=VALUE --limits=memory=VALUE",
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("{subject} has all its pods."),
    }]
}
