//! The nodes that a pod could use have a taint that it does not tolerate.

use crate::case::Case;
use crate::case::constraints::{Constraint, says_leaving};
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-05",
    title: "the nodes that it could use have a taint that it does not tolerate",
    category: Category::Scheduling,
    proves: "the scheduler says `untolerated taint`, and the tainted nodes are the ones that every other rule allows",
    refutes: "the taint is the control plane's, or one that a node gets when it is sick: then the node is the cause",
    confused_with: &["SCH-03", "SCH-06", "NODE-01", "NODE-08"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    let Constraint::Taint(key) = &unplaced.binding else { return None };
    if key.starts_with("node.kubernetes.io/") || says_leaving(key) {
        return None; // The cluster put it there: the node itself is sick, or about to go.
    }
    let subject = unplaced.root.clone();
    let mut proofs = unplaced.cites.clone();
    let mut nodes = 0_usize;
    for node in case.nodes() {
        let Some(taint) = node.it.taints.iter().find(|it| it.key == *key) else { continue };
        nodes += 1;
        if nodes <= 3 {
            let says = format!(
                "{}: taint {key}={}:{}",
                node.meta.entity("Node"),
                taint.value,
                taint.effect
            );
            proofs.push(Cite::new(node.exhibit, says));
        }
    }
    let on = if nodes == 1 { "1 node".to_owned() } else { format!("{nodes} nodes") };
    Some(Judgement::Proven(Finding {
        field: Some(format!(
            "{}.tolerations",
            crate::case::containers::pod_spec_path(&subject.kind)
        )),
        value: None,
        statement: format!(
            "{subject} cannot be scheduled because it does not tolerate the taint {key} of {on}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: unplaced.strength(),
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Give {subject} a toleration if it belongs on these nodes; remove the taint if it was put there by mistake."
        ),
        command: "kubectl describe nodes".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
