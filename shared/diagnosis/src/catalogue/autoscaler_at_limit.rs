//! There is no room, and the cluster autoscaler may make none.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::pod_spec_path;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-19",
    title: "the cluster autoscaler may add no node for it",
    category: Category::Scheduling,
    proves: "the nodes that every rule allows are full, and the cluster autoscaler's last word about the pod is that its node groups are at their maximum, or that adding a node failed",
    refutes: "the autoscaler has triggered a scale-up since",
    confused_with: &["SCH-01", "SCH-02", "SCH-15"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)).collect()
}

fn one(_: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    let Constraint::Growth(words) = &unplaced.binding else { return None };
    let subject = &unplaced.root;
    let why = if words.starts_with("max") {
        "the node groups that would fit are at their maximum size"
    } else {
        "its last attempt to add one failed"
    };
    let mut finding = unplaced.finding(format!(
        "{subject} cannot be scheduled because its nodes are full, and the cluster autoscaler adds none: {why}."
    ));
    finding.field = Some(format!("{}.containers", pod_spec_path(&subject.kind)));
    Some(Judgement::Proven(finding))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Raise the maximum of a node group that fits {subject} (or the cloud's quota behind it), or lower what its pods request."
        ),
        command: "kubectl -n kube-system get configmap/cluster-autoscaler-status -o yaml"
            .to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
