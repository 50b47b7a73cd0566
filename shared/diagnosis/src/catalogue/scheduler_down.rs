//! No scheduler looks at new pods: the cluster's own does not run, or they name another that is not there.

mod no_such_scheduler;

use crate::case::Case;
use crate::engine::symptoms::is_ready;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::object::Object;
use evidence::fact::pod::Pod;
use evidence::question::Question;
use evidence::report::Remedy;
use jiff::{SignedDuration, Timestamp};

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-17",
    title: "its scheduler does not run",
    category: Category::Scheduling,
    proves: "pods wait for minutes without a PodScheduled condition or an event of the scheduler, which has placed no younger pod; its lease is not renewed; where they name a scheduler of their own, it has placed no younger pod",
    refutes: "that scheduler has placed or refused a younger pod, or the cluster's own renews its lease",
    confused_with: &["SCH-16", "SCH-20"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// A leader renews its lease every few seconds; one that has not for this long is gone.
const SILENT: SignedDuration = SignedDuration::from_mins(1);

fn ask(case: &Case) -> Vec<Question> {
    if case.unnoticed("").is_empty() {
        return Vec::new();
    }
    let kinds = ["Lease", "Pod"].into_iter().filter(|kind| !case.looked(kind, "kube-system"));
    kinds
        .map(|kind| Question::Objects {
            kind: kind.to_owned(),
            namespace: "kube-system".to_owned(),
        })
        .collect()
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = of_the_clusters_own(case);
    judgements.extend(no_such_scheduler::judge(case));
    judgements
}

fn of_the_clusters_own(case: &Case) -> Vec<Judgement> {
    let unnoticed = case.unnoticed("");
    let Some((root, pod)) = unnoticed.first() else { return Vec::new() };
    let name = pod.meta.entity("Pod");
    let waited = format!("{name}: waits, and no scheduler has said anything about it");
    let mut proofs = vec![Cite::new(pod.exhibit, waited)];
    let lease = case.objects().find(|it| {
        it.it.kind == "Lease"
            && it.meta.namespace == "kube-system"
            && it.meta.name == "kube-scheduler"
    });
    let mut subject = Entity::new("Lease", "kube-system", "kube-scheduler");
    let mut strength = case.looked("Lease", "kube-system").then_some(Strength::Strong);
    if let Some((lease, renewed)) = lease.and_then(renewed) {
        proofs.push(Cite::new(lease.exhibit, format!("{subject}: last renewed at {renewed}")));
        if case.as_of.duration_since(renewed) < SILENT {
            let why = "the scheduler renews its lease: it runs".to_owned();
            return vec![Judgement::Refuted(Refutation { subject, why, proofs })];
        }
        strength = Some(Strength::Conclusive);
    }
    if let Some(scheduler) = case.pods().find(is_scheduler) {
        subject = scheduler.meta.entity("Pod");
        if !is_ready(scheduler.it) {
            strength = Some(Strength::Conclusive);
            proofs.push(Cite::new(scheduler.exhibit, format!("{subject}: is not ready")));
        }
    }
    // Nothing is known of the scheduler itself: a pod that waits may have been overlooked otherwise.
    let Some(strength) = strength else { return Vec::new() };
    let more = match unnoticed.len() {
        1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    vec![Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{root}{more} cannot start because the scheduler does not look at new pods: it does not run, or does not reach the API server."
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: unnoticed.iter().map(|(root, _)| root.clone()).collect(),
        subject,
    })]
}

/// A lease, and when its holder last renewed it.
fn renewed(lease: Seen<'_, Object>) -> Option<(Seen<'_, Object>, Timestamp)> {
    let at = lease.it.fields.get("spec.renewTime")?.parse().ok()?;
    Some((lease, at))
}

/// The pod of kubeadm's static manifest, and of what is made like it.
fn is_scheduler(pod: &Seen<'_, Pod>) -> bool {
    pod.meta.namespace == "kube-system"
        && pod.meta.labels.get("component").is_some_and(|it| it == "kube-scheduler")
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if finding.field.is_some() {
        return no_such_scheduler::remedy(finding);
    }
    vec![Remedy {
        action: format!(
            "Start the scheduler again and read its log ({subject}): on a control plane of one's own it is a static pod or a unit; elsewhere ask the provider."
        ),
        command: "kubectl -n kube-system get lease/kube-scheduler -o yaml".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pending pods get a PodScheduled condition.".to_owned(),
    }]
}
