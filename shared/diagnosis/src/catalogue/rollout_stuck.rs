//! A rollout makes no progress, and nothing says why.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::meta::condition;
use evidence::fact::workload::Workload;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-02",
    title: "its rollout makes no progress",
    category: Category::Delivery,
    proves: "the Deployment says `ProgressDeadlineExceeded`, is paused halfway, or a StatefulSet that was asked about has a partition older than its newest template",
    refutes: "the pods show why they are not ready: then that is the cause",
    confused_with: &["IMG-01", "RUN-08"],
    depth: Depth::Symptom,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// The field of what does not roll out until somebody says so.
const PAUSED: &str = "spec.paused";

fn judge(case: &Case) -> Vec<Judgement> {
    case.workloads().filter_map(|it| one(it).or_else(|| kept_back(case, it))).collect()
}

/// Its strategy says that some pods keep the old template, and nobody means that any more.
fn kept_back(case: &Case, workload: Seen<'_, Workload>) -> Option<Judgement> {
    let kept = case.kept_back(workload)?;
    let subject = workload.meta.entity(&workload.kind);
    if !case.asks_about(&subject.kind, &subject.name) {
        return None;
    }
    let (old, desired, partition) = (kept.old, workload.desired, kept.value);
    let revision = kept.newest.meta.entity(&kept.newest.kind);
    let made = kept.newest.meta.created.map(|at| format!(" since {at}")).unwrap_or_default();
    Some(Judgement::Proven(Finding {
        field: Some(kept.field.to_owned()),
        value: Some(partition.to_string()),
        statement: format!(
            "{old} of {desired} pods of {subject} keep its old template because its partition is {partition}."
        ),
        proofs: vec![
            Cite::new(
                workload.exhibit,
                format!("{subject}: partition {partition}, {old} of {desired} pods not updated"),
            ),
            Cite::new(kept.newest.exhibit, format!("{revision} is the newest{made}")),
        ],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
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
        // All pods are of the newest template: there is nothing to roll out.
        if workload.updated >= workload.desired {
            return None;
        }
        let says = format!("{subject}: paused, {counts}");
        let statement = format!("{subject} does not roll out because it is paused ({counts}).");
        (statement, Cite::new(workload.exhibit, says), Strength::Strong, PAUSED)
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
    if finding.field.as_deref().is_some_and(|it| it.ends_with(".partition")) {
        return vec![Remedy {
            action: format!(
                "Set the partition of {subject} to 0 in its source, if the newest template is for all its pods."
            ),
            command: kubectl::object("rollout status", subject, ""),
            risk: "medium".to_owned(),
            reversible: true,
            verify: "All its pods are of the newest revision.".to_owned(),
        }];
    }
    if finding.field.as_deref() == Some(PAUSED) {
        return vec![Remedy {
            action: format!("Ask who paused {subject} and why; if it is done, let it roll out."),
            command: kubectl::object("rollout resume", subject, ""),
            risk: "medium".to_owned(),
            reversible: true,
            verify: kubectl::object("rollout status", subject, ""),
        }];
    }
    vec![Remedy {
        action: format!(
            "Look at the newest pods of {subject}; if its last change is to blame, undo it."
        ),
        command: kubectl::undo(subject),
        risk: "medium".to_owned(),
        reversible: true,
        verify: kubectl::object("rollout status", subject, ""),
    }]
}
