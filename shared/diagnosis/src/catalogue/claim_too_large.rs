//! A claim asks for more storage than any volume that it could have.

use crate::case::Case;
use crate::case::unfit::{Misfit, Unfit};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement};
use crate::kubectl;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-03",
    title: "it asks for more storage than any volume has",
    category: Category::Storage,
    proves: "a claim that nobody provisions for is Pending, and the nearest volume is smaller than its request",
    refutes: "a volume fits, or another thing keeps the nearest one away",
    confused_with: &["STO-02", "STO-04", "STO-05", "STO-06", "STO-10"],
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
    let (volume, Misfit::Capacity) = unfit.nearest.as_ref()? else { return None };
    let (has, wants) = (&volume.capacity, &unfit.claim.request);
    let why = format!("has {has} of the {wants} asked for");
    let mut finding = unfit.finding(case, "spec.resources.requests.storage", &why);
    finding.value = Some(wants.clone());
    Some(Judgement::Proven(finding))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Make a volume that fits {subject}, or make the claim again so that it fits a volume."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("{subject} is Bound."),
    }]
}
