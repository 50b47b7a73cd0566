//! No volume meets what a claim asks for, and none is made for it.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::quantity;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::fact::storage::{Claim, Volume};
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-02",
    title: "no volume fits its claim",
    category: Category::Storage,
    proves: "a claim that nobody provisions for is Pending, and every volume of its class is too small, offers other access modes, has other labels, or is taken",
    refutes: "a volume fits",
    confused_with: &["STO-01", "STO-06"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    let pending = case.claims().any(|it| it.phase == "Pending");
    if !pending || case.looked("PersistentVolume", "") {
        return Vec::new();
    }
    vec![Question::Objects { kind: "PersistentVolume".to_owned(), namespace: String::new() }]
}

fn judge(case: &Case) -> Vec<Judgement> {
    case.claims().filter_map(|claim| one(case, claim)).collect()
}

fn one(case: &Case, claim: Seen<'_, Claim>) -> Option<Judgement> {
    if claim.phase != "Pending" || !case.looked("PersistentVolume", "") {
        return None;
    }
    let class = claim.it.class.clone().unwrap_or_default();
    let subject = claim.meta.entity("PersistentVolumeClaim");
    let said = case.events_of(&subject, &["FailedBinding"]).max_by_key(|it| it.last)?;
    let candidates = case.volumes().filter(|it| it.class == class);
    let volume = match candidates.into_iter().min_by_key(|it| misfits(&claim, it).len()) {
        Some(volume) => volume,
        None => return Some(none(case, subject, &claim, &said)),
    };
    let misfits = misfits(&claim, &volume);
    let (field, why) = misfits.first()?;
    let name = volume.meta.entity("PersistentVolume");
    let mut explains = vec![subject.clone()];
    explains.extend(case.mounters(&subject));
    Some(Judgement::Proven(Finding {
        field: Some((*field).to_owned()),
        value: None,
        statement: format!("{subject} gets no volume because {name}, the nearest, {why}."),
        proofs: vec![
            Cite::quoting(said.exhibit, format!("{subject}: FailedBinding"), &said.message),
            Cite::new(
                claim.exhibit,
                format!("{subject}: asks for {} {}", claim.request, claim.access.join(",")),
            ),
            Cite::new(
                volume.exhibit,
                format!("{name}: {} {} {}", volume.phase, volume.capacity, volume.access.join(",")),
            ),
        ],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

/// What keeps a claim and a volume apart: the claim's field, and the reason.
fn misfits(claim: &Claim, volume: &Volume) -> Vec<(&'static str, String)> {
    let mut misfits = Vec::new();
    if let Some(mode) = claim.access.iter().find(|it| !volume.access.contains(it)) {
        let offers = volume.access.join(",");
        misfits.push(("spec.accessModes", format!("offers {offers} and not {mode}")));
    }
    if quantity::less(&volume.capacity, &claim.request) == Some(true) {
        let (has, wants) = (&volume.capacity, &claim.request);
        misfits.push((
            "spec.resources.requests.storage",
            format!("has {has} of the {wants} asked for"),
        ));
    }
    if claim.selector.as_ref().is_some_and(|it| !it.matches(&volume.meta.labels)) {
        misfits.push(("spec.selector", "has other labels than those selected".to_owned()));
    }
    let own = volume
        .claim
        .as_ref()
        .is_some_and(|it| it.name == claim.meta.name && it.namespace == claim.meta.namespace);
    if let Some(other) = volume.claim.as_ref().filter(|_| !own) {
        misfits.push(("spec.volumeName", format!("is {} to {other}", volume.phase.to_lowercase())));
    }
    misfits
}

fn none(
    case: &Case,
    subject: Entity,
    claim: &Seen<'_, Claim>,
    said: &Seen<'_, Event>,
) -> Judgement {
    let mut explains = vec![subject.clone()];
    explains.extend(case.mounters(&subject));
    let class = match claim.it.class.as_deref() {
        None | Some("") => "without a class".to_owned(),
        Some(class) => format!("of class {class}"),
    };
    Judgement::Proven(Finding {
        field: Some("spec.storageClassName".to_owned()),
        value: claim.it.class.clone(),
        statement: format!(
            "{subject} gets no volume because there is none {class}, and nobody makes one."
        ),
        proofs: vec![
            Cite::quoting(said.exhibit, format!("{subject}: FailedBinding"), &said.message),
            Cite::new(claim.exhibit, format!("{subject}: Pending")),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Make a volume that fits {subject}, or make the claim again so that it fits a volume."
        ),
        command: format!(
            "kubectl describe -n {} persistentvolumeclaim/{}",
            subject.namespace, subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("{subject} is Bound."),
    }]
}
