//! Calls of a workload lose time on the way, whoever is at the other end.

use crate::case::Case;
use crate::case::delays::Delayed;
use crate::case::measured::{Told, brought};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-11",
    title: "the network of its pods is slow",
    category: Category::Network,
    proves: "all calls to a workload, of two callers or more, take long since a moment for who calls, and as long as ever for who answers; or all calls that it makes do, while others reach the same as fast as ever; somebody answers slowly since then, and its pods have CPU",
    refutes: "who is called answers slowly itself; or its node sends segments again; or only one caller suffers",
    confused_with: &["NET-12", "DEP-14", "RUN-04"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// Held back in so many periods, its proxy may be what takes the time.
const THROTTLED: f64 = 0.25;

fn judge(case: &Case) -> Vec<Judgement> {
    let delayed = case.delayed();
    one_each(delayed.iter().filter_map(|it| one(case, it)).map(Judgement::Proven))
}

fn one(case: &Case, delayed: &Delayed<'_>) -> Option<Finding> {
    let subject = delayed.subject.clone();
    let throttled = case.told_of(Signal::CpuThrottled, &subject);
    let nodes = case.nodes_of(&subject);
    let loses = |it: &Entity| it.kind == "Node" && nodes.contains(&it.name);
    if throttled.iter().any(|it| it.now >= THROTTLED)
        || case.hurts().iter().any(|it| loses(&it.entity))
    {
        return None;
    }
    let slowest = delayed.calls.iter().max_by(|one, other| one.now.total_cmp(&other.now))?;
    let since = delayed.calls.iter().filter_map(|it| it.reading.since).min();
    let callers: Vec<&Entity> = delayed.calls.iter().map(|it| &it.root).collect();
    let ailing = case.ailing();
    let mut victims =
        ailing.iter().filter(|it| callers.contains(&&it.entity) && brought(since, it.since));
    let victim = victims.next()?;
    let mut explains = vec![victim.entity.clone()];
    explains.extend(victims.map(|it| it.entity.clone()));
    explains.push(subject.clone());
    explains.dedup();
    let own = delayed.own.first()?;
    let mut proofs = vec![slowest.cite(), own.cite(), victim.told.cite()];
    proofs
        .extend(delayed.calls.iter().filter(|it| it.root != slowest.root).take(2).map(Told::cite));
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "{} {} because calls lose time on the way to or from the pods of {subject}: {} for {}, and {} for who answers them.",
            victim.entity,
            victim.does(),
            slowest.says(),
            slowest.root,
            own.in_words()
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Look at the network of the pods of {subject}: their nodes, their network plugin and proxies, and whether a chaos tool delays them; move one pod to another node and see whether it is as slow there."
        ),
        command: kubectl::within(subject, "get pods -o wide"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its calls take as long for who makes them as for who answers them.".to_owned(),
    }]
}
