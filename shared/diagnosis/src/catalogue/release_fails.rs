//! A new revision fails in a way in which the one before does not.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::news::Turn;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-22",
    title: "its newest revision has an error that the one before it does not have",
    category: Category::Runtime,
    proves: "a ready pod of the newest revision repeats an error of its own, and a pod of an older revision beside it does not say it; or its image is the only thing that was changed before it, or who calls it, began to repeat an error",
    refutes: "older pods say it too",
    confused_with: &["RUN-10", "CFG-04"],
    depth: Depth::Workload,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    let told = complaints.iter().filter_map(|it| one(case, it));
    one_each(told.chain(case.judge_coincidence(Turn::Image)))
}

fn ask(case: &Case) -> Vec<Question> {
    case.ask_both_revisions()
}

fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let Said::OwnException { class } = &complaint.said else { return None };
    if complaint.fails {
        return None;
    }
    let novelty = case.novelty(complaint)?;
    let (container, subject) = (&complaint.container, complaint.root().clone());
    let number = novelty.revision.it.number.unwrap_or_default();
    let says = format!("revision {number} is the newest");
    let proofs = vec![complaint.cite(), novelty.silent, Cite::new(novelty.revision.exhibit, says)];
    Some(Judgement::Proven(Finding {
        field: Some(container.field("image")),
        value: Some(container.spec.image.clone()),
        statement: format!(
            "{subject} fails with {class} since its revision {number}; pods of the one before do not."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Go back to the revision of {subject} that ran before, and mend what the error names."
        ),
        command: kubectl::undo(subject),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The log no longer shows the error.".to_owned(),
    }]
}
