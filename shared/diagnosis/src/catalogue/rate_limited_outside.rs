//! Something outside of the cluster takes no more of a workload's requests.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::peers::Meant;
use crate::case::stale::reads;
use crate::case::touching::data_toucher;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::access::Config;
use evidence::fact::meta::Touch;
use evidence::fact::pod::State;
use evidence::report::Remedy;
use jiff::Timestamp;
use std::collections::BTreeSet;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-11",
    title: "something outside of the cluster takes no more of its requests",
    category: Category::Dependency,
    proves: "a container's log repeats now that a host which is no Service answers 429 or 402",
    refutes: "the host is a Service: then something inside limits it",
    confused_with: &["IMG-04", "DEP-04"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    one_each(complaints.iter().filter_map(|it| one(case, it)))
}

fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let (peer, why) = match &complaint.said {
        Said::RateLimited { peer: Some(peer) } => (peer, "takes no more of its requests"),
        Said::Unpaid { peer: Some(peer) } => (peer, "answers nothing before it is paid"),
        _ => return None,
    };
    let Meant::Elsewhere = case.meant(peer, complaint.namespace()) else { return None };
    let (root, host) = (complaint.root().clone(), &peer.host);
    let says = format!("{host} is no Service of the cluster");
    let mut proofs = vec![complaint.cite(), Cite::new(complaint.log.exhibit, says)];
    let mut finding = Finding {
        field: None,
        value: None,
        statement: format!("{root} fails because {host}, outside of the cluster, {why}."),
        proofs: Vec::new(),
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root.clone()],
        subject: root.clone(),
    };
    let limited = matches!(complaint.said, Said::RateLimited { .. });
    if let Some((config, touch, at)) = changed(case, complaint).filter(|_| limited) {
        let name = config.it.meta.entity(&config.it.kind);
        let by = &touch.manager;
        proofs.push(Cite::new(config.exhibit, format!("{name} was changed by {by} at {at}")));
        finding.field = touch.fields.iter().find(|it| it.starts_with("data")).cloned();
        finding.statement = format!(
            "{root} fails because {host}, outside of the cluster, takes no more of its requests since {name} was changed at {at}."
        );
        finding.subject = name;
        // What was changed in it is not known, only that it was.
        finding.strength = Strength::Suggestive;
    }
    finding.proofs = proofs;
    Some(Judgement::Proven(finding))
}

/// The one ConfigMap of those that the container reads that was changed lately, and before the first complaint: how often
/// it asks is its own setting. One that it reads only at its start counts where it started since.
fn changed<'a>(
    case: &'a Case,
    complaint: &Complaint<'a>,
) -> Option<(Seen<'a, Config>, &'a Touch, Timestamp)> {
    if !case.rules.attribution {
        return None;
    }
    let container = &complaint.container;
    let pod = container.pod.it;
    let Some(State::Running { since: Some(started) }) = container.status.state else { return None };
    let once: Vec<&str> = reads(container).iter().map(|(it, _)| it.name.as_str()).collect();
    let mounted = container.spec.mounts.iter().flat_map(|mount| {
        pod.spec.volumes.iter().filter(|it| it.volume == mount.volume).map(|it| &it.object)
    });
    let read = reads(container).into_iter().map(|(it, _)| it);
    let names: BTreeSet<&str> = mounted
        .chain(read)
        .filter(|it| it.kind == "ConfigMap")
        .map(|it| it.name.as_str())
        .collect();
    let mut changed = names.into_iter().filter_map(|name| {
        let config = case.config("ConfigMap", &pod.meta.namespace, name).seen()?;
        let touch = data_toucher(&config.it.meta)?;
        let at = touch.at.filter(|at| case.is_news(Some(*at)))?;
        let made = config.it.meta.created.is_some_and(|made| at <= made);
        let after = complaint.since.is_some_and(|since| since >= at);
        let knows = !once.contains(&name) || started >= at;
        (!made && after && knows).then_some((config, touch, at))
    });
    let first = changed.next()?;
    changed.next().is_none().then_some(first)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if subject.kind == "ConfigMap" {
        return vec![Remedy {
            action: format!(
                "See what was changed in {subject}, such as how often it asks, and take it back."
            ),
            command: kubectl::object("get", subject, "-o yaml"),
            risk: "low".to_owned(),
            reversible: true,
            verify: "Its log no longer says 429, once the limit's time is over.".to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "Let {subject} ask less often: keep answers, wait as long as the answer says, share one client; or have the limit raised. Where it wants to be paid, top up the account."
        ),
        command: kubectl::object("logs", subject, "--tail=100"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its log no longer says 429 or 402.".to_owned(),
    }]
}
