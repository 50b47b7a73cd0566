//! The controller of a CSI driver, which should make or attach a volume, does not run.

use crate::case::Case;
use crate::case::storing::Unserved;
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::report::Remedy;

/// What the facts say of parts that do not run.
pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    joined(case.unserved_storage().iter().filter_map(|it| one(case, it)))
}

/// The part that should have made a claim's volume, where it does not run.
pub(super) fn is_known(case: &Case, claim: &Entity) -> bool {
    case.unserved_storage().iter().any(|it| it.who == *claim && one(case, it).is_some())
}

fn one(case: &Case, unserved: &Unserved<'_>) -> Option<Finding> {
    let Unserved { who, driver, part, cite } = unserved;
    let workload = case.storage_part(driver, part)?;
    if !case.is_part_down(workload.it, part) {
        return None;
    }
    let subject = workload.meta.entity(&workload.kind);
    let says = format!("{subject}: {} of {} pods ready", workload.ready, workload.desired);
    let (does, how) = match *part {
        "attacher" => ("attaches its volume", "cannot start"),
        _ => ("makes its volume", "is not bound"),
    };
    let none = if workload.desired == 0 { "is scaled to 0" } else { "has nobody ready" };
    Some(Finding {
        field: (workload.desired == 0).then(|| "spec.replicas".to_owned()),
        value: (workload.desired == 0).then(|| "0".to_owned()),
        statement: format!(
            "{who} {how} because nobody {does}: {subject}, where the {part} of {driver} runs, {none}."
        ),
        proofs: vec![cite.clone(), Cite::new(workload.exhibit, says)],
        doubts: Vec::new(),
        // Where it fails, what ails its own pods says more.
        strength: if workload.desired == 0 { Strength::Strong } else { Strength::Suggestive },
        explains: explains(case, who),
        subject,
    })
}

fn explains(case: &Case, who: &Entity) -> Vec<Entity> {
    let mut explains = vec![who.clone()];
    if who.kind == "PersistentVolumeClaim" {
        explains.extend(case.mounters(who));
    }
    explains
}

/// What a human might do about such a controller.
pub(super) fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Bring {subject} back: read the logs of its containers, and undo what changed in its template or its number of pods."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The volumes that waited are attached, and the pods start.".to_owned(),
    }]
}
