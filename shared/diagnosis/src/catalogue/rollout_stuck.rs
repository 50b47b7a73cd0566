//! A rollout makes no progress, and nothing says why.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::fact::meta::condition;
use evidence::fact::workload::Workload;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-02",
    title: "its rollout makes no progress",
    category: Category::Delivery,
    proves: "the Deployment says `ProgressDeadlineExceeded`, or is paused halfway",
    refutes: "the pods show why they are not ready: then that is the cause",
    confused_with: &["IMG-01", "RUN-08"],
    depth: Depth::Symptom,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.workloads().filter_map(one).collect()
}

fn one(workload: Seen<'_, Workload>) -> Option<Judgement> {
    let subject = workload.meta.entity(&workload.kind);
    let unfinished = workload.updated < workload.desired || workload.ready < workload.desired;
    if workload.desired == 0 || !unfinished {
        return None;
    }
    let counts = format!(
        "{} of {} pods updated, {} ready",
        workload.updated, workload.desired, workload.ready
    );
    let (statement, cite, strength, field) = if workload.paused {
        let says = format!("{subject}: paused, {counts}");
        let statement = format!("{subject} does not roll out because it is paused ({counts}).");
        (statement, Cite::new(workload.exhibit, says), Strength::Strong, "spec.paused")
    } else {
        let progress = condition(&workload.it.conditions, "Progressing")
            .filter(|it| it.status == "False" && it.reason == "ProgressDeadlineExceeded")?;
        let says = format!("{subject}: {}, {counts}", progress.reason);
        let statement = format!("The rollout of {subject} makes no progress ({counts}).");
        let cite = Cite::quoting(workload.exhibit, says, &progress.message);
        (statement, cite, Strength::Suggestive, "spec.template")
    };
    Some(Judgement::Proven(Finding {
        field: Some(field.to_owned()),
        value: None,
        statement,
        proofs: vec![cite],
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
            "Look at the newest pods of {subject}; if its last change is to blame, undo it."
        ),
        command: format!(
            "kubectl -n {} rollout undo {}/{}",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name
        ),
        risk: "medium".to_owned(),
        reversible: true,
        verify: format!(
            "kubectl -n {} rollout status {}/{}",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name
        ),
    }]
}
