//! A policy that was written lately and admits to pods that serve only those that no pod is: a label that nobody bears. Who
//! calls them need not be told of them by anything that can be seen, as where a registry of services tells him.

use crate::case::Case;
use crate::case::touching::{MAKING, written_last};
use crate::finding::{Cite, Finding, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::Selector;
use evidence::fact::network::{NetworkPolicy, Peer, Service};
use evidence::fact::pod::Pod;
use std::collections::BTreeMap;

/// How a sentence about it begins.
pub(super) const NOBODY: &str = "Nobody reaches";

/// The one such policy where users report a trouble, and errors are repeated since it was written.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    if !case.reported {
        return Vec::new();
    }
    let here = case.network_policies().filter(|it| case.is_in_scope(&it.it.meta.namespace));
    let found: Vec<Finding> = here.filter_map(|it| one(case, it)).collect();
    if found.len() == 1 { found } else { Vec::new() }
}

fn one(case: &Case, policy: Seen<'_, NetworkPolicy>) -> Option<Finding> {
    let namespace = &policy.it.meta.namespace;
    let at = written_last(&policy.it.meta).filter(|at| case.is_news(Some(*at)))?;
    let wanted = wanted(policy.it)?;
    let mut pods = case.pods_in(namespace);
    let mut workloads = case.workloads_in(namespace);
    if !case.looked("Pod", namespace)
        || !case.knows_workloads(namespace)
        || pods.any(|it| admits(&wanted, &it.it.meta.labels))
        || workloads.any(|it| admits(&wanted, &it.it.template_labels))
    {
        return None; // Who is scaled to nothing is meant all the same.
    }
    let service = isolated(case, policy)?;
    let behind = case.behind(service);
    let mut troubles = case.troubles();
    // What was repeated before cannot come of it, and who is isolated hears nothing.
    troubles.retain(|it| {
        let since = it.first.is_some_and(|first| first.duration_since(at) >= -MAKING);
        since && *it.container.root != behind
    });
    let first = troubles.first()?;
    let (subject, name) = (policy.meta.entity("NetworkPolicy"), service.meta.entity("Service"));
    let labels: Vec<String> = wanted.iter().map(|it| told(it)).collect();
    let labels = labels.join(" or ");
    Some(Finding {
        field: Some("spec.ingress".to_owned()),
        value: Some(labels.clone()),
        statement: format!(
            "{NOBODY} {name} since {subject} was written at {at}: it admits only pods with {labels}, of which there are none."
        ),
        proofs: vec![
            Cite::new(policy.exhibit, format!("{subject} admits only pods with {labels}")),
            Cite::new(service.exhibit, format!("{name} leads to the pods that it isolates")),
            first.cite.clone(),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: troubles.iter().map(|it| it.container.root.clone()).collect::<Vec<Entity>>(),
        subject,
    })
}

/// The pods that a policy admits; none where it admits somebody else, or is there to admit nobody.
fn wanted(policy: &NetworkPolicy) -> Option<Vec<&Selector>> {
    let peers: Vec<&Peer> = policy.ingress.iter().flat_map(|it| &it.peers).collect();
    let open = policy.ingress.iter().any(|it| it.peers.is_empty());
    if !policy.isolates_ingress || open || peers.is_empty() {
        return None;
    }
    let labelled = |it: &Peer| it.namespaces.is_none() && it.block.is_empty();
    if !peers.iter().all(|it| labelled(it)) {
        return None;
    }
    peers.iter().map(|it| it.pods.as_ref().filter(|it| !it.labels.is_empty())).collect()
}

fn admits(wanted: &[&Selector], labels: &BTreeMap<String, String>) -> bool {
    wanted.iter().any(|it| it.matches(labels))
}

/// A Service whose ready pods it isolates, where no other policy admits anybody to them.
fn isolated<'a>(case: &'a Case, policy: Seen<'a, NetworkPolicy>) -> Option<Seen<'a, Service>> {
    let namespace = &policy.it.meta.namespace;
    let selects = |by: &NetworkPolicy, pod: &Pod| by.pods.matches(&pod.meta.labels);
    let service = case.services_in(namespace).find(|service| {
        let endpoints = case.endpoints(namespace, &service.it.meta.name).seen();
        let mut pods = case.selected_by(service.it).peekable();
        endpoints.is_some_and(|it| it.ready > 0)
            && pods.peek().is_some()
            && pods.all(|pod| selects(policy.it, pod.it))
    })?;
    let mut others = case.network_policies().filter(|it| {
        it.exhibit != policy.exhibit
            && it.it.meta.namespace == *namespace
            && !it.it.ingress.is_empty()
    });
    let admitted =
        others.any(|other| case.selected_by(service.it).any(|pod| selects(other.it, pod.it)));
    (!admitted).then_some(service)
}

/// `app=web, tier=front`.
fn told(selector: &Selector) -> String {
    let labels: Vec<String> =
        selector.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    labels.join(", ")
}
