//! Something was told to go, and what must happen before does not happen.

mod of_pods;

use crate::case::Case;
use crate::case::denials::between;
use crate::case::leaving::{holding, remaining};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::{Condition, condition};
use evidence::fact::policy::Namespace;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RBAC-02",
    title: "what must happen before it may go does not happen",
    category: Category::Access,
    proves: "the namespace says which finalizers hold its content, and an object in it waits for one of them; or a pod has ended and waits for one",
    refutes: "it went, or it was told to go a moment ago",
    confused_with: &["API-03"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// Kinds asked for at most; a namespace may hold hundreds.
const MOST_KINDS: usize = 3;

/// The objects that are left, where finalizers hold them.
fn ask(case: &Case) -> Vec<Question> {
    let mut questions = case.ask_about_keepers();
    for namespace in case.lingering_namespaces() {
        let finalizers = holding(namespace.it);
        let name = &namespace.meta.name;
        if finalizers.is_empty() || !case.held_by(name, &finalizers).is_empty() {
            continue;
        }
        let kinds = remaining(namespace.it).into_iter().take(MOST_KINDS);
        questions.extend(kinds.map(|kind| Question::Objects { kind, namespace: name.clone() }));
    }
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = Vec::new();
    for namespace in case.lingering_namespaces() {
        judgements.extend(held(case, namespace).or_else(|| undeleted(namespace)));
    }
    judgements.extend(asked(case));
    judgements.extend(of_pods::judge(case));
    judgements
}

fn says(namespace: &Namespace, kind: &str) -> Option<Condition> {
    condition(&namespace.conditions, kind).filter(|it| it.status == "True").cloned()
}

fn held(case: &Case, namespace: Seen<'_, Namespace>) -> Option<Judgement> {
    // What cannot be discovered cannot be deleted: API-03.
    if says(namespace.it, "NamespaceDeletionDiscoveryFailure").is_some() {
        return None;
    }
    let finalizers = holding(namespace.it);
    let finalizer = finalizers.first()?.clone();
    let entity = namespace.meta.entity("Namespace");
    let remaining = says(namespace.it, "NamespaceFinalizersRemaining")?;
    let mut proofs = vec![Cite::quoting(
        namespace.exhibit,
        format!("{entity}: {}", remaining.reason),
        &remaining.message,
    )];
    let held = case.held_by(&namespace.meta.name, &finalizers);
    proofs.extend(held.iter().take(2).map(|(_, cite)| cite.clone()));
    let barred = case.barred_from(&namespace.meta.name);
    proofs.extend(barred.first().map(|(_, cite)| cite.clone()));
    let barred = barred.into_iter().map(|(root, _)| root).chain([entity.clone()]);
    let victims: Vec<Entity> = barred.collect();
    let objects = held.iter().map(|(object, _)| object).chain(&victims).cloned().collect();
    if let Some(finding) = unkept(case, &entity, &finalizer, &proofs, objects) {
        return Some(Judgement::Proven(finding));
    }
    if case.missed_workloads(&[]) {
        return None; // Who should take it away may be among them.
    }
    let (subject, strength) = match held.into_iter().next() {
        Some((object, _)) => (
            case.meta_of(&object).map_or(object.clone(), |meta| case.root_of(meta, &object.kind)),
            Strength::Conclusive,
        ),
        None => (entity.clone(), Strength::Strong),
    };
    let what = if subject == entity { "its content".to_owned() } else { subject.to_string() };
    Some(Judgement::Proven(Finding {
        field: (subject != entity).then(|| "metadata.finalizers".to_owned()),
        value: Some(finalizer.clone()),
        statement: format!(
            "{entity} does not go because {what} {}.",
            waits(case, &subject, &finalizer)
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: victims.into_iter().chain([subject.clone()]).collect(),
        subject,
    }))
}

/// Who should take the finalizer away does not run.
fn unkept(
    case: &Case,
    going: &Entity,
    finalizer: &str,
    proofs: &[Cite],
    explains: Vec<Entity>,
) -> Option<Finding> {
    let keeper = case.absent_keeper(finalizer)?;
    let subject = keeper.meta.entity(&keeper.kind);
    let how = match keeper.desired {
        0 => "is scaled to 0".to_owned(),
        desired => format!("has 0 of {desired} pods ready"),
    };
    let mut proofs = proofs.to_vec();
    proofs.push(Cite::new(keeper.exhibit, format!("{subject} {how}")));
    Some(Finding {
        field: (keeper.desired == 0).then(|| "spec.replicas".to_owned()),
        value: None,
        statement: format!(
            "{going} does not go because {subject}, which takes the finalizer {finalizer} away, {how}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: explains.into_iter().chain([subject.clone()]).collect(),
        subject,
    })
}

/// Deleting its content fails, because a webhook that must be asked does not answer.
fn undeleted(namespace: Seen<'_, Namespace>) -> Option<Judgement> {
    let failure = says(namespace.it, "NamespaceDeletionContentFailure")?;
    let asks_hook = ["failed calling webhook", "conversion webhook for"]
        .iter()
        .any(|words| failure.message.contains(words));
    let host = between(&failure.message, "Post \"https://", "/").filter(|_| asks_hook)?;
    let mut parts = host.split(['.', ':']);
    let (service, place) = (parts.next()?, parts.next()?);
    let subject = Entity::new("Service", place, service);
    let entity = namespace.meta.entity("Namespace");
    let cite = format!("{entity}: {}", failure.reason);
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{entity} does not go because its content cannot be deleted: a webhook at {subject} does not answer."
        ),
        proofs: vec![Cite::quoting(namespace.exhibit, cite, &failure.message)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![entity, subject.clone()],
        subject,
    }))
}

