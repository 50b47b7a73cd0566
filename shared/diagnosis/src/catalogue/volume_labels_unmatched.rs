//! A claim selects a volume by labels that none has.

use crate::case::Case;
use crate::case::selecting::words;
use crate::case::unfit::{Misfit, Unfit};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement};
use crate::kubectl;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-04",
    title: "no volume has the labels that it selects",
    category: Category::Storage,
    proves: "a claim that nobody provisions for is Pending, and the nearest volume lacks the labels of its selector",
    refutes: "a volume fits, or another thing keeps the nearest one away",
    confused_with: &["STO-02", "STO-03", "STO-05", "STO-10"],
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
    let (volume, Misfit::Labels) = unfit.nearest.as_ref()? else { return None };
    let selector = unfit.claim.it.selector.as_ref()?;
    let wanted = words(selector);
    // The label to look at is the one that differs.
    let differs = selector
        .labels
        .iter()
        .find(|(key, value)| volume.meta.labels.get(*key) != Some(value))
        .map(|(key, _)| key);
    let has = differs.and_then(|key| Some(format!("{key}={}", volume.meta.labels.get(key)?)));
    let has = has.unwrap_or_else(|| "no such label".to_owned());
    let why = format!("has {has} where {wanted} is selected");
    let mut finding = unfit.finding(case, "spec.selector", &why);
    finding.value = Some(wanted);
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
