//! A claim asks for a storage class that does not exist, or for the default one and there is none.

mod no_default;

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::storage::Claim;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-01",
    title: "its storage class does not exist",
    category: Category::Storage,
    proves: "a claim is Pending, and the class that it names is not there, or it names none and no class is the default",
    refutes: "the class exists",
    confused_with: &["STO-02", "STO-06"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    let pending = case.claims().any(|it| it.phase == "Pending" && it.class.as_deref() != Some(""));
    if !pending || case.looked("StorageClass", "") {
        return Vec::new();
    }
    vec![Question::Objects { kind: "StorageClass".to_owned(), namespace: String::new() }]
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> =
        case.claims().filter_map(|claim| one(case, claim)).collect();
    judgements.extend(no_default::judge(case));
    judgements
}

fn one(case: &Case, claim: Seen<'_, Claim>) -> Option<Judgement> {
    if claim.phase != "Pending" || !claim.volume.is_empty() {
        return None;
    }
    let class = claim.it.class.as_deref().filter(|it| !it.is_empty())?;
    if case.storage_class(class).seen().is_some() {
        return None;
    }
    let subject = claim.meta.entity("PersistentVolumeClaim");
    let mut proofs =
        vec![Cite::new(claim.exhibit, format!("{subject}: Pending, asks for class {class}"))];
    let said = case.events_of(&subject, &["ProvisioningFailed"]).max_by_key(|it| it.last);
    // storageclass.storage.k8s.io "fast" not found
    let said =
        said.filter(|it| it.message.contains("not found") && it.message.contains("storageclass"));
    if let Some(event) = said {
        let says = format!("{subject}: ProvisioningFailed, {} times", event.count.max(1));
        proofs.push(Cite::quoting(event.exhibit, says, &event.message));
    } else if !case.storage_class(class).is_absent() {
        return None; // Nobody looked, and nobody says so.
    }
    let mut explains = vec![subject.clone()];
    explains.extend(case.mounters(&subject));
    Some(Judgement::Proven(Finding {
        field: Some("spec.storageClassName".to_owned()),
        value: Some(class.to_owned()),
        statement: format!(
            "{subject} gets no volume because its storage class {class} does not exist."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject: Entity::clone(&subject),
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    if finding.value.is_none() {
        return no_default::remedy(finding);
    }
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Make {subject} again with a class that exists, or create the class; a claim's class cannot be changed."
        ),
        command: "kubectl get storageclasses".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("{subject} is Bound."),
    }]
}
