//! No node has the labels that a pod's node selector asks for.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::kept_off::KeptOff;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-03",
    title: "no node has the labels that its node selector asks for",
    category: Category::Scheduling,
    proves: "the scheduler says `didn't match Pod's node affinity/selector`, the pod has a node selector, and no node has these labels",
    refutes: "a node has the labels: then something else keeps the pod away",
    confused_with: &["SCH-04", "SCH-05"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let waiting = case.unplaced();
    let waiting = waiting.iter().filter_map(|unplaced| one(case, unplaced));
    // The controller makes no pod for a node that its template excludes, and nothing waits.
    waiting.chain(case.shut_out_by(KeptOff::Selector)).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    if unplaced.binding != Constraint::Selector {
        return None;
    }
    let wanted = &unplaced.pod.it.spec.node_selector;
    // The label that no node has is the one to look at; where each is somewhere, it is their meeting.
    let lacking = wanted
        .iter()
        .find(|(key, value)| !case.nodes().any(|node| node.meta.labels.get(*key) == Some(value)));
    let (key, value) = lacking.or_else(|| wanted.iter().next())?;
    let all = || wanted.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>();
    let (says, strength) = match lacking {
        Some(_) => (format!("{key}={value}"), Strength::Conclusive),
        None => (all().join(" and "), unplaced.strength()),
    };
    let subject = unplaced.root.clone();
    let mut proofs = unplaced.cites.clone();
    for node in case.nodes().take(3) {
        let has = node
            .meta
            .labels
            .get(key)
            .map_or("no such label".to_owned(), |it| format!("{key}={it}"));
        proofs.push(Cite::new(node.exhibit, format!("{}: {has}", node.meta.entity("Node"))));
    }
    Some(Judgement::Proven(Finding {
        field: Some(format!(
            "{}.nodeSelector.{key}",
            crate::case::containers::pod_spec_path(&subject.kind)
        )),
        value: Some(value.clone()),
        statement: format!(
            "{subject} cannot be scheduled because it wants a node with {says}, which no node that it could use has."
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Correct the node selector of {subject}, or label a node if the pool is meant to exist."
        ),
        command: "kubectl get nodes --show-labels".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
