//! A ConfigMap was changed or a certificate renewed, and pods that read it only at their start still have the old one.

mod of_certificate;

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::Running;
use crate::case::stale::{Stale, reads};
use crate::case::words::last_line;
use crate::case::words::network::says_unreachable;
use crate::case::words::stores::says_unauthorised;
use crate::engine::symptoms::is_ready;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use evidence::entity::Entity;
use evidence::fact::event::Line;
use evidence::fact::pod::State;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DLV-03",
    title: "its configuration was changed after its pods had read it",
    category: Category::Delivery,
    proves: "a ConfigMap that a container reads only at its start was changed since, and the container, which is not ready or keeps saying so, says that something refuses it, does not answer, or has a certificate that nobody known signed; or a server's clients say that its certificate has expired, and it has run since before cert-manager renewed the one that it mounts, which holds",
    refutes: "the container started after the change, or the files are mounted and follow it",
    confused_with: &["DEP-01", "DEP-12", "ING-04", "RUN-11"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let unready = case.containers().filter(|it| !it.spec.init && !is_ready(it.pod.it));
    let mut judgements: Vec<Judgement> =
        unready.filter_map(|container| unready_one(case, &container)).collect();
    let complaints = case.complaints();
    let ready =
        complaints.iter().filter(|it| !it.container.spec.init && is_ready(it.container.pod.it));
    judgements.extend(ready.filter_map(|it| ready_one(case, it)));
    judgements.extend(of_certificate::all(case));
    one_each(judgements)
}

fn unready_one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let Some(State::Running { since: Some(started) }) = container.status.state else { return None };
    let stale = case.stale(container, started).next()?;
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
    if let Some(stale) = case.stale_trust(complaint) {
        return distrusts(case, complaint, &stale);
    }
    if !says_unauthorised(&complaint.line.text) && !complaint.said.is_unreachable() {
        return None;
    }
    let there = case.complained_of(complaint).is_some_and(|it| case.leads_nowhere(it).is_some());
    let stale = case.stale(container, started).next()?;
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

/// A client that does not know who signed a certificate, and still has the bundle of before: new roots are handed out
/// days before the first certificate is made under them.
fn distrusts(case: &Case, complaint: &Complaint<'_>, stale: &Stale<'_>) -> Option<Judgement> {
    let judgement =
        one(&complaint.container, stale, complaint.line, complaint.cite(), Strength::Strong)?;
    let Judgement::Proven(mut finding) = judgement else { return None };
    finding.proofs.extend(case.follower(stale));
    Some(Judgement::Proven(finding))
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

fn remedy(finding: &Finding) -> Vec<Remedy> {
    if let Some(remedy) = of_certificate::remedy(finding) {
        return vec![remedy];
    }
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
