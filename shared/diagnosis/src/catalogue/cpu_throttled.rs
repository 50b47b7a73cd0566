//! A container is held back by its CPU limit, and its answers take long.

use crate::case::Case;
use crate::case::limits::limit_path;
use crate::case::measured::{Told, brought};
use crate::case::news::Turn;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use crate::quantity;
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use evidence::fact::workload::Revision;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-04",
    title: "a container is throttled by its CPU limit",
    category: Category::Runtime,
    proves: "its container is throttled in a quarter of its periods or more, more than before, and its answers are slow or fail since then; or since its newest revision has a lower limit, its answers or those of who calls it are; or a lower limit is the only thing that was changed before those who call it began to repeat an error",
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
    let much = throttled.iter().filter(|it| it.now >= THROTTLED);
    let told = much.filter_map(|it| one(case, it).or_else(|| since_a_lower_limit(case, it)));
    one_each(told.chain(case.judge_coincidence(Turn::Cpu)))
}

/// Numbers of the pods before may be gone with them: that the newest revision has a lower limit tells as much, where the
/// workload itself or who calls it suffers since then.
fn since_a_lower_limit(case: &Case, throttled: &Told<'_>) -> Option<Judgement> {
    let (subject, container) = (throttled.root.clone(), throttled.measure.part.as_str());
    let revisions = case.revisions_of(&subject);
    let [newest, before, ..] = revisions.as_slice() else { return None };
    let limit = |it: &Revision| {
        let container = it.template.containers.iter().find(|it| it.name == container)?;
        quantity::thousandths(container.limits.get("cpu")?)
    };
    let (now, then) = (limit(newest.it)?, limit(before.it));
    let since = newest.it.meta.created.filter(|at| case.is_news(Some(*at)))?;
    if then.is_some_and(|then| then <= now) {
        return None;
    }
    let calls = |it: &Entity| it == &subject || case.calls_of(it).contains(&subject);
    let hurt: Vec<_> = case
        .ailing()
        .into_iter()
        .filter(|it| brought(Some(since), it.since) && calls(&it.entity))
        .collect();
    let first = hurt.first()?;
    let value = case.limit_of(&subject, container, "cpu");
    let of = value.as_ref().map(|it| format!(" of {it}")).unwrap_or_default();
    let says = format!("the revision before {} had a higher limit", newest.it.meta.name);
    let mut proofs = vec![throttled.cite(), Cite::new(before.exhibit, says)];
    proofs.extend(hurt.iter().take(2).map(|it| it.told.cite()));
    let mut explains: Vec<Entity> = hurt.iter().map(|it| it.entity.clone()).collect();
    explains.push(subject.clone());
    Some(Judgement::Proven(Finding {
        field: Some(limit_path(&subject, container, "cpu")),
        value,
        statement: format!(
            "{} {} because container {container} of {subject} is held back by its new CPU limit{of}: {}.",
            first.entity,
            first.does(),
            throttled.says()
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    }))
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