/// What an object waits for: a claim for those who mount it, others for whoever should take the finalizer away.
fn waits(case: &Case, object: &Entity, finalizer: &str) -> String {
    let mounters = case.mounters(object);
    match mounters.first().filter(|_| finalizer == "kubernetes.io/pvc-protection") {
        Some(mounter) => format!("is still mounted by {mounter}"),
        None => format!("waits for the finalizer {finalizer}, which nobody takes away"),
    }
}

/// The object that was asked about.
fn asked(case: &Case) -> Option<Judgement> {
    let (subject, exhibit, meta, finalizer) = case.asked_to_go()?;
    let proof = format!("{subject} was told to go and waits for {}", meta.finalizers.join(", "));
    let cite = Cite::new(exhibit, proof.clone());
    if let Some(finding) = unkept(case, &subject, finalizer, &[cite], vec![subject.clone()]) {
        return Some(Judgement::Proven(finding));
    }
    if case.missed_workloads(&[]) {
        return None;
    }
    Some(Judgement::Proven(Finding {
        field: Some("metadata.finalizers".to_owned()),
        value: Some(finalizer.clone()),
        statement: format!(
            "{subject} does not go because it {}.",
            waits(case, &subject, finalizer)
        ),
        proofs: vec![Cite::new(exhibit, proof)],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if matches!(subject.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet") {
        return vec![Remedy {
            action: format!(
                "Let {subject} run again, until nothing waits for it; whoever removes it for good does so last."
            ),
            command: kubectl::object("describe", subject, ""),
            risk: "low".to_owned(),
            reversible: true,
            verify: "What was told to go is gone.".to_owned(),
        }];
    }
    let finalizer = finding.value.as_deref().unwrap_or("its finalizer");
    vec![Remedy {
        action: format!(
            "Bring back the controller that takes away {finalizer} and see that it may change {subject}; take the finalizer away by hand only if what it guards is known to be gone."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "high".to_owned(),
        reversible: false,
        verify: "It is gone.".to_owned(),
    }]
}
