//! A liveness or startup probe asks a healthy server for something that it does not have, or in a language that it does
//! not speak.

use crate::case::Case;
use crate::case::probes::{FailingProbe, Which, says_errored, says_unwell, says_wrong_door};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-06",
    title: "its liveness probe asks for a path or protocol that the server does not know",
    category: Category::Runtime,
    proves: "the server answers the probe with a client error or in another protocol, and the container is ended for it",
    refutes: "the server answers with a server error: then the application is not well",
    confused_with: &["RUN-05", "RUN-07", "RUN-10"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let probes = case.failing_probes();
    let ends = probes.iter().filter(|it| it.which != Which::Readiness);
    one_each(ends.filter_map(|probe| one(case, probe)))
}

fn one(case: &Case, failing: &FailingProbe<'_>) -> Option<Judgement> {
    let container = &failing.container;
    let (subject, name) = (container.root.clone(), &container.spec.name);
    let probe = failing.which.word();
    let Some(event) = failing.says(says_wrong_door) else {
        let event = failing.says(says_unwell)?;
        let why =
            format!("the server knows what the {probe} asks for, and says that it is not well");
        let proofs = vec![failing.cite(event)];
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    };
    let mut proofs = vec![failing.cite(event)];
    let killed = case.killed_by_probe(container);
    proofs.extend(killed.map(|event| {
        Cite::quoting(event.exhibit, format!("the kubelet ended container {name}"), &event.message)
    }));
    let what = failing.asks(case);
    let comes_to = match says_errored(&event.message) {
        true => "never counts as started",
        false => "is ended again and again",
    };
    Some(Judgement::Proven(Finding {
        field: Some(failing.field(failing.asked_field(case))),
        value: failing.asked_value(case),
        statement: format!("Container {name} of {subject} {comes_to} because its {probe} {what}."),
        proofs,
        doubts: Vec::new(),
        strength: if killed.is_some() { Strength::Conclusive } else { Strength::Strong },
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Make the probe ask for what the server answers, in the source of {subject}."
        ),
        command: kubectl::undo(subject),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its containers are not started again.".to_owned(),
    }]
}
