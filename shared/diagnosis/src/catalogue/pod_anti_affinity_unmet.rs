//! A pod may not stand beside any of those that are there: it does not want to, or they do not.

mod of_others;

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, joined};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-07",
    title: "pod anti-affinity leaves no node for it",
    category: Category::Scheduling,
    proves: "the scheduler says `didn't match pod anti-affinity rules`, and more pods are wanted than there are places; or `didn't satisfy existing pods anti-affinity rules`, and a pod on a node forbids pods with these labels beside it",
    refutes: "there are enough places",
    confused_with: &["SCH-01", "SCH-08"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let unplaced = case.unplaced();
    let own = unplaced.iter().filter_map(of_its_own);
    joined(own.chain(unplaced.iter().filter_map(|it| of_others::one(case, it))))
}

fn of_its_own(unplaced: &Unplaced<'_>) -> Option<Finding> {
    if unplaced.binding != Constraint::AntiAffinity || unplaced.contradiction().is_some() {
        return None;
    }
    let topology = unplaced.pod.it.spec.pod_anti_affinity.first().map(|it| it.topology.clone());
    let place = topology.clone().unwrap_or_else(|| "node".to_owned());
    let subject = unplaced.root.clone();
    Some(Finding {
        field: Some(format!(
            "{}.affinity.podAntiAffinity",
            crate::case::containers::pod_spec_path(&subject.kind)
        )),
        value: topology,
        statement: format!(
            "{subject} cannot be scheduled because its anti-affinity allows one pod for each {place}, and all of these are taken."
        ),
        proofs: unplaced.cites.clone(),
        doubts: Vec::new(),
        strength: unplaced.strength(),
        explains: vec![subject.clone()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let action = if finding.explains.contains(subject) {
        format!(
            "Lower the replicas of {subject}, make its anti-affinity a preference, or add a node."
        )
    } else {
        format!("Narrow the anti-affinity of {subject}, or add a node.")
    };
    vec![Remedy {
        action,
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pods that wait are scheduled.".to_owned(),
    }]
}
