//! A workload calls a Service that does not exist.

use crate::case::Case;
use crate::case::addresses;
use crate::case::complaints::Complaint;
use crate::case::peers::{Meant, peers_in};
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::report::Remedy;
use std::collections::BTreeMap;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-05",
    title: "a Service that it calls does not exist",
    category: Category::Network,
    proves: "a container's log says that a name has no address, or, in words that do not say why, that it cannot be reached at a port; the name is a Service's, and there is no such Service",
    refutes: "the Service exists: then it is the name service that fails; or no log mentions the name, which is configured and not used",
    confused_with: &["DNS-01", "DNS-02", "DNS-03", "NET-08"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut missed: BTreeMap<Entity, Vec<Complaint<'_>>> = BTreeMap::new();
    let mut judgements = Vec::new();
    for complaint in case.complaints() {
        let Some(peer) = complaint.said.perhaps_nobody() else { continue };
        match case.meant(peer, complaint.namespace()) {
            Meant::Absent(service) => {
                let setting =
                    addresses::setting(&complaint.container.pod.it.spec, &peer.host, None);
                let other =
                    setting.as_ref().and_then(|it| case.meant_instead(&complaint, it, &service));
                let misspelt = setting.is_none() && case.misspelt(&complaint, &service).is_some();
                let waited = case.waited_for_another(&complaint.container, &service).is_some();
                if other.is_none() && !misspelt && !waited {
                    missed.entry(service).or_default().push(complaint);
                } // Another Service was meant: NET-08, CFG-06.
            }
            Meant::Service(service) if is_unknown(&complaint) => {
                let subject = service.meta.entity("Service");
                let why = format!("{subject}, whose name is not found, exists");
                let proofs = vec![Cite::new(service.exhibit, why.clone())];
                judgements.push(Judgement::Refuted(Refutation { subject, why, proofs }));
            }
            Meant::Service(_) | Meant::Itself | Meant::Elsewhere | Meant::Unknown => {}
        }
    }
    judgements.extend(unused(case, &missed));
    judgements.extend(missed.into_iter().filter_map(|(subject, all)| one(subject, &all)));
    judgements
}

/// Whether the resolver said so itself.
fn is_unknown(complaint: &Complaint<'_>) -> bool {
    matches!(complaint.said, Said::NameNotFound { .. })
}

fn one(subject: Entity, missed: &[Complaint<'_>]) -> Option<Judgement> {
    let first = missed.first()?;
    let mut explains: Vec<Entity> = missed.iter().map(|it| it.root().clone()).collect();
    explains.sort();
    explains.dedup();
    let whom = match explains.len() {
        1 => format!("{} fails because it calls", first.root()),
        count => format!("{} and {} more fail because they call", first.root(), count - 1),
    };
    explains.push(subject.clone());
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{whom} {subject}, which does not exist."),
        proofs: missed.iter().take(3).map(Complaint::cite).collect(),
        doubts: Vec::new(),
        strength: if missed.iter().any(is_unknown) {
            Strength::Strong
        } else {
            Strength::Suggestive
        },
        explains,
        subject,
    }))
}

/// Addresses in the environment of workloads that lead to no Service, while the workload's log was read and misses
/// nothing: rule R4. They look like the cause of whatever else is wrong there.
fn unused(case: &Case, missed: &BTreeMap<Entity, Vec<Complaint<'_>>>) -> Vec<Judgement> {
    let mut unused: BTreeMap<Entity, Refutation> = BTreeMap::new();
    for log in case.logs() {
        let Some(pod) = case.pod(&Entity::new("Pod", &log.namespace, &log.pod)).seen() else {
            continue;
        };
        let Some(container) = pod.it.spec.containers.iter().find(|it| it.name == log.container)
        else {
            continue;
        };
        for variable in &container.env {
            for peer in peers_in(variable.value.as_deref().unwrap_or_default()) {
                // A bare word need be no host.
                let Some(_) = peer.port else { continue };
                let Meant::Absent(service) = case.meant(&peer, &log.namespace) else { continue };
                let named = log.it.lines.iter().any(|it| it.text.contains(&service.name));
                if named || missed.contains_key(&service) {
                    continue;
                }
                let root = case.root_of(&pod.meta, "Pod");
                let why = format!(
                    "{root} names {service}, which does not exist, and its log never misses it"
                );
                let says =
                    format!("{} names {service} in {}", pod.meta.entity("Pod"), variable.name);
                let proofs = vec![
                    Cite::new(pod.exhibit, says),
                    Cite::new(
                        log.exhibit,
                        format!("the log was read, and never names {}", service.name),
                    ),
                ];
                let refutation = Refutation { subject: service.clone(), why, proofs };
                unused.entry(service).or_insert(refutation);
            }
        }
    }
    unused.into_values().map(Judgement::Refuted).collect()
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Create {subject} again from its source, or correct the name by which it is called."
        ),
        command: kubectl::within(subject, "get services"),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("kubectl -n {} get service {} finds it.", subject.namespace, subject.name),
    }]
}
