//! A ConfigMap was changed, and pods that read it only at their start still have the old one.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::Running;
use crate::case::touching::data_toucher;
use crate::case::words::last_line;
use crate::case::words::network::says_unreachable;
use crate::case::words::stores::says_unauthorised;
use crate::engine::symptoms::is_ready;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::access::Config;
use evidence::fact::event::Line;
use evidence::fact::meta::Touch;
use evidence::fact::pod::State;
use evidence::fact::spec::ObjectRef;
use evidence::report::Remedy;
use jiff::{SignedDuration, Timestamp};

pub(super) static MODE: FailureMode = FailureMode {
    id: "DLV-03",
    title: "its configuration was changed after its pods had read it",
    category: Category::Delivery,
    proves: "a ConfigMap that a container reads only at its start was changed since, and the container, which is not ready or keeps saying so, says that something refuses it or does not answer",
    refutes: "the container started after the change, or the files are mounted and follow it",
    confused_with: &["DEP-01", "RUN-11"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// Who makes an object sets its data within this.
const MAKING: SignedDuration = SignedDuration::from_mins(1);

fn judge(case: &Case) -> Vec<Judgement> {
    let unready = case.containers().filter(|it| !it.spec.init && !is_ready(it.pod.it));
    let mut judgements: Vec<Judgement> =
        unready.filter_map(|container| unready_one(case, &container)).collect();
    let complaints = case.complaints();
    let ready =
        complaints.iter().filter(|it| !it.container.spec.init && is_ready(it.container.pod.it));
    judgements.extend(ready.filter_map(|it| ready_one(case, it)));
    one_each(judgements)
}

fn unready_one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let Some(State::Running { since: Some(started) }) = container.status.state else { return None };
    let stale = stale(case, container, started)?;
    let meta = &container.pod.it.meta;
    let log = case.log(&meta.namespace, &meta.name, &container.spec.name, false)?;
    let line = last_line(log.it, |it| says_unauthorised(it) || says_unreachable(it))?;
    if case.rules.baseline && stale.at < case.window.start {
        return None;
    }
    let says = format!("{}: is refused or not answered", meta.entity("Pod"));
    let cite = Cite::quoting(log.exhibit, says, &line.text);
    one(container, &stale, line, cite, Strength::Suggestive)
}

/// A pod that is ready and keeps saying that it does not reach what is no Service here, or is not let in. That whoever
/// started later and reads the same does not say so tells that it is the old content.
fn ready_one(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let container = &complaint.container;
    let Some(State::Running { since: Some(started) }) = container.status.state else { return None };
    if !says_unauthorised(&complaint.line.text) && !complaint.said.is_unreachable() {
        return None;
    }
    let there = case.complained_of(complaint).is_some_and(|it| case.leads_nowhere(it).is_some());
    let stale = stale(case, container, started)?;
    if there || !case.is_news(Some(stale.at)) {
        return None;
    }
    let content = content(case, &stale);
    let strength = if content.is_some() { Strength::Strong } else { Strength::Suggestive };
    let judgement = one(container, &stale, complaint.line, complaint.cite(), strength)?;
    Some(match judgement {
        Judgement::Proven(mut finding) => {
            finding.proofs.extend(content);
            Judgement::Proven(finding)
        }
        refuted => refuted,
    })
}

fn one(
    container: &Running<'_>,
    stale: &Stale<'_>,
    line: &Line,
    said: Cite,
    strength: Strength,
) -> Option<Judgement> {
    let changed = stale.at;
    // A complaint from before the change is about something else.
    if line.last.is_some_and(|at| at < changed) {
        return None;
    }
    let (subject, pod) = (container.root.clone(), container.pod.meta.entity("Pod"));
    let name = stale.config.it.meta.entity(&stale.config.it.kind);
    let by = &stale.touch.manager;
    let proofs = vec![
        Cite::new(stale.config.exhibit, format!("{name} was changed by {by} at {changed}")),
        Cite::new(
            container.pod.exhibit,
            format!("{pod}: container {} has run since {}", container.spec.name, stale.started),
        ),
        said,
    ];
    Some(Judgement::Proven(Finding {
        field: Some(container.field(stale.how)),
        value: None,
        statement: format!(
            "Pods of {subject} still have what {name} held before it was changed at {changed}: they read it only at their start."
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// A container that reads the same object, started after the change, is ready, and whose log complains of nothing.
fn content(case: &Case, stale: &Stale<'_>) -> Option<Cite> {
    let complaints = case.complaints();
    case.containers().filter(|it| !it.spec.init && is_ready(it.pod.it)).find_map(|it| {
        let Some(State::Running { since: Some(started) }) = it.status.state else { return None };
        let meta = &it.pod.it.meta;
        let log = case.log(&meta.namespace, &meta.name, &it.spec.name, false)?;
        let complains = complaints.iter().any(|complaint| complaint.root() == it.root);
        let same = reads(&it).iter().any(|(object, _)| {
            object.name == stale.config.it.meta.name && object.kind == stale.config.it.kind
        });
        let here = meta.namespace == stale.config.it.meta.namespace;
        (here && same && started >= stale.at && !complains).then(|| {
            let pod = meta.entity("Pod");
            Cite::new(log.exhibit, format!("{pod}, started after the change, does not complain"))
        })
    })
}

/// What a container reads only at its start, and how.
fn reads<'a>(container: &Running<'a>) -> Vec<(&'a ObjectRef, &'static str)> {
    let spec = container.spec;
    let variables = spec.env.iter().filter_map(|it| it.from.as_ref()).map(|it| (it, "env"));
    let whole = spec.env_from.iter().map(|it| (it, "envFrom"));
    // A file mounted by its sub path does not follow its object.
    let files = spec.mounts.iter().filter(|it| !it.sub_path.is_empty()).filter_map(|mount| {
        let volumes = &container.pod.it.spec.volumes;
        volumes.iter().find(|it| it.volume == mount.volume).map(|it| (&it.object, "volumeMounts"))
    });
    variables.chain(whole).chain(files).collect()
}

/// A ConfigMap that was changed after the container had read it.
struct Stale<'a> {
    config: Seen<'a, Config>,
    /// How the container reads it.
    how: &'static str,
    touch: &'a Touch,
    /// When it was changed.
    at: Timestamp,
    /// When the container had started.
    started: Timestamp,
}

fn stale<'a>(case: &'a Case, container: &Running<'a>, started: Timestamp) -> Option<Stale<'a>> {
    for (object, how) in reads(container) {
        let namespace = &container.pod.it.meta.namespace;
        if object.kind != "ConfigMap" {
            continue;
        }
        let Some(config) = case.config("ConfigMap", namespace, &object.name).seen() else {
            continue;
        };
        let made = config.it.meta.created;
        let Some(touch) = data_toucher(&config.it.meta) else { continue };
        let Some(at) = touch.at else { continue };
        let later = made.is_none_or(|made| at.duration_since(made) > MAKING);
        if later && at > started {
            return Some(Stale { config, how, touch, at, started });
        }
    }
    None
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject: &Entity = &finding.subject;
    let (kind, name) = (subject.kind.to_lowercase(), &subject.name);
    vec![Remedy {
        action: format!("If the change was meant, restart {subject}; else undo the change."),
        command: format!("kubectl -n {} rollout restart {kind}/{name}", subject.namespace),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("kubectl -n {} rollout status {kind}/{name}", subject.namespace),
    }]
}
