//! A node's CPU is used up, and nobody in particular is to blame.

use crate::case::Case;
use crate::case::crowding::Crowded;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, joined};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-11",
    title: "its node's CPU is used up",
    category: Category::Node,
    proves: "a node's CPU is used up since a moment, and what runs on it answers slowly or not since then",
    refutes: "one workload's use grew by most of it",
    confused_with: &["PERF-03", "RUN-04", "SCH-01"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    joined(case.crowded().iter().filter_map(one))
}

fn one(crowded: &Crowded<'_>) -> Option<Finding> {
    if crowded.culprit.is_some() {
        return None;
    }
    let subject = crowded.node.clone();
    let victim = crowded.victims.first()?;
    let mut proofs = vec![crowded.cpu.cite()];
    proofs.extend(crowded.victims.iter().take(3).map(|it| it.told.cite()));
    let others = crowded.victims.iter().any(|it| it.entity != victim.entity);
    let mut explains: Vec<_> = crowded.victims.iter().map(|it| it.entity.clone()).collect();
    explains.push(subject.clone());
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "{} {} because the CPU of {subject} that it runs on is used up: {}.",
            victim.entity,
            victim.does(),
            crowded.cpu.says()
        ),
        proofs,
        doubts: Vec::new(),
        // One that is slow on a busy node may be slow for a reason of its own.
        strength: if others { Strength::Strong } else { Strength::Suggestive },
        explains,
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Move pods off {subject}, add nodes, or raise requests to what pods use, so that the scheduler puts fewer there."
        ),
        command: format!("kubectl describe node {}", subject.name),
        risk: "medium".to_owned(),
        reversible: true,
        verify: format!("{subject} has CPU to spare."),
    }]
}
