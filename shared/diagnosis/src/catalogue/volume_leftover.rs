//! The volume that a claim could have is left over from a claim that is gone.

use crate::case::Case;
use crate::case::unfit::{Misfit, Unfit};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement};
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-10",
    title: "the volume that fits it is left over from a claim that is gone",
    category: Category::Storage,
    proves: "a claim that nobody provisions for is Pending, and the nearest volume is Released or Failed",
    refutes: "a volume fits, or another thing keeps the nearest one away",
    confused_with: &["STO-02", "STO-05"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    case.ask_for_volumes()
}

fn judge(case: &Case) -> Vec<Judgement> {
    case.unfit_claims().iter().filter_map(|unfit| one(case, unfit)).collect()
}

fn one(case: &Case, unfit: &Unfit<'_>) -> Option<Judgement> {
    let (volume, Misfit::Leftover) = unfit.nearest.as_ref()? else { return None };
    let phase = volume.phase.to_lowercase();
    let of = volume.claim.as_ref().map(|it| format!(" of {it}")).unwrap_or_default();
    let why = if volume.phase == "Failed" {
        format!("is {phase}: it could not be cleaned after the end{of}")
    } else {
        format!("is {phase}: it still belongs to the former claim{of}, which is gone")
    };
    let mut finding = unfit.finding(case, "spec.claimRef", &why);
    finding.subject = volume.meta.entity("PersistentVolume");
    finding.value = volume.claim.as_ref().map(ToString::to_string);
    Some(Judgement::Proven(finding))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Look at the data of {subject}: if the claim is to have it, remove spec.claimRef.uid of the volume; else delete the volume and let another one be made."
        ),
        command: format!("kubectl describe persistentvolume/{}", subject.name),
        risk: "medium".to_owned(),
        reversible: false,
        verify: "The claim is Bound.".to_owned(),
    }]
}
