//! No node meets a pod's required node affinity.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::kept_off::KeptOff;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::fact::meta::Requirement;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-04",
    title: "no node meets its required node affinity",
    category: Category::Scheduling,
    proves: "the scheduler says `didn't match Pod's node affinity/selector`, the pod has a required node affinity, and no node meets it",
    refutes: "a node meets it: then something else keeps the pod away",
    confused_with: &["SCH-03", "SCH-05"],
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
    waiting.chain(case.shut_out_by(KeptOff::Affinity)).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    if unplaced.binding != Constraint::Affinity {
        return None;
    }
    let wanted = unplaced.pod.it.spec.node_affinity.first()?;
    let unmet = wanted.iter().find(|it| !case.nodes().any(|node| it.matches(&node.meta.labels)));
    // Where each requirement is met by some node, no node meets all of them.
    let strength = if unmet.is_some() { Strength::Conclusive } else { unplaced.strength() };
    let unmets: Vec<_> = unmet.map_or_else(|| wanted.iter().collect(), |it| vec![it]);
    let written = |it: &&Requirement| {
        format!("{} {} {}", it.key, it.operator, it.values.join(",")).trim().to_owned()
    };
    let says = unmets.iter().map(written).collect::<Vec<_>>().join(" and ");
    let unmet = *unmets.first()?;
    let subject = unplaced.root.clone();
    let mut proofs = unplaced.cites.clone();
    for node in case.nodes().take(3) {
        let has = node
            .meta
            .labels
            .get(&unmet.key)
            .map_or("no such label".to_owned(), |it| format!("{}={it}", unmet.key));
        proofs.push(Cite::new(node.exhibit, format!("{}: {has}", node.meta.entity("Node"))));
    }
    Some(Judgement::Proven(Finding {
        field: Some(format!(
            "{}.affinity.nodeAffinity",
            crate::case::containers::pod_spec_path(&subject.kind)
        )),
        value: Some(says.clone()),
        statement: format!(
            "{subject} cannot be scheduled because its node affinity requires {says}, which no node that it could use meets."
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
            "Correct the required node affinity of {subject}, or label a node if the pool is meant to exist."
        ),
        command: "kubectl get nodes --show-labels".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
