//! A node is drained or about to go, and the pods that it had find no place.

use crate::case::Case;
use crate::case::constraints::{Constraint, says_leaving};
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, joined};
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-08",
    title: "a node is leaving, and its pods find no place elsewhere",
    category: Category::Node,
    proves: "a node that every other rule allows was cordoned within the window or bears a taint by which a cloud or autoscaler says that it goes, and the pods made since find no room elsewhere",
    refutes: "the pods were placed elsewhere: then a drain is no fault",
    confused_with: &["SCH-01", "SCH-05", "SCH-06", "NODE-01"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    joined(case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)))
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Finding> {
    let Constraint::Leaving(name) = &unplaced.binding else { return None };
    let subject = Entity::new("Node", "", name);
    let node = case.node(name).seen()?;
    let taint = node.it.taints.iter().find(|it| says_leaving(&it.key));
    let (how, field) = match taint {
        Some(taint) => (format!("has the taint {}", taint.key), "spec.taints"),
        None => {
            let since = case.cordoned_since(node.it).map(|at| format!(" since {at}"));
            (format!("is cordoned{}", since.unwrap_or_default()), "spec.unschedulable")
        }
    };
    let mut finding = unplaced.finding(format!(
        "{} cannot be scheduled because {subject} {how}, and no other node that it may use has room.",
        unplaced.root
    ));
    finding.proofs.push(Cite::new(node.exhibit, format!("{subject}: {how}")));
    finding.field = Some(field.to_owned());
    finding.subject = subject;
    Some(finding)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find who is taking {subject} away (an upgrade, a drain, a spot reclaim); add a node before it goes, or uncordon it if it is to stay."
        ),
        command: format!("kubectl describe node {}", subject.name),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The pending pods are scheduled.".to_owned(),
    }]
}
