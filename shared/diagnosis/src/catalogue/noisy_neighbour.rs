//! One workload takes the CPU of a node from the others on it.

use crate::case::Case;
use crate::case::crowding::Crowded;
use crate::case::limits::limit_path;
use crate::case::measured::Told;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::kubectl;
use crate::numbers::worded;
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "PERF-03",
    title: "another workload takes the CPU of its node",
    category: Category::Performance,
    proves: "a node's CPU is used up, one workload's use grew by most of it at the same time, and others on that node answer slowly or not since then",
    refutes: "nobody's use grew with the node's, or who suffers runs on other nodes",
    confused_with: &["RUN-04", "NODE-11", "PERF-01"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    joined(case.crowded().iter().filter_map(|it| one(case, it)))
}

fn one(case: &Case, crowded: &Crowded<'_>) -> Option<Finding> {
    let culprit = crowded.culprit.as_ref()?;
    let subject = culprit.root.clone();
    let containers = case.workload(&subject).seen();
    let container = containers.and_then(|it| Some(it.it.template.containers.first()?.name.clone()));
    let limit = container.as_ref().and_then(|it| case.limit_of(&subject, it, "cpu"));
    let mut proofs = vec![crowded.cpu.cite(), culprit.cite()];
    proofs.extend(crowded.victims.iter().take(3).map(|it| it.told.cite()));
    let mut explains: Vec<Entity> = crowded.victims.iter().map(|it| it.entity.clone()).collect();
    explains.push(crowded.node.clone());
    let load = case.told_of(Signal::RequestRate, &subject);
    let doubts: Vec<Cite> =
        load.iter().filter(|it| it.grew(2.0).is_some()).map(Told::cite).collect();
    let victim = crowded.victims.first()?;
    let (used, usual) = (culprit.in_words(), worded::value(Signal::CpuUse, culprit.reading.usual));
    let before = culprit.reading.since.map(|_| format!(", before {usual}")).unwrap_or_default();
    Some(Finding {
        field: container.map(|it| limit_path(&subject, &it, "cpu")),
        value: Some(limit.unwrap_or_else(|| "none".to_owned())),
        statement: format!(
            "{} {} because {subject} uses up the CPU of {} that both run on: {used}{before}, and {} of the node in all.",
            victim.entity,
            victim.does(),
            crowded.node,
            crowded.cpu.in_words()
        ),
        proofs,
        doubts,
        strength: Strength::Strong,
        explains,
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find out why {subject} uses more CPU; give it a limit, or nodes of its own, and give who suffers requests that fit what they need."
        ),
        command: kubectl::within(subject, "top pods --containers"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The node has CPU to spare, and who suffered answers as fast as before.".to_owned(),
    }]
}
