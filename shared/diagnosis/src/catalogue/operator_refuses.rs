//! An operator says that it cannot make what a custom object asks for.

use crate::case::Case;
use crate::case::customs::complaint;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::object::Object;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-11",
    title: "its operator cannot make what it asks for",
    category: Category::Delivery,
    proves: "a custom object that owns what fails, was asked about, or acts on what users miss, says in a condition that it is not as asked, and why",
    refutes: "the object says that it is ready",
    confused_with: &["DLV-01", "SCH-01"],
    // What ails its pods is the deeper cause, where that shows.
    depth: Depth::Symptom,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// The custom objects that own what fails.
fn ask(case: &Case) -> Vec<Question> {
    let unknown = case.operated().into_iter().filter(|it| {
        case.custom(it).is_none() && !case.looked(&it.kind, &it.namespace) && fails(case, it)
    });
    unknown.map(|it| Question::Objects { kind: it.kind, namespace: it.namespace }).collect()
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut owners = case.operated();
    owners.retain(|it| fails(case, it));
    owners.extend(case.asked_object().filter(|asked| !owners.contains(asked)));
    let missed = case.missed_customs();
    let missed = missed.iter().map(|(object, _)| object.it.meta.entity(&object.it.kind));
    owners.extend(missed.filter(|it| !owners.contains(it)).collect::<Vec<_>>());
    let seen = owners.iter().filter_map(|owner| Some((owner, case.custom(owner)?)));
    seen.filter_map(|(owner, object)| one(case, owner, object)).collect()
}

/// Whether pods or workloads below it are not ready.
fn fails(case: &Case, owner: &Entity) -> bool {
    case.pods_of(owner).any(|pod| !crate::engine::symptoms::is_ready(&pod))
        || case
            .workloads()
            .any(|it| it.ready < it.desired && case.root_of(&it.it.meta, &it.it.kind) == *owner)
}

fn one(case: &Case, subject: &Entity, object: Seen<'_, Object>) -> Option<Judgement> {
    let delivered =
        matches!(subject.kind.as_str(), "Application" | "Kustomization" | "HelmRelease");
    if delivered || case.is_unborn(object.it) || object.api_version.starts_with("chaos-mesh.org/") {
        return None; // DLV-01, CTL-04 and DLV-05 know better.
    }
    let condition = complaint(object.it)?;
    let plain = condition.reason.chars().all(|c| c.is_ascii_alphanumeric());
    let reason = if plain && !condition.reason.is_empty() {
        format!(" ({})", condition.reason)
    } else {
        String::new()
    };
    let says = format!("{subject}: {} is {}{reason}", condition.kind, condition.status);
    let mut explains = vec![subject.clone()];
    for workload in case.workloads() {
        if case.root_of(&workload.it.meta, &workload.it.kind) == *subject {
            explains.push(workload.it.meta.entity(&workload.it.kind));
        }
    }
    explains.extend(case.kept_in(subject));
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{subject} is not as asked: its operator says that {} is {}{reason}.",
            condition.kind, condition.status
        ),
        proofs: vec![Cite::quoting(object.exhibit, says, &condition.message)],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject: subject.clone(),
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!("Correct in {subject} what its condition tells, or undo its last change."),
        command: kubectl::object("describe", subject, ""),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Its conditions say that it is ready.".to_owned(),
    }]
}
