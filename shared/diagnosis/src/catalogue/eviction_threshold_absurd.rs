//! A kubelet evicts pods although much of its node is free.

use crate::case::Case;
use crate::case::pressure::{DISK, MEMORY, Pressure, Threshold};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-05",
    title: "a kubelet evicts pods although much of its node is free",
    category: Category::Node,
    proves: "a node is under pressure, and by the words of an eviction its threshold is at least half of the machine, of which a quarter or more was free",
    refutes: "the threshold is one that leaves the pods most of the machine: then the node is full",
    confused_with: &["NODE-03", "NODE-04"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for (kind, signal) in [(&MEMORY, "memory.available"), (&DISK, "nodefs.available")] {
        for pressure in case.pressures(kind) {
            judgements.extend(one(pressure, signal));
        }
    }
    judgements
}

fn one(pressure: Pressure<'_>, signal: &str) -> Option<Judgement> {
    let threshold = pressure.threshold.filter(Threshold::is_absurd)?;
    let Threshold { quantity, available, capacity } = threshold;
    let subject = pressure.node.meta.entity("Node");
    let mut proofs = pressure.proofs;
    let says = format!("{subject}: has {capacity} in all");
    proofs.push(Cite::new(pressure.node.exhibit, says));
    Some(Judgement::Proven(Finding {
        field: Some(format!("evictionHard[{signal}]")),
        value: Some(quantity.clone()),
        statement: format!(
            "The kubelet of {subject} evicts pods below {quantity} of {capacity}, while {available} are free: its eviction threshold is set too high."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: pressure.explains,
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Correct evictionHard or evictionSoft in the kubelet's configuration of {subject}."
        ),
        command: format!("kubectl describe node {}", subject.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The node's pressure conditions are False.".to_owned(),
    }]
}
