//! A workload serves with a server that is meant for development.

use crate::case::Case;
use crate::case::containers::Running;
use crate::case::words::said::Said;
use crate::engine::symptoms::is_ready;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-23",
    title: "it serves with a server that is meant for development",
    category: Category::Runtime,
    proves: "the server's own log says that it is a development server",
    refutes: "the log is of a run that ended",
    confused_with: &[],
    depth: Depth::Workload,
    stands_alone: true,
    // The engine reads logs where nothing fails.
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.containers().filter_map(|container| one(case, &container)))
}

fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    // What fails has other faults, which matter more.
    let well = container.status.ready
        && case.fails_by_ending(container).is_none()
        && case.pods_of(container.root).all(|pod| is_ready(&pod));
    if !well || container.spec.init {
        return None;
    }
    let (meta, spec) = (&container.pod.meta, container.spec);
    let log = case.log(&meta.namespace, &meta.name, &spec.name, false)?;
    let (_, line) = case.said_in(log).rfind(|(said, _)| **said == Said::DevelopmentServer)?;
    let subject = container.root.clone();
    let says = format!("{}: container {} says what it is", meta.entity("Pod"), spec.name);
    let (field, value) = match (spec.command.is_empty(), spec.args.is_empty()) {
        (false, _) => ("command", spec.command.join(" ")),
        (true, false) => ("args", spec.args.join(" ")),
        (true, true) => ("image", spec.image.clone()),
    };
    Some(Judgement::Proven(Finding {
        field: Some(container.field(field)),
        value: Some(value),
        statement: format!(
            "Container {} of {subject} serves with a server that is meant for development, by its own words.",
            spec.name
        ),
        proofs: vec![Cite::quoting(log.exhibit, says, &line.text)],
        doubts: Vec::new(),
        strength: Strength::Suggestive,
        // Nothing fails of it yet, and what fails beside it has another cause.
        explains: Vec::new(),
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Start the program of {subject} with a server that is meant for production, such as gunicorn or uwsgi for Python."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Its log no longer says that it is a development server.".to_owned(),
    }]
}
