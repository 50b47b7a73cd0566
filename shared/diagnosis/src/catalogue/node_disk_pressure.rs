//! A node runs out of disk, and its kubelet says so.

use crate::case::Case;
use crate::case::pressure::DISK;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, one_each};
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-04",
    title: "a node runs out of disk and evicts pods",
    category: Category::Node,
    proves: "the node's DiskPressure condition is True",
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
    one_each(told.chain(measured))
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
