//! A node runs out of memory, and its kubelet says so.

use crate::case::Case;
use crate::case::pressure::MEMORY;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, one_each};
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-03",
    title: "a node runs out of memory and evicts pods",
    category: Category::Node,
    proves: "the node's MemoryPressure condition is True",
    refutes: "the condition is False, or the kubelet's threshold is absurd",
    confused_with: &["RUN-01", "RUN-02", "NODE-05", "SCH-02"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    // Where several nodes have none left, it is no one node that lacks it.
    let shared: Vec<Entity> = case.shortage().map_or_else(Vec::new, |it| {
        it.nodes.iter().map(|it| it.node.meta.entity("Node")).collect()
    });
    let told = case.pressed(&MEMORY).into_iter().filter(|it| !shared.contains(&it.subject));
    let told = told.map(Judgement::Proven);
    let measured = case.used_up(&[Signal::NodeMemoryAvailable], |hurt| {
        format!("{} runs out of memory: {}.", hurt.entity, hurt.told.says())
    });
    one_each(told.chain(measured))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find which pods of {subject} use more memory than they request, and limit or move them."
        ),
        command: format!("kubectl describe node {}", subject.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("MemoryPressure of {subject} is False."),
    }]
}
