//! Somebody scaled a workload to nothing that others still call.

use crate::case::Case;
use crate::case::news::Turn;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use crate::seen::{Presence, Seen};
use evidence::fact::workload::Workload;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-01",
    title: "it is scaled to zero",
    category: Category::Delivery,
    proves: "the workload wants 0 pods, and a Service that leads to it has no endpoint; or that it was scaled so is the only thing that was changed within a day where users report what nothing shows",
    refutes: "an autoscaler that may go to zero or a downscaler by its hours put it to sleep, or nobody uses the Service; or it makes load for others, and was not itself asked about; or it is the side that rests of two, of which another Service chooses the other",
    confused_with: &["NET-01", "SCH-01"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let idle = case.workloads().filter(|it| it.desired == 0 && it.kind != "DaemonSet");
    let known = idle.filter_map(|workload| one(case, workload));
    one_each(known.chain(case.judge_coincidence(Turn::Stop)))
}

fn one(case: &Case, workload: Seen<'_, Workload>) -> Option<Judgement> {
    let subject = workload.meta.entity(&workload.kind);
    if case.autoscalers().any(|it| it.target == subject && it.min == 0) {
        return None;
    }
    if let Some(asleep) = case.asleep(workload) {
        let (by, plan) = (&asleep.by, asleep.plan);
        let why = format!("{subject} sleeps by plan: {by} scaled it to 0, and {plan} says so.");
        return Some(Judgement::Refuted(Refutation { subject, why, proofs: asleep.cites }));
    }
    if case.rests_unmissed(workload.it) {
        let why = format!("{subject} makes load, and nobody calls it: that it rests harms nobody.");
        let proofs = vec![Cite::new(workload.exhibit, format!("{subject} only calls others"))];
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    let asked = case.asks_about(&workload.kind, &workload.meta.name)
        || case.is_named(&workload.meta.namespace, &workload.meta.name);
    let rests = !asked && case.rests(workload.it);
    let mut explains = vec![subject.clone()];
    let mut proofs = vec![Cite::new(workload.exhibit, format!("{subject} wants 0 pods"))];
    for service in case.services_before(workload.it) {
        let exhibit = match case.endpoints(&service.meta.namespace, &service.meta.name) {
            Presence::Present(it) if it.ready > 0 => continue,
            Presence::Present(it) => it.exhibit,
            Presence::Absent => service.exhibit,
            Presence::Unknown => continue,
        };
        // Nobody calls the side that rests until it is chosen.
        if rests && !case.is_called(service) {
            continue;
        }
        let entity = service.meta.entity("Service");
        proofs.push(Cite::new(exhibit, format!("{entity} has no ready endpoint")));
        explains.push(entity);
    }
    if explains.len() == 1 && !asked {
        return None; // Nobody misses it.
    }
    Some(Judgement::Proven(Finding {
        field: Some("spec.replicas".to_owned()),
        value: Some("0".to_owned()),
        statement: format!("{subject} runs no pods because it is scaled to 0."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find out who scaled {subject} to 0 and why; if it is still wanted, scale it up in its source."
        ),
        command: kubectl::object("scale", subject, "--replicas=N"),
        risk: "low".to_owned(),
        reversible: true,
        verify: kubectl::object("rollout status", subject, ""),
    }]
}
