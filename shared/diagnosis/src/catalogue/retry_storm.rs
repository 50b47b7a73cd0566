//! A workload asks another again and again, for each request that it gets itself.

use crate::case::Case;
use crate::case::load::Loaded;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, joined};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "PERF-02",
    title: "its caller tries again and again",
    category: Category::Performance,
    proves: "a workload that answers slowly or not gets two and a half times its usual requests, from a caller that gets no more than usual itself and whose calls make up most of the growth",
    refutes: "the caller gets more requests, too: it passes a flood on",
    confused_with: &["PERF-01", "MESH-08"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    joined(case.loaded().iter().filter_map(one))
}

fn one(loaded: &Loaded<'_>) -> Option<Finding> {
    if loaded.passed_on {
        return None;
    }
    let insistent = loaded.insistent.as_ref()?;
    let caller = &insistent.asked;
    let callee = &loaded.requests.root;
    let victim = loaded.victims.iter().find(|it| it.entity == *callee)?;
    let subject = caller.root.clone();
    let mut proofs = vec![loaded.requests.cite(), caller.cite(), victim.told.cite()];
    proofs.extend(insistent.calls.iter().map(|it| it.cite()));
    // That nobody else is known to call does not say that nobody does.
    let strength = match insistent.calls {
        Some(_) => Strength::Strong,
        None => Strength::Suggestive,
    };
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "{callee} {} because {subject} asks it again and again: {}, while {subject} gets {} itself.",
            victim.does(),
            loaded.requests.says(),
            caller.in_words()
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![callee.clone(), subject.clone()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Bound the retries of {subject}: few attempts, more time between them, and a budget of retries for all requests together."
        ),
        command: "".to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "It asks about once for each request that it gets.".to_owned(),
    }]
}
