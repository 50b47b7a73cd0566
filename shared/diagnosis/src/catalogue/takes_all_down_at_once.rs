//! A rollout may take all old pods away before a new one is ready.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::workload::Workload;
use evidence::report::Remedy;
use jiff::Timestamp;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-03",
    title: "its rollout takes all old pods away before a new one is ready",
    category: Category::Delivery,
    proves: "a Deployment in a rollout has no ready pod, all pods are of the new revision, and maxUnavailable covers all of them",
    refutes: "pods of the old revision still serve, or the strategy keeps some",
    confused_with: &["CTL-02", "RUN-08"],
    // Why the new pods are not ready is the deeper cause, where that shows.
    depth: Depth::Symptom,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.workloads().filter_map(|workload| one(case, workload)).collect()
}

fn one(case: &Case, workload: Seen<'_, Workload>) -> Option<Judgement> {
    let it = workload.it;
    let rolling = it.kind == "Deployment" && it.strategy == "RollingUpdate";
    let all_new = it.desired >= 2 && it.ready == 0 && it.updated >= it.desired;
    if !rolling || !all_new || !covers(&it.max_unavailable, it.desired) {
        return None;
    }
    let subject = it.meta.entity(&it.kind);
    let revisions = case.revisions_of(&subject);
    let (newest, older) = revisions.split_first()?;
    let recent = newest.meta.created.is_none_or(|at: Timestamp| at >= case.window.start);
    if older.is_empty() || !recent {
        return None;
    }
    let (most, desired) = (&it.max_unavailable, it.desired);
    let revision = newest.meta.entity(&newest.kind);
    let proofs = vec![
        Cite::new(
            workload.exhibit,
            format!("{subject}: maxUnavailable is {most}, 0 of {desired} pods ready"),
        ),
        Cite::new(newest.exhibit, format!("{revision} has all of its pods")),
    ];
    let doubt = format!("why the pods of {revision} are not ready does not show");
    Some(Judgement::Proven(Finding {
        field: Some("spec.strategy.rollingUpdate.maxUnavailable".to_owned()),
        value: Some(most.clone()),
        statement: format!(
            "{subject} has no ready pod because its rollout took all old pods away before a new one was ready: maxUnavailable is {most} of {desired}."
        ),
        proofs,
        doubts: vec![Cite::new(newest.exhibit, doubt)],
        strength: Strength::Suggestive,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// A share is rounded down, as the controller does.
fn covers(most: &str, desired: u32) -> bool {
    match most.strip_suffix('%') {
        Some(share) => {
            share.parse::<u64>().is_ok_and(|it| it * u64::from(desired) / 100 >= u64::from(desired))
        }
        None => most.parse::<u32>().is_ok_and(|it| it >= desired),
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Undo the rollout of {subject} if its old revision served, and set maxUnavailable so that some pods stay."
        ),
        command: kubectl::undo(subject),
        risk: "medium".to_owned(),
        reversible: true,
        verify: kubectl::object("rollout status", subject, ""),
    }]
}
