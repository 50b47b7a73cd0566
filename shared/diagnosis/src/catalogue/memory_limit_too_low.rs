//! A container needs more memory than its limit allows, and the kernel kills it.

use crate::case::Case;
use crate::case::containers::Running;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use evidence::fact::pod::Ended;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-01",
    title: "a container exceeds its memory limit and is killed",
    category: Category::Runtime,
    proves: "the container's last run ended with reason OOMKilled, and it has a memory limit",
    refutes: "the run ended otherwise: exit 137 without OOMKilled is a kill by a probe or by hand; or several nodes ran out of memory then",
    confused_with: &["RUN-05", "RUN-09", "RUN-10"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for container in case.containers() {
        let Some(ended) = container.ended() else { continue };
        // A kill of long ago is no news: rule R3.
        if case.rules.baseline && ended.finished.is_some_and(|at| at < case.window.start) {
            continue;
        }
        judgements.extend(one(case, &container, ended));
    }
    one_each(judgements)
}

fn one(case: &Case, container: &Running<'_>, ended: &Ended) -> Option<Judgement> {
    let subject = container.root.clone();
    let pod = container.pod.meta.entity("Pod");
    let name = &container.spec.name;
    let says = format!(
        "{pod}: container {name} ended with exit code {}, reason {}, after {} restarts",
        ended.exit_code, ended.reason, container.status.restarts
    );
    let mut proofs = vec![Cite::new(container.pod.exhibit, says)];
    if ended.reason != "OOMKilled" {
        // Where a child is killed, its parent may end with the code alone.
        if !container.is_crash_looping() || ended.exit_code == 137 {
            return None;
        }
        let why = format!(
            "container {name} ended with exit code {} and reason {}, not OOMKilled",
            ended.exit_code, ended.reason
        );
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    // Without a limit of its own it was the node that ran out.
    let limit = container.spec.limits.get("memory")?;
    if case.was_short(container) {
        return None; // Its node had nothing left, and others' neither: whatever its limit is.
    }
    if let Some(log) = case.log(&container.pod.meta.namespace, &container.pod.meta.name, name, true)
    {
        let lines = log.it.lines.len();
        proofs.push(Cite::new(
            log.exhibit,
            format!("{pod}: container {name} wrote {lines} different lines before it was killed"),
        ));
    }
    Some(Judgement::Proven(Finding {
        field: Some(container.field("resources.limits.memory")),
        value: Some(limit.clone()),
        statement: format!(
            "Container {name} of {subject} is killed because it needs more memory than its limit of {limit}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let limit = finding.value.as_deref().unwrap_or("its present value");
    vec![Remedy {
        action: format!(
            "Raise the memory limit of {subject} above {limit}, to what the container needs with a margin, or find out why it needs so much."
        ),
        command: kubectl::object("set resources", subject, "--limits=memory=VALUE"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "No container of it ends with OOMKilled any more.".to_owned(),
    }]
}
