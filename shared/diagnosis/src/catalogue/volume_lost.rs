//! The volume of a claim was removed under it.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-13",
    title: "the volume that it was bound to is gone",
    category: Category::Storage,
    proves: "the claim is Lost: the volume that it names does not exist",
    refutes: "the claim is Pending or Bound",
    confused_with: &["STO-05", "STO-10"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for claim in case.claims().filter(|it| it.phase == "Lost") {
        let subject = claim.meta.entity("PersistentVolumeClaim");
        let volume = claim.it.volume.clone();
        let mut explains = vec![subject.clone()];
        explains.extend(case.mounters(&subject));
        let mut proofs =
            vec![Cite::new(claim.exhibit, format!("{subject}: Lost, was bound to {volume}"))];
        if let Some(event) = case.events_of(&subject, &["ClaimLost"]).max_by_key(|it| it.last) {
            proofs.push(Cite::quoting(
                event.exhibit,
                format!("{subject}: ClaimLost"),
                &event.message,
            ));
        }
        judgements.push(Judgement::Proven(Finding {
            field: Some("spec.volumeName".to_owned()),
            value: Some(volume.clone()),
            statement: format!(
                "{subject} is lost because PersistentVolume {volume}, to which it was bound, is gone."
            ),
            proofs,
            doubts: Vec::new(),
            strength: Strength::Conclusive,
            explains,
            subject,
        }));
    }
    judgements
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find out whether the data of {subject} is still there (the disk, a snapshot, a backup); make the volume again for it, or the claim without it."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "high".to_owned(),
        reversible: false,
        verify: "The claim is Bound.".to_owned(),
    }]
}
