//! A workload gets many more requests than usual, and they come from outside.

use crate::case::Case;
use crate::case::load::Loaded;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, joined};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "PERF-01",
    title: "it gets many more requests than usual",
    category: Category::Performance,
    proves: "a workload gets two and a half times its usual requests since a moment, nobody in the cluster who calls it makes them, and it or whom it calls answers slowly or not since then",
    refutes: "its requests are as many as ever; or they grew only between two workloads of the cluster",
    confused_with: &["PERF-02", "RUN-04", "CTL-05"],
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
    // Passed on, it began elsewhere; made by a caller that gets no more itself, it is a storm of retries.
    if loaded.passed_on || loaded.unclear || loaded.insistent.is_some() {
        return None;
    }
    let subject = loaded.requests.root.clone();
    let victim = loaded.victims.first()?;
    let mut proofs = vec![loaded.requests.cite()];
    proofs.extend(loaded.victims.iter().take(3).map(|it| it.told.cite()));
    let mut explains: Vec<_> = loaded.victims.iter().map(|it| it.entity.clone()).collect();
    explains.push(subject.clone());
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "{} {} because {subject} gets more than it can bear: {}.",
            victim.entity,
            victim.does(),
            loaded.requests.says()
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find where the requests to {subject} come from; limit them at the entrance, or scale out what they need."
        ),
        command: "".to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Its requests are as many as usual, or it bears them.".to_owned(),
    }]
}
