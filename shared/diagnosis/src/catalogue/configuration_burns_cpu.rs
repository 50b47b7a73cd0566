//! A program takes much more CPU for each request since just after a ConfigMap that it follows was changed.

use crate::case::Case;
use crate::case::hurting::Hurt;
use crate::case::measured::brought;
use crate::case::touching::{MAKING, changed_data, data_toucher};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use crate::numbers::worded;
use crate::seen::{Presence, Seen};
use evidence::entity::Entity;
use evidence::fact::access::Config;
use evidence::fact::meta::Touch;
use evidence::fact::metric::Signal;
use evidence::report::Remedy;
use jiff::{SignedDuration, Timestamp};

pub(super) static MODE: FailureMode = FailureMode {
    id: "PERF-04",
    title: "a change of its configuration makes it burn CPU",
    category: Category::Performance,
    proves: "a workload that answers slowly or not takes twice its usual CPU or more, for as many requests as before, since just after the only ConfigMap that its files follow was changed, and no new revision came then",
    refutes: "it gets more requests as well",
    confused_with: &["PERF-01", "PERF-03", "RUN-04", "DLV-03"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// So many times the usual CPU, and so many cores more.
const HOTTER: f64 = 2.0;
const CORES: f64 = 0.2;
/// Load that grew by so much may be why.
const LOAD: f64 = 1.3;
/// The kubelet writes files anew within two minutes, programs look at them now and then, and rates are over five minutes.
const FOLLOWS: SignedDuration = SignedDuration::from_mins(15);
/// A ConfigMap that was changed just before.
struct Changed<'a> {
    config: Seen<'a, Config>,
    touch: &'a Touch,
    at: Timestamp,
}

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.ailing().iter().filter_map(|hurt| one(case, hurt)))
}

fn one(case: &Case, hurt: &Hurt<'_>) -> Option<Judgement> {
    let workload = &hurt.entity;
    let cpu = case.told_of(Signal::CpuUse, workload);
    let hot = cpu.iter().filter(|it| it.grew(HOTTER).and(it.worse_by(CORES)).is_some());
    let hot = hot.max_by(|one, other| one.now.total_cmp(&other.now))?;
    let since = hot.reading.since.filter(|it| brought(Some(*it), hurt.since))?;
    let load = case.told_of(Signal::RequestRate, workload);
    let changed = changed(case, workload, since)?;
    let subject = changed.config.meta.entity(&changed.config.it.kind);
    if let Some(more) = load.iter().find(|it| it.grew(LOAD).is_some()) {
        let why = format!("{workload} gets more requests as well: {}.", more.says());
        return Some(Judgement::Refuted(Refutation { subject, why, proofs: vec![more.cite()] }));
    }
    // Where nobody counted the requests it may be a flood.
    let requests = load.first()?;
    let usual = worded::value(Signal::CpuUse, hot.reading.usual);
    let Changed { config, touch, at } = changed;
    let by = &touch.manager;
    let proofs = vec![
        Cite::new(config.exhibit, format!("{subject} was changed by {by} at {at}")),
        hot.cite(),
        requests.cite(),
        hurt.told.cite(),
    ];
    Some(Judgement::Proven(Finding {
        field: Some(changed_data(touch)),
        value: None,
        statement: format!(
            "{workload} {} because it takes {}, before {usual}, for as many requests as before ({}) since {subject} was changed at {at}.",
            hurt.does(),
            hot.in_words(),
            requests.in_words()
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![workload.clone()],
        subject,
    }))
}

/// The ConfigMap that the files of a workload follow and that was changed just before; none where its template was changed
/// then, too, or where there are two: nobody can tell which it was.
fn changed<'a>(case: &'a Case, workload: &Entity, since: Timestamp) -> Option<Changed<'a>> {
    let just_before =
        |at: Timestamp| brought(Some(at), Some(since)) && since.duration_since(at) <= FOLLOWS;
    if case.template_made(workload).is_none_or(just_before) {
        return None;
    }
    let template = &case.workload(workload).seen()?.it.template;
    let mounts = || template.containers.iter().flat_map(|it| &it.mounts);
    let followed = template.volumes.iter().filter(|volume| {
        volume.object.kind == "ConfigMap"
            && mounts().any(|it| it.volume == volume.volume && it.sub_path.is_empty())
    });
    let mut changed = Vec::new();
    for volume in followed {
        let config = match case.config("ConfigMap", &workload.namespace, &volume.object.name) {
            Presence::Present(config) => config,
            Presence::Absent => continue,
            // What nobody read may have been changed as well.
            Presence::Unknown => return None,
        };
        let touch = data_toucher(&config.it.meta)?;
        let at = touch.at?;
        let is_new = config.it.meta.created.is_some_and(|made| at.duration_since(made) <= MAKING);
        if just_before(at) && !is_new {
            changed.push(Changed { config, touch, at });
        }
    }
    let first = changed.pop()?;
    changed.is_empty().then_some(first)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Take back the last change of {subject} in its source, and try the new rules on one pod, with a limit of time for each, before they go to all."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "It takes as much CPU as before for as many requests.".to_owned(),
    }]
}
