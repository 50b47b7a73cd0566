//! No volume offers the access that a claim asks for, or there is none at all.

use crate::case::Case;
use crate::case::unfit::{Misfit, Unfit, misfits};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement, Strength};
use crate::kubectl;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-02",
    title: "no volume fits its claim",
    category: Category::Storage,
    proves: "a claim that nobody provisions for is Pending, and the nearest volume offers other access modes, or there is none of its class",
    refutes: "a volume fits",
    confused_with: &["STO-01", "STO-03", "STO-04", "STO-05", "STO-06", "STO-10"],
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
    let Some((volume, misfit)) = &unfit.nearest else {
        // What it asks for is the default class, and not a volume without one: STO-01.
        return (!case.lacks_default(unfit)).then(|| none(case, unfit));
    };
    let Misfit::Access(mode) = misfit else { return None };
    let offers = volume.access.join(",");
    let why = format!("offers {offers} and not {mode}");
    Some(Judgement::Proven(unfit.finding(case, "spec.accessModes", &why)))
}

fn none(case: &Case, unfit: &Unfit<'_>) -> Judgement {
    let class = match unfit.claim.it.class.as_deref() {
        None | Some("") => "without a class".to_owned(),
        Some(class) => format!("of class {class}"),
    };
    // One that fits but for its class was rather meant.
    let other = case
        .volumes()
        .find(|it| it.phase == "Available" && misfits(&unfit.claim, it.it).is_empty());
    let (why, strength) = match other {
        Some(volume) if unfit.claim.it.volume.is_empty() => {
            let name = volume.meta.entity("PersistentVolume");
            let its = match volume.class.as_str() {
                "" => "has none".to_owned(),
                class => format!("is of class {class}"),
            };
            (
                format!("there is none {class}, and {name}, which would fit, {its}"),
                Strength::Conclusive,
            )
        }
        _ => (format!("there is none {class} free, and nobody makes one"), Strength::Strong),
    };
    let mut finding = unfit.finding(case, "spec.storageClassName", &why);
    finding.value.clone_from(&unfit.claim.it.class);
    finding.strength = strength;
    Judgement::Proven(finding)
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
