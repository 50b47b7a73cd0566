//! A container has so little CPU that it does not come up in time.

use crate::case::Case;
use crate::case::containers::Running;
use crate::case::probes::{FailingProbe, says_nobody_listens, says_too_slow};
use crate::case::words::last_line;
use crate::case::words::network::says_unreachable;
use crate::case::words::process::says_port_taken;
use crate::case::words::program::says_own_fault;
use crate::case::words::stores::says_unauthorised;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use crate::quantity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-09",
    title: "a container has too little CPU to start in time",
    category: Category::Runtime,
    proves: "its CPU limit is tiny or was cut, and it ends or is ended before its probes pass, without being killed for memory",
    refutes: "the container was killed for memory",
    confused_with: &["RUN-01", "RUN-07", "RUN-10"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// Thousandths of a core above which a limit is not called small.
const SMALL: i128 = 100;
/// A limit cut to this part of what it was counts as a cut.
const CUT: i128 = 4;

fn judge(case: &Case) -> Vec<Judgement> {
    let probes = case.failing_probes();
    one_each(case.containers().filter_map(|container| one(case, &container, &probes)))
}

fn one(case: &Case, container: &Running<'_>, probes: &[FailingProbe<'_>]) -> Option<Judgement> {
    let limit = container.spec.limits.get("cpu")?;
    let millicores = quantity::thousandths(limit).filter(|it| *it <= SMALL)?;
    let own = |it: &&FailingProbe<'_>| {
        it.container.pod.exhibit == container.pod.exhibit
            && it.container.spec.name == container.spec.name
    };
    let own: Vec<&FailingProbe<'_>> = probes.iter().filter(own).collect();
    if own.is_empty() && !container.is_crash_looping() {
        return None;
    }
    let subject = container.root.clone();
    let pod = container.pod.meta.entity("Pod");
    let name = &container.spec.name;
    let mut proofs = vec![Cite::new(
        container.pod.exhibit,
        format!("{pod}: container {name} has a CPU limit of {limit}"),
    )];
    if let Some(ended) = container.ended() {
        let says = format!(
            "{pod}: container {name} ended with exit code {}, reason {}, after {} restarts",
            ended.exit_code, ended.reason, container.status.restarts
        );
        proofs.push(Cite::new(container.pod.exhibit, says));
        if ended.reason == "OOMKilled" {
            let why = format!("container {name} was killed for memory, not for lack of CPU");
            return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
        }
        // Done, not found, not executable, aborted, crashed: none of these is slowness.
        if matches!(ended.exit_code, 0 | 126..=128 | 134 | 139) && own.is_empty() {
            return None;
        }
    }
    let slow = own.iter().filter(|it| !it.misses(case)).find_map(|it| {
        it.says(says_too_slow).or_else(|| it.says(says_nobody_listens)).map(|event| it.cite(event))
    });
    let cut = cut(case, container, millicores);
    let strength = match (container.is_starved(), &slow, &cut) {
        (true, None, None) => Strength::Suggestive,
        (true, _, _) | (false, Some(_), Some(_)) => Strength::Strong,
        (false, None, Some(_)) => Strength::Suggestive,
        (false, _, None) => return None,
    };
    proofs.extend(slow);
    proofs.extend(cut);
    Some(Judgement::Proven(Finding {
        field: Some(container.field("resources.limits.cpu")),
        value: Some(limit.clone()),
        statement: format!(
            "Container {name} of {subject} does not come up in time because its CPU limit is {limit}."
        ),
        proofs,
        doubts: doubts(case, container),
        strength,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// The revision before that gave the container several times as much.
fn cut(case: &Case, container: &Running<'_>, millicores: i128) -> Option<Cite> {
    let (_, before) = case.two_newest(container.root)?;
    let then = before.it.template.containers.iter().find(|it| it.name == container.spec.name)?;
    let (was, much) = match then.limits.get("cpu") {
        Some(limit) => (limit.as_str(), quantity::thousandths(limit)?),
        None => ("none", i128::MAX),
    };
    if much / CUT < millicores {
        return None;
    }
    let number = before.number.unwrap_or_default();
    Some(Cite::new(before.exhibit, format!("revision {number} had a CPU limit of {was}")))
}

/// A last word that has nothing to do with time.
fn doubts(case: &Case, container: &Running<'_>) -> Vec<Cite> {
    let Some(log) = case.words_of(container) else { return Vec::new() };
    let other = |text: &str| {
        says_unreachable(text) && !says_too_slow(text)
            || says_own_fault(text) && !says_too_slow(text)
            || says_port_taken(text)
            || says_unauthorised(text)
    };
    let line = last_line(log.it, other);
    let says = || format!("container {} says why it ended", container.spec.name);
    line.map(|line| Cite::quoting(log.exhibit, says(), &line.text)).into_iter().collect()
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let limit = finding.value.as_deref().unwrap_or("its present value");
    vec![Remedy {
        action: format!(
            "Raise the CPU limit of {subject} above {limit}, or remove it and keep a request."
        ),
        command: kubectl::object("set resources", subject, "--limits=cpu=VALUE"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its probes pass, and its containers are not started again.".to_owned(),
    }]
}
