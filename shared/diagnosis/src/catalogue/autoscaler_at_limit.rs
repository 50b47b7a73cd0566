//! There is no room, and the cluster autoscaler may make none.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::pod_spec_path;
use crate::case::node_groups::Bounded;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, joined};
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-19",
    title: "the cluster autoscaler may add no node for it",
    category: Category::Scheduling,
    proves: "the nodes that every rule allows are full, and the cluster autoscaler's last word about the pod is that its node groups are at their maximum, or that adding a node failed; or its arguments bound all of its groups, and its log says of each that it is at its maximum",
    refutes: "the autoscaler has triggered a scale-up since",
    confused_with: &["SCH-01", "SCH-02", "SCH-15"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    case.ask_for_node_groups()
}

fn judge(case: &Case) -> Vec<Judgement> {
    // One autoscaler leaves all of them waiting: rule R6.
    joined(case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)))
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Finding> {
    let root = &unplaced.root;
    let why = match unplaced.binding {
        Constraint::GroupsFull => "the node groups that would fit are at their maximum size",
        Constraint::GrowthFailed => "its last attempt to add one failed",
        _ => return None,
    };
    if unplaced.binding == Constraint::GroupsFull
        && let Some(bounded) = case.bounded(unplaced)
    {
        return Some(of_arguments(unplaced, &bounded));
    }
    let mut finding = unplaced.finding(format!(
        "{root} cannot be scheduled because its nodes are full, and the cluster autoscaler adds none: {why}."
    ));
    finding.field = Some(format!("{}.containers", pod_spec_path(&root.kind)));
    Some(finding)
}

/// The object to change is the autoscaler, where its arguments say how large the groups may be.
fn of_arguments(unplaced: &Unplaced<'_>, bounded: &Bounded<'_>) -> Finding {
    let Bounded { autoscaler, groups, line, log } = bounded;
    let root = &unplaced.root;
    let is_bounding = |word: &String| groups.iter().any(|it| word.ends_with(it));
    let list = if autoscaler.spec.args.iter().any(is_bounding) { "args" } else { "command" };
    let mut finding = unplaced.finding(format!(
        "{root} cannot be scheduled because its nodes are full, and {} may add none: its arguments say {}, and these groups are at their maximum size.",
        autoscaler.root,
        groups.join(", ")
    ));
    finding.subject = autoscaler.root.clone();
    finding.field = Some(autoscaler.field(list));
    finding.value = Some(groups.join(", "));
    let says = format!("{}: a group is at its maximum", autoscaler.root);
    finding.proofs.push(Cite::quoting(log.exhibit, says, &line.text));
    finding
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let waiting: Vec<String> = finding.explains.iter().map(ToString::to_string).collect();
    let waiting = waiting.join(", ");
    let action = match &finding.value {
        Some(groups) => format!(
            "Raise the maximum of a node group that fits {waiting} in the arguments of {subject} ({groups}), or lower what its pods request."
        ),
        None => format!(
            "Raise the maximum of a node group that fits {waiting} (or the cloud's quota behind it), or lower what its pods request."
        ),
    };
    vec![Remedy {
        action,
        command: "kubectl -n kube-system get configmap/cluster-autoscaler-status -o yaml"
            .to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {waiting} are scheduled."),
    }]
}
