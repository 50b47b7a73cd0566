//! A namespace's limit range forbids what a workload's pods declare.

use crate::case::Case;
use crate::case::denials::{Denial, between};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-04",
    title: "it declares more, or less, than the namespace's limit range allows",
    category: Category::Admission,
    proves: "a controller that lacks pods is told `maximum ... usage per Container is` or `minimum ...`",
    refutes: "the namespace has no limit range",
    confused_with: &["ADM-01", "ADM-02"],
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
    // [maximum memory usage per Container is 256Mi, but limit is 512Mi, ...]
    let bound = ["maximum ", "minimum "]
        .into_iter()
        .find(|it| denial.said.contains(it) && denial.said.contains(" usage per "))?;
    let resource = between(&denial.said, bound, " usage per ")?;
    let (_, rest) = denial.said.split_once(" usage per ")?;
    let (what, rest) = rest.split_once(" is ")?;
    let allowed = rest.split([',', '.', ']']).next()?;
    let has = between(rest, ", but ", ",")
        .map(|it| it.trim_end_matches([']', '.']))
        .unwrap_or("nothing is declared");
    let subject = denial.root.clone();
    let mut proofs = denial.cites.clone();
    for range in case.limit_ranges().filter(|it| it.meta.namespace == subject.namespace) {
        let name = Entity::new("LimitRange", &range.meta.namespace, &range.meta.name);
        proofs.push(Cite::new(range.exhibit, format!("{name} is in force")));
    }
    Some(Judgement::Proven(Finding {
        field: Some("spec.template.spec.containers".to_owned()),
        value: None,
        statement: format!(
            "{subject} lacks pods because its namespace allows a {bound}{resource} of {allowed} per {what}, but {has}."
        ),
        proofs,
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
            "Bring requests and limits of {subject} within the limit range of its namespace, or change the limit range after asking who set it."
        ),
        command: format!("kubectl -n {} describe limitrange", subject.namespace),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("{subject} has all its pods."),
    }]
}
