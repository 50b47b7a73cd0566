//! A program that is meant to serve does its work and ends, and is started again and again.

use crate::case::Case;
use crate::case::containers::Running;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-12",
    title: "its program ends without an error instead of staying up",
    category: Category::Runtime,
    proves: "a container of a workload that keeps its pods running ends with exit code 0 again and again",
    refutes: "it belongs to a Job, which is meant to end; or a probe ended it",
    confused_with: &["RUN-05", "RUN-10"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.containers().filter_map(|container| one(case, &container)))
}

fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    // `Always` is not written; a Job's pods never have it.
    let is_job = matches!(container.root.kind.as_str(), "Job" | "CronJob");
    let keeps = container.pod.it.spec.restart_policy.is_empty() && !is_job;
    let ended = case.fails_by_ending(container).filter(|it| it.exit_code == 0)?;
    if !keeps || container.spec.init || !container.is_crash_looping() {
        return None;
    }
    // A program that ends well on SIGTERM looks the same when a probe ends it.
    let spec = container.spec;
    let may_be_probed = spec.liveness.is_some() || spec.startup.is_some();
    if may_be_probed && !case.looked("Event", &container.pod.meta.namespace) {
        return None; // Only events tell whether one did.
    }
    let probed = case.failing_probes().into_iter().any(|it| it.container.root == container.root);
    if probed || case.killed_by_probe(container).is_some() {
        return None;
    }
    let (subject, name) = (container.root.clone(), &spec.name);
    let mut proofs = vec![container.cite_end(ended)];
    if let Some(log) = case.words_of(container) {
        let says = match log.it.lines.len() {
            0 => format!("container {name} wrote nothing before it ended"),
            lines => format!("container {name} wrote {lines} different lines before it ended"),
        };
        proofs.push(Cite::new(log.exhibit, says));
    }
    let (field, value) = match (spec.command.is_empty(), spec.args.is_empty()) {
        (false, _) => ("command", spec.command.join(" ")),
        (true, false) => ("args", spec.args.join(" ")),
        (true, true) => ("image", spec.image.clone()),
    };
    Some(Judgement::Proven(Finding {
        field: Some(container.field(field)),
        value: Some(value),
        statement: format!(
            "Container {name} of {subject} is started again and again because its program ends without an error, while a {} is meant to stay up.",
            subject.kind
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Give {subject} a command that stays in the foreground, or make it a Job if it is meant to end."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its containers start once, and stay.".to_owned(),
    }]
}
