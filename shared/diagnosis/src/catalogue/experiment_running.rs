//! Somebody disturbs it on purpose: a chaos experiment runs.

use crate::case::Case;
use crate::case::experiments::Experiment;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::report::Remedy;
use std::collections::BTreeSet;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DLV-05",
    title: "a chaos experiment disturbs it",
    category: Category::Delivery,
    proves: "an experiment of Chaos Mesh says AllInjected=True, and names or selects its pods",
    refutes: "the experiment is paused or over, or its pods fail before they run",
    confused_with: &["NET-09", "RUN-11", "RUN-01"],
    depth: Depth::Infrastructure,
    stands_alone: true,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    // A schedule may have made several that run at once.
    joined(case.experiments().iter().filter_map(|experiment| one(case, experiment)))
}

fn one(case: &Case, experiment: &Experiment<'_>) -> Option<Finding> {
    let replaces = experiment.action() == "pod-failure";
    let victims: BTreeSet<Entity> = experiment
        .victims
        .iter()
        .filter(|it| replaces || !case.fails_before_running(it))
        .cloned()
        .collect();
    let first = victims.iter().find(|it| concerns(case, it))?;
    let name = experiment.object.meta.entity(&experiment.object.kind);
    let subject = experiment.maker.clone();
    let action = match experiment.action() {
        "" => String::new(),
        action => format!(" ({action})"),
    };
    let made = if subject == name { String::new() } else { format!(", which {subject} makes,") };
    let whom = match victims.len() {
        1 => first.to_string(),
        count => format!("{first} and {} more", count - 1),
    };
    let mut proofs = vec![Cite::new(
        experiment.object.exhibit,
        format!("{name}{action}: AllInjected is True, for the pods of {whom}"),
    )];
    let mut explains: Vec<Entity> = victims.iter().cloned().collect();
    for root in case.roots().filter(|root| !victims.contains(*root)) {
        let cut_off = case.unreached(root).into_iter().find(|it| {
            let mut behind = case.workloads_behind(it.service.it);
            behind.any(|workload| victims.contains(&workload.meta.entity(&workload.kind)))
        });
        if let Some(unreached) = cut_off {
            explains.push(root.clone());
            proofs.push(unreached.cite);
        }
    }
    Some(Finding {
        field: None,
        value: None,
        statement: format!("The experiment {name}{action}{made} disturbs {whom} on purpose."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    })
}

/// Whether the question is about this victim, or about what leads to it.
fn concerns(case: &Case, victim: &Entity) -> bool {
    let namespaces = &case.scope.namespaces;
    if !namespaces.is_empty() && !namespaces.contains(&victim.namespace) {
        return false;
    }
    let Some(asked) = case.asked_object() else { return true };
    let root = case.meta_of(&asked).map_or(asked.clone(), |meta| case.root_of(meta, &asked.kind));
    if root == *victim {
        return true;
    }
    let Some(workload) = case.workload(victim).seen() else { return false };
    case.services_before(workload.it).any(|service| {
        let meta = &service.meta;
        let mut clients = case.clients_of(&meta.namespace, &meta.name);
        meta.entity("Service") == asked
            || clients.any(|client| client.meta.entity(&client.kind) == root)
            || case.unreached(&root).iter().any(|it| it.service.exhibit == service.exhibit)
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!("Ask who runs {subject}; then pause or end it."),
        command: kubectl::object("annotate", subject, "experiment.chaos-mesh.org/pause=true"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The experiment says AllRecovered=True, and its victims recover.".to_owned(),
    }]
}
