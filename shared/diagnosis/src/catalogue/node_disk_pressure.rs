//! A node runs out of disk, and its kubelet says so.

use crate::case::Case;
use crate::case::pressure::DISK;
use crate::case::pulls::Pull;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, one_each};
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-04",
    title: "a node runs out of disk and evicts pods",
    category: Category::Node,
    proves: "the node's DiskPressure condition is True, or its kubelet says that an image's layers find no space there",
    refutes: "the condition is False, or the kubelet's threshold is absurd",
    confused_with: &["NODE-05", "STO-09", "SCH-02"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let told = case.pressed(&DISK).into_iter().map(Judgement::Proven);
    // The kubelet tells only once its threshold is reached, and may have lost its voice with its disk.
    let measured = case.used_up(&[Signal::NodeDiskFree, Signal::NodeInodesFree], |hurt| {
        format!("{} runs out of disk: {}.", hurt.entity, hurt.told.says())
    });
    let unpacked = case.pulls().into_iter().filter_map(unpacked_in_vain);
    one_each(told.chain(measured).chain(unpacked))
}

/// The layers of an image lie on a file system of their own on some nodes, which DiskPressure need not look at.
fn unpacked_in_vain(pull: Pull<'_>) -> Option<Judgement> {
    let node = &pull.container.pod.it.spec.node_name;
    if node.is_empty() || !pull.said.contains("no space left on device") {
        return None;
    }
    let (root, subject) = (pull.container.root.clone(), Entity::new("Node", "", node));
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{root} cannot start on {subject} because its disk has no room for the layers of {}.",
            pull.container.spec.image
        ),
        proofs: pull.cites,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find what fills the disk of {subject}: logs, images, emptyDir volumes; clean or limit it."
        ),
        command: format!("kubectl describe node {}", subject.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("DiskPressure of {subject} is False."),
    }]
}
