//! A feature flag was turned, and what reads it fails since.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::Running;
use crate::case::news::Turn;
use crate::case::refrains::quotes;
use crate::case::touching::MAKING;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::access::Config;
use evidence::report::Remedy;
use jiff::{SignedDuration, Timestamp};

pub(super) static MODE: FailureMode = FailureMode {
    id: "DLV-04",
    title: "a feature flag was turned",
    category: Category::Delivery,
    proves: "the flags' ConfigMap was changed shortly before a workload that asks flagd began to fail, or the log of one that fails, or keeps failing since, names a feature flag; or what was reported has no other trace than errors that a workload that asks flagd repeats since they were changed, or the switches that a program reads are the only thing that was changed before",
    refutes: "the flags were not changed, or the workload itself was changed after them",
    confused_with: &["RUN-01", "RUN-10"],
    depth: Depth::Infrastructure,
    stands_alone: true,
    ask: nothing,
    judge,
    remedy,
};

/// Between the turn and its consequence.
const SHORTLY: SignedDuration = SignedDuration::from_mins(30);

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for flags in flags(case) {
        judgements.extend(one(case, flags));
    }
    judgements.extend(case.judge_coincidence(Turn::Flag));
    one_each(judgements)
}

/// The ConfigMaps that a flagd serves.
fn flags(case: &Case) -> Vec<Seen<'_, Config>> {
    let mut flags: Vec<Seen<'_, Config>> = Vec::new();
    for workload in case.workloads() {
        let is_flagd = |image: &str| {
            let name = image.rsplit('/').next().unwrap_or_default();
            name.split([':', '@']).next() == Some("flagd")
        };
        if !workload.it.template.containers.iter().any(|it| is_flagd(&it.image)) {
            continue;
        }
        for volume in workload.it.template.volumes.iter().filter(|it| it.object.kind == "ConfigMap")
        {
            let namespace = &workload.it.meta.namespace;
            let config = case.config("ConfigMap", namespace, &volume.object.name).seen();
            flags
                .extend(config.filter(|it| !flags.iter().any(|known| known.exhibit == it.exhibit)));
        }
    }
    flags
}

fn one(case: &Case, flags: Seen<'_, Config>) -> Option<Judgement> {
    let turned = turned(flags.it);
    let subject = flags.it.meta.entity("ConfigMap");
    let mut victims: Vec<Entity> = Vec::new();
    let mut proofs: Vec<Cite> = Vec::new();
    let mut named = false;
    for container in case.containers().filter(|it| asks_flagd(it)) {
        let Some(failed) = failed_at(&container) else { continue };
        if case.rules.baseline && failed < case.window.start {
            continue;
        }
        let cite = names_flag(case, &container);
        let follows = turned.as_ref().is_some_and(|(at, _)| {
            *at <= failed
                && failed.duration_since(*at) <= SHORTLY
                && !changed_since(case, &container, *at)
        });
        if (cite.is_none() && !follows) || victims.contains(container.root) {
            continue;
        }
        named |= cite.is_some();
        victims.push(container.root.clone());
        let says = format!("{} fails since {failed}", container.pod.meta.entity("Pod"));
        proofs.push(cite.unwrap_or_else(|| Cite::new(container.pod.exhibit, says)));
    }
    let told = complaints_since(case, flags, turned.as_ref().map(|(at, _)| *at));
    for complaint in told {
        if !victims.contains(complaint.root()) {
            named = true;
            victims.push(complaint.root().clone());
            proofs.push(complaint.cite());
        }
    }
    for (container, cite) in refrains_since(case, flags, turned.as_ref().map(|(at, _)| *at)) {
        if !victims.contains(container.root) {
            victims.push(container.root.clone());
            proofs.push(cite);
        }
    }
    let first = victims.first()?.clone();
    let when = match &turned {
        Some((at, by)) => {
            proofs.insert(
                0,
                Cite::new(flags.exhibit, format!("{subject} was changed by {by} at {at}")),
            );
            format!(", which was changed at {at}")
        }
        None => String::new(),
    };
    proofs.truncate(4);
    Some(Judgement::Proven(Finding {
        field: Some("data".to_owned()),
        value: None,
        statement: format!("{first} fails because of a feature flag in {subject}{when}."),
        proofs,
        doubts: Vec::new(),
        strength: if named { Strength::Strong } else { Strength::Suggestive },
        explains: victims,
        subject,
    }))
}

