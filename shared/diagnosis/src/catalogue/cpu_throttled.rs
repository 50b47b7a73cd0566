//! A container is held back by its CPU limit, and its answers take long.

use crate::case::Case;
use crate::case::limits::limit_path;
use crate::case::measured::{Told, brought};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-04",
    title: "a container is throttled by its CPU limit",
    category: Category::Runtime,
    proves: "its container is throttled in a quarter of its periods or more, more than before, and its answers are slow or fail since then",
    refutes: "it was throttled as much before, or only after its answers became slow; or nobody suffers from it",
    confused_with: &["PERF-03", "RUN-09", "PERF-01"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// kubernetes-mixin's `CPUThrottlingHigh`.
const THROTTLED: f64 = 0.25;
/// So much more than before is a change.
const MORE: f64 = 0.15;
/// Load that grew by so much may be why.
const LOAD: f64 = 2.0;

fn judge(case: &Case) -> Vec<Judgement> {
    let throttled = case.told(Signal::CpuThrottled);
    one_each(throttled.iter().filter(|it| it.now >= THROTTLED).filter_map(|it| one(case, it)))
}

fn one(case: &Case, throttled: &Told<'_>) -> Option<Judgement> {
    let subject = throttled.root.clone();
    let ailing: Vec<_> = case.ailing().into_iter().filter(|it| it.entity == subject).collect();
    let hurt = ailing.first()?;
    let refuted = |why: &str| {
        let why = format!("{subject} {why}: {}.", throttled.says());
        Some(Judgement::Refuted(Refutation {
            subject: subject.clone(),
            why,
            proofs: vec![throttled.cite()],
        }))
    };
    let Some(since) = throttled.worse_by(MORE) else {
        return refuted("was throttled as much before");
    };
    if !brought(Some(since), hurt.since) {
        return refuted("was throttled only after its trouble began");
    }
    let container = throttled.measure.part.as_str();
    let mut proofs = vec![throttled.cite(), hurt.told.cite()];
    let used = case.told_of(Signal::CpuUseOfLimit, &subject);
    let full = used.iter().find(|it| it.measure.part == container && it.now >= 0.8);
    proofs.extend(full.map(Told::cite));
    let load = case.told_of(Signal::RequestRate, &subject);
    let doubts = load.iter().filter(|it| it.grew(LOAD).is_some()).map(Told::cite).collect();
    let limit = case.limit_of(&subject, container, "cpu");
    let of = limit.as_ref().map(|it| format!(" of {it}")).unwrap_or_default();
    let strength = if full.is_some() { Strength::Conclusive } else { Strength::Strong };
    Some(Judgement::Proven(Finding {
        field: Some(limit_path(&subject, container, "cpu")),
        value: limit,
        statement: format!(
            "{subject} {} because container {container} is held back by its CPU limit{of}: {}.",
            hurt.does(),
            throttled.says()
        ),
        proofs,
        doubts,
        strength,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let field = finding.field.as_deref().unwrap_or("resources.limits.cpu");
    vec![Remedy {
        action: format!(
            "Raise or remove {field} of {subject} in its source, or take back what made it need more."
        ),
        command: kubectl::object("rollout history", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "It is throttled in few periods, and answers as fast as before.".to_owned(),
    }]
}
