//! A liveness probe waits too short a time for an answer: a program that serves is ended whenever it is slow.

use crate::case::Case;
use crate::case::probes::{
    FailingProbe, Which, budget, says_nobody_listens, says_too_slow, says_unwell, says_wrong_door,
};
use crate::finding::{Cite, Finding, Judgement, Strength};
use jiff::SignedDuration;

/// What answers in less than this is quick, and waiting no longer is hurried.
const HURRIED: u32 = 1;
/// Once is an accident.
const AGAIN: u32 = 3;
/// Who ran this much longer than a start may take had started; where the probe was stricter all at once, the grace of its
/// end is enough.
const STARTED: SignedDuration = SignedDuration::from_mins(2);
const GRACE: SignedDuration = SignedDuration::from_secs(40);

pub(super) fn one(case: &Case, failing: &FailingProbe<'_>) -> Option<Judgement> {
    let (container, probe) = (&failing.container, failing.probe);
    let elsewise = [says_nobody_listens, says_wrong_door, says_unwell];
    if failing.which != Which::Liveness
        || elsewise.into_iter().any(|says| failing.says(says).is_some())
        || probe.timeout > HURRIED
        || container.status.restarts < AGAIN
        || container.is_starved()
    {
        return None;
    }
    let slow = failing.says(says_too_slow)?;
    let killed = case.killed_by_probe(container)?;
    let ended = container.ended()?;
    let ran = ended.finished?.duration_since(ended.started?);
    let stricter = stricter(case, failing);
    if ran <= budget(probe) + if stricter.is_some() { GRACE } else { STARTED } {
        return None;
    }
    let (subject, name) = (container.root.clone(), &container.spec.name);
    let minutes = ran.as_mins();
    let says = format!("container {name} ran for {minutes} minutes before");
    let mut proofs = vec![
        failing.cite(slow),
        Cite::quoting(
            killed.exhibit,
            format!("the kubelet ended container {name}"),
            &killed.message,
        ),
        Cite::new(container.pod.exhibit, says),
    ];
    let strength = if stricter.is_some() { Strength::Strong } else { Strength::Suggestive };
    proofs.extend(stricter);
    Some(Judgement::Proven(Finding {
        field: Some(container.field("livenessProbe.timeoutSeconds")),
        value: Some(probe.timeout.to_string()),
        statement: format!(
            "Container {name} of {subject} is ended again and again, after it has run for minutes, because its liveness probe waits no longer than {} second for an answer.",
            probe.timeout.max(1)
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// The revision before that waited longer, or did not ask.
fn stricter(case: &Case, failing: &FailingProbe<'_>) -> Option<Cite> {
    let container = &failing.container;
    let (_, before) = case.two_newest(container.root)?;
    let then = before.it.template.containers.iter().find(|it| it.name == container.spec.name)?;
    let waited = failing.which.of(then).map(|it| it.timeout);
    let number = before.number.unwrap_or_default();
    let says = match waited {
        Some(waited) if waited <= failing.probe.timeout => return None,
        Some(waited) => format!("revision {number} waited {waited} seconds"),
        None => format!("revision {number} had no liveness probe"),
    };
    Some(Cite::new(before.exhibit, says))
}
