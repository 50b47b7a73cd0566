//! A ConfigMap was changed, and pods that read it only at their start still have the old one.

use crate::case::Case;
use crate::case::containers::Running;
use crate::case::words::last_line;
use crate::case::words::network::says_unreachable;
use crate::case::words::stores::says_unauthorised;
use crate::engine::symptoms::is_ready;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::access::Config;
use evidence::fact::meta::Touch;
use evidence::fact::pod::State;
use evidence::report::Remedy;
use jiff::{SignedDuration, Timestamp};

pub(super) static MODE: FailureMode = FailureMode {
    id: "DLV-03",
    title: "its configuration was changed after its pods had read it",
    category: Category::Delivery,
    proves: "a ConfigMap that a container reads only at its start was changed since, and the container, which is not ready, says that something refuses it or does not answer",
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
    one_each(unready.filter_map(|container| one(case, &container)))
}

fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let Some(State::Running { since: Some(started) }) = container.status.state else { return None };
    let (config, how, touch, changed) = stale(case, container, started)?;
    let meta = &container.pod.it.meta;
    let log = case.log(&meta.namespace, &meta.name, &container.spec.name, false)?;
    let line = last_line(log.it, |it| says_unauthorised(it) || says_unreachable(it))?;
    // A complaint from before the change is about something else.
    if line.last.is_some_and(|at| at < changed) {
        return None;
    }
    let (subject, pod) = (container.root.clone(), meta.entity("Pod"));
    let name = config.it.meta.entity(&config.it.kind);
    let proofs = vec![
        Cite::new(config.exhibit, format!("{name} was changed by {} at {changed}", touch.manager)),
        Cite::new(
            container.pod.exhibit,
            format!("{pod}: container {} has run since {started}", container.spec.name),
        ),
        Cite::quoting(log.exhibit, format!("{pod}: is refused or not answered"), &line.text),
    ];
    Some(Judgement::Proven(Finding {
        field: Some(container.field(how)),
        value: None,
        statement: format!(
            "Pods of {subject} still have what {name} held before it was changed at {changed}: they read it only at their start."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Suggestive,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// The ConfigMap that was changed after the container had read it, how it reads it, and by whom and when it was changed.
fn stale<'a>(
    case: &'a Case,
    container: &Running<'a>,
    started: Timestamp,
) -> Option<(Seen<'a, Config>, &'static str, &'a Touch, Timestamp)> {
    let spec = container.spec;
    let variables = spec.env.iter().filter_map(|it| it.from.as_ref()).map(|it| (it, "env"));
    let whole = spec.env_from.iter().map(|it| (it, "envFrom"));
    // A file mounted by its sub path does not follow its object.
    let files = spec.mounts.iter().filter(|it| !it.sub_path.is_empty()).filter_map(|mount| {
        let volumes = &container.pod.it.spec.volumes;
        volumes.iter().find(|it| it.volume == mount.volume).map(|it| (&it.object, "volumeMounts"))
    });
    for (object, how) in variables.chain(whole).chain(files) {
        let namespace = &container.pod.it.meta.namespace;
        if object.kind != "ConfigMap" {
            continue;
        }
        let Some(config) = case.config("ConfigMap", namespace, &object.name).seen() else {
            continue;
        };
        let made = config.it.meta.created;
        let touch =
            config.it.meta.touches.iter().filter(|it| changes_data(it)).max_by_key(|it| it.at);
        let Some(touch) = touch else { continue };
        let Some(at) = touch.at else { continue };
        let later = made.is_none_or(|made| at.duration_since(made) > MAKING);
        let recent = !case.rules.baseline || at >= case.window.start;
        if later && recent && at > started {
            return Some((config, how, touch, at));
        }
    }
    None
}

fn changes_data(touch: &Touch) -> bool {
    touch.fields.iter().any(|it| it.starts_with("data") || it.starts_with("binaryData"))
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
