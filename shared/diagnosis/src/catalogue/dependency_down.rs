//! A program cannot start or serve because something that it needs does not answer.

use crate::case::Case;
use crate::case::dependencies::Unreached;
use crate::engine::symptoms::is_ready;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::workload::Workload;
use evidence::report::Remedy;
use std::collections::BTreeMap;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-11",
    title: "something that it needs does not answer",
    category: Category::Runtime,
    proves: "the log of a pod that fails says that a Service does not answer, and nobody ready is behind that Service",
    refutes: "the Service has ready endpoints: then the address, the port or the network is at fault",
    confused_with: &["RUN-10", "NET-05", "NET-08", "NET-09"],
    // What ails the dependency is the cause, where that shows.
    depth: Depth::Symptom,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut victims: BTreeMap<Entity, Vec<(Entity, Unreached<'_>)>> = BTreeMap::new();
    let mut judgements = Vec::new();
    for root in case.roots().filter(|root| case.pods_of(root).any(|pod| !is_ready(&pod))) {
        let (down, up): (Vec<_>, Vec<_>) = case
            .unreached(root)
            .into_iter()
            .partition(|it| case.leads_nowhere(it.service).is_some());
        if let (true, Some(first)) = (down.is_empty(), up.into_iter().next()) {
            judgements.extend(refuted(case, root, first));
        }
        for unreached in down {
            let service = unreached.service.meta.entity("Service");
            victims.entry(service).or_default().push((root.clone(), unreached));
        }
    }
    judgements.extend(victims.into_values().filter_map(|victims| one(case, &victims)));
    judgements
}

fn refuted(case: &Case, root: &Entity, unreached: Unreached<'_>) -> Option<Judgement> {
    let (meta, service) = (&unreached.service.meta, unreached.service.meta.entity("Service"));
    let endpoints = case.endpoints(&meta.namespace, &meta.name).seen()?;
    let count = endpoints.ready;
    let why = format!("{service}, which does not answer, has {count} ready endpoints");
    let proofs = vec![unreached.cite, Cite::new(endpoints.exhibit, why.clone())];
    Some(Judgement::Refuted(Refutation { subject: root.clone(), why, proofs }))
}

fn one(case: &Case, victims: &[(Entity, Unreached<'_>)]) -> Option<Judgement> {
    let (first, unreached) = victims.first()?;
    let service = unreached.service;
    let name = service.meta.entity("Service");
    let mut proofs: Vec<Cite> = victims.iter().take(2).map(|(_, it)| it.cite.clone()).collect();
    proofs.extend(case.leads_nowhere(service));
    let behind: Option<Seen<'_, Workload>> = case.workloads_behind(service.it).next();
    proofs.extend(behind.map(|it| {
        let workload = it.meta.entity(&it.kind);
        Cite::new(it.exhibit, format!("{workload}: {} of {} pods ready", it.ready, it.desired))
    }));
    // That nobody is meant to be behind it shows only where nobody was overlooked.
    if behind.is_none() && !case.knows_workloads(&name.namespace) {
        return None;
    }
    let subject = behind.map_or_else(|| name.clone(), |it| it.meta.entity(&it.kind));
    let explains: Vec<Entity> = victims.iter().map(|(root, _)| root.clone()).collect();
    if explains.contains(&subject) {
        return None; // It waits for itself.
    }
    let whom = match victims.len() {
        1 => format!("{first} fails"),
        count => format!("{first} and {} more fail", count - 1),
    };
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{whom} because {name} does not answer: nobody ready is behind it."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find out why {subject} is not ready, and mend that; what needs it recovers by itself."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its Service has ready endpoints, and its callers stop failing.".to_owned(),
    }]
}
