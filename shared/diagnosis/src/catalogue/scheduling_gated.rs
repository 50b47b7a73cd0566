//! A pod waits at a gate that nobody opens.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::meta::condition;
use evidence::fact::pod::Pod;
use evidence::report::Remedy;
use jiff::SignedDuration;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-16",
    title: "a scheduling gate holds it back",
    category: Category::Scheduling,
    proves: "the pod has scheduling gates for more than two minutes, and its PodScheduled condition says `SchedulingGated`",
    refutes: "the gates are gone",
    confused_with: &["SCH-17"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// Whoever put a gate there opens it within seconds when it may; a queue may take longer, and then the gate says where.
const PATIENCE: SignedDuration = SignedDuration::from_mins(2);

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.pods().filter_map(|pod| one(case, pod)))
}

fn one(case: &Case, pod: Seen<'_, Pod>) -> Option<Judgement> {
    let gate = pod.it.spec.gates.first()?;
    let waited = pod.meta.created.is_none_or(|at| case.as_of.duration_since(at) >= PATIENCE);
    if pod.phase != "Pending" || pod.meta.deleted.is_some() || !waited {
        return None;
    }
    let subject = case.root_of(&pod.meta, "Pod");
    let name = pod.meta.entity("Pod");
    let said = condition(&pod.it.conditions, "PodScheduled").map_or("", |it| &it.message);
    Some(Judgement::Proven(Finding {
        field: Some("spec.schedulingGates".to_owned()),
        value: Some(gate.clone()),
        statement: format!(
            "{subject} is not scheduled because its pods wait at the scheduling gate {gate}, which whoever put it there has not opened."
        ),
        proofs: vec![Cite::quoting(pod.exhibit, format!("{name}: has the gate {gate}"), said)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find whose gate it is that holds {subject} (Kueue's begin with kueue.x-k8s.io), and why it is not opened: a quota, a queue that is stopped, a controller that does not run."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