/// What is ready and keeps saying, since the flags were turned, that it fails where a flag leads it.
fn complaints_since<'a>(
    case: &'a Case,
    flags: Seen<'_, Config>,
    turned: Option<Timestamp>,
) -> Vec<Complaint<'a>> {
    let Some(turned) = turned.filter(|at| !case.rules.baseline || *at >= case.window.start) else {
        return Vec::new();
    };
    let mut complaints = case.complaints();
    complaints.retain(|it| {
        matches!(it.said, Said::Flagged { .. })
            && it.namespace() == flags.it.meta.namespace
            && it.since.is_some_and(|at| at >= turned)
            && !changed_since(case, &it.container, turned)
    });
    complaints
}

/// What runs, asks flagd, and since the flags were turned repeats an error: one that it did not say before, or that another
/// quotes, so that it is no old refrain. Of what users report it may be the only trace, as a program that does as a flag says finds
/// nothing wrong with itself.
fn refrains_since<'a>(
    case: &'a Case,
    flags: Seen<'_, Config>,
    turned: Option<Timestamp>,
) -> Vec<(Running<'a>, Cite)> {
    let Some(turned) = turned.filter(|at| case.reported && *at >= case.window.start) else {
        return Vec::new();
    };
    let mut repeating = Vec::new();
    for container in case.containers() {
        let Some(log) = case.log_now(&container) else { continue };
        let Some(refrain) = case.refrain(log.it) else { continue };
        if refrain.since.is_some_and(|at| at >= turned) {
            repeating.push((container, log, refrain));
        }
    }
    let mut refrains = Vec::new();
    for (container, log, refrain) in &repeating {
        let here = container.pod.meta.namespace == flags.it.meta.namespace;
        if !here || !asks_flagd(container) || changed_since(case, container, turned) {
            continue;
        }
        let began = log.it.lines.iter().filter_map(|it| it.first.or(it.last)).min();
        let is_quoted = repeating.iter().any(|(other, _, said)| {
            other.root != container.root && quotes(&said.line.text, &refrain.line.text)
        });
        if is_quoted || began.is_some_and(|at| at < turned) {
            let pod = container.pod.meta.entity("Pod");
            let says = format!("{pod} repeats an error, {} times", refrain.count);
            refrains.push((*container, Cite::quoting(log.exhibit, says, &refrain.line.text)));
        }
    }
    refrains
}

/// When the flags were last changed after they were made, and by whom.
fn turned(flags: &Config) -> Option<(Timestamp, String)> {
    let touches =
        flags.meta.touches.iter().filter(|it| it.fields.iter().any(|it| it.starts_with("data")));
    let touch = touches.max_by_key(|it| it.at)?;
    let at = touch.at?;
    let made = flags.meta.created;
    made.is_none_or(|made| at.duration_since(made) > MAKING).then(|| (at, touch.manager.clone()))
}

fn asks_flagd(container: &Running<'_>) -> bool {
    container.spec.env.iter().any(|it| it.name.starts_with("FLAGD_"))
}

/// When it began to fail, where it does.
fn failed_at(container: &Running<'_>) -> Option<Timestamp> {
    if container.status.ready && container.status.restarts == 0 {
        return None;
    }
    let ended = container.ended().filter(|it| it.exit_code != 0).and_then(|it| it.finished);
    let unready = evidence::fact::meta::condition(&container.pod.it.conditions, "Ready")
        .filter(|it| it.status == "False")
        .and_then(|it| it.since);
    ended.or(unready)
}

fn changed_since(case: &Case, container: &Running<'_>, at: Timestamp) -> bool {
    let revisions = case.revisions_of(container.root);
    revisions.first().is_some_and(|it| it.meta.created > Some(at))
}

/// Where its log names a feature flag that is on.
fn names_flag(case: &Case, container: &Running<'_>) -> Option<Cite> {
    let log = case.words_of(container)?;
    let line = log.it.lines.iter().rev().find(|line| {
        let text = line.text.to_ascii_lowercase();
        text.contains("feature flag enabled")
    })?;
    let says = format!("{} names a feature flag", container.pod.meta.entity("Pod"));
    Some(Cite::quoting(log.exhibit, says, &line.text))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!("Ask who turned a flag in {subject}, and turn it back."),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "What reads the flag fails no more.".to_owned(),
    }]
}
