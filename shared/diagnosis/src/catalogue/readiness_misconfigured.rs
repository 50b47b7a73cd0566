//! A readiness probe asks a healthy program for the wrong thing, and no Service sends it anything.

use crate::case::Case;
use crate::case::probes::{FailingProbe, Which, says_nobody_listens, says_unwell, says_wrong_door};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::event::Event;
use evidence::report::Remedy;
use jiff::SignedDuration;
use std::collections::BTreeSet;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-08",
    title: "its readiness probe asks for the wrong port, path or protocol",
    category: Category::Runtime,
    proves: "the container runs without being started again, and its probe knocks where the pod serves nothing or asks for what the server does not know",
    refutes: "the application itself answers that it is not ready, or does not listen where it is meant to",
    confused_with: &["RUN-05", "RUN-11", "NET-02"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// The kubelet tells each answer of a probe again at least as often.
const LATELY: SignedDuration = SignedDuration::from_mins(5);

fn judge(case: &Case) -> Vec<Judgement> {
    let probes = case.failing_probes();
    let (readiness, others): (Vec<_>, Vec<_>) =
        probes.into_iter().partition(|it| it.which == Which::Readiness);
    let ended: BTreeSet<_> = others.iter().map(|it| it.container.root).collect();
    let lasting = readiness.iter().filter(|it| !ended.contains(it.container.root));
    one_each(lasting.filter_map(|probe| one(case, probe)))
}

fn one(case: &Case, failing: &FailingProbe<'_>) -> Option<Judgement> {
    let container = &failing.container;
    let (subject, name) = (container.root.clone(), &container.spec.name);
    let port = &failing.probe.port;
    let found = failing.says(says_wrong_door).filter(|it| is_current(failing, it));
    let nobody = failing.says(says_nobody_listens);
    if found.is_none()
        && let Some(event) = failing.says(says_unwell)
    {
        let why = format!("container {name} answers its readiness probe, that it is not well");
        let proofs = vec![failing.cite(event)];
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    let misses = failing.misses(case);
    if found.is_none() && !misses {
        if case.ports_of(container).is_empty() {
            return None; // Nobody knows what it is meant to serve.
        }
        let why = format!("container {name} is meant to listen at port {port}, and does not");
        let proofs = vec![failing.cite(nobody?)];
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    let event = found.or(nobody).or_else(|| failing.says(|said| said.contains("strconv.Atoi")))?;
    let mut proofs = vec![failing.cite(event)];
    proofs.push(Cite::new(
        container.pod.exhibit,
        format!(
            "{}: container {name} runs, was started again {} times, and is not ready",
            container.pod.meta.entity("Pod"),
            container.status.restarts
        ),
    ));
    let (field, value, what) = if found.is_some() {
        (failing.asked_field(case), failing.asked_value(case), failing.asks(case))
    } else {
        let served: Vec<String> = case.ports_of(container).iter().map(u16::to_string).collect();
        let served = if served.is_empty() { "no such port".to_owned() } else { served.join(", ") };
        let what = format!("knocks at port {port}, while its pod serves {served}");
        ("port", Some(port.clone()), what)
    };
    // A liveness probe that passes elsewhere shows that the program is well, and where.
    let well =
        found.is_some() || container.spec.liveness.as_ref().is_some_and(|it| it.port != *port);
    Some(Judgement::Proven(Finding {
        field: Some(failing.field(field)),
        value,
        statement: format!(
            "Container {name} of {subject} runs but never becomes ready because its readiness probe {what}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: if well { Strength::Conclusive } else { Strength::Strong },
        explains: vec![subject.clone()],
        subject,
    }))
}

/// A server that has just started knows nothing yet: what counts is what it answers now.
fn is_current(failing: &FailingProbe<'_>, event: &Seen<'_, Event>) -> bool {
    let newest = failing.events.iter().filter_map(|it| it.last).max();
    newest.zip(event.last).is_none_or(|(newest, at)| newest.duration_since(at) <= LATELY)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Make the readiness probe ask for what the program serves, in the source of {subject}."
        ),
        command: kubectl::undo(subject),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its pods become ready, and its Services have endpoints.".to_owned(),
    }]
}
