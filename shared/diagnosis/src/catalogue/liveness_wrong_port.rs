//! A liveness or startup probe knocks at a port at which nothing listens, and the kubelet ends a healthy container.

use crate::case::Case;
use crate::case::probes::{FailingProbe, Which, says_errored, says_nobody_listens};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-05",
    title: "its liveness probe knocks at the wrong port",
    category: Category::Runtime,
    proves: "the probe finds nobody at a port that the pod is not meant to serve, and the container is ended for it",
    refutes: "the pod is meant to serve that port: then the program does not come up, or not in time",
    confused_with: &["RUN-01", "RUN-06", "RUN-07"],
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
    let named = failing.port().is_none() && !failing.probe.port.is_empty();
    // Of a name that no port bears the kubelet says: strconv.Atoi: parsing "web": invalid syntax.
    let event = failing
        .says(says_nobody_listens)
        .or_else(|| failing.says(|said| said.contains("strconv.Atoi")).filter(|_| named))?;
    let container = &failing.container;
    let (subject, name) = (container.root.clone(), &container.spec.name);
    let (probe, port) = (failing.which.word(), &failing.probe.port);
    let served = served(case, failing);
    let mut proofs = vec![failing.cite(event)];
    if !failing.misses(case) {
        if case.ports_of(container).is_empty() {
            return None; // Nobody knows what it is meant to serve.
        }
        let why = format!("the {probe} knocks at port {port}, which the pod is meant to serve");
        proofs.push(Cite::new(container.pod.exhibit, why.clone()));
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    let killed = case.killed_by_probe(container);
    if killed.is_none() && !container.was_killed() {
        return None; // It ended by itself, and nobody can listen while it is down.
    }
    proofs.push(Cite::new(
        container.pod.exhibit,
        format!(
            "{}: the {probe} of container {name} knocks at port {port}; its pod serves {served}",
            container.pod.meta.entity("Pod")
        ),
    ));
    proofs.extend(killed.map(|event| {
        Cite::quoting(event.exhibit, format!("the kubelet ended container {name}"), &event.message)
    }));
    let comes_to = match says_errored(&event.message) {
        true => "never counts as started",
        false => "is ended again and again",
    };
    // A readiness probe that passes elsewhere shows that the program is well, and where.
    let passes = container.status.ready
        && container.spec.readiness.as_ref().is_some_and(|it| it.port != *port);
    Some(Judgement::Proven(Finding {
        field: Some(failing.field("port")),
        value: Some(port.clone()),
        statement: format!(
            "Container {name} of {subject} {comes_to} because its {probe} knocks at port {port}, while its pod serves {served}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: if passes { Strength::Conclusive } else { Strength::Strong },
        explains: vec![subject.clone()],
        subject,
    }))
}

/// The ports that the pod is meant to serve, in words.
fn served(case: &Case, failing: &FailingProbe<'_>) -> String {
    let ports: Vec<String> = case.ports_of(&failing.container).iter().map(u16::to_string).collect();
    if ports.is_empty() { "no port of that name".to_owned() } else { ports.join(", ") }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Point the probe at the port that the program serves, in the source of {subject}."
        ),
        command: kubectl::undo(subject),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its containers are not started again.".to_owned(),
    }]
}
