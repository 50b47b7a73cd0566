//! A Service's selector picks no pod, although the pods that it is meant for are there.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use crate::seen::{Presence, Seen};
use evidence::fact::network::Service;
use evidence::fact::workload::Workload;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-01",
    title: "the Service's selector matches no pod",
    category: Category::Network,
    proves: "the Service has no endpoint, no pod has the labels that it selects, and a workload meant for it is there with other labels",
    refutes: "pods with these labels exist: then they are not ready, or the port is wrong",
    confused_with: &["NET-02", "NET-03", "CTL-01"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let selecting =
        case.services().filter(|it| !it.selector.is_empty() && it.kind != "ExternalName");
    selecting.filter_map(|service| one(case, service)).collect()
}

fn one(case: &Case, service: Seen<'_, Service>) -> Option<Judgement> {
    let (namespace, name) = (&service.meta.namespace, &service.meta.name);
    let endpoints = match case.endpoints(namespace, name) {
        Presence::Present(seen) if seen.ready > 0 || seen.not_ready > 0 => return None,
        Presence::Present(seen) => Some(seen.exhibit),
        Presence::Absent => None,
        Presence::Unknown => return None,
    };
    if !case.looked("Pod", namespace) {
        return None; // Pods that were not looked at may well match.
    }
    let entity = service.meta.entity("Service");
    if let Some(pod) = case.selected_by(&service).next() {
        let why = format!("pods with the selected labels exist, such as {}", pod.meta.name);
        let proofs = vec![Cite::new(
            pod.exhibit,
            format!("{} has the labels that {entity} selects", pod.meta.entity("Pod")),
        )];
        return Some(Judgement::Refuted(Refutation { subject: entity, why, proofs }));
    }
    if case.workloads_behind(&service).next().is_some() {
        return None; // The right labels, and no pods of them: another mode's business.
    }
    let meant = meant(case, &service)?;
    let (key, wanted, has) = difference(&service, &meant)?;
    if case.is_given_at_run_time(&service, &meant, &key) {
        return None;
    }
    let workload = meant.meta.entity(&meant.kind);
    let mut proofs = vec![
        Cite::new(service.exhibit, format!("{entity} selects {key}={wanted}")),
        Cite::new(meant.exhibit, format!("pods of {workload} have {has}")),
    ];
    if let Some(exhibit) = endpoints {
        proofs.push(Cite::new(exhibit, format!("{entity} has no endpoint")));
    }
    Some(Judgement::Proven(Finding {
        field: Some(format!("spec.selector.{key}")),
        value: Some(wanted.clone()),
        statement: format!(
            "{entity} leads nowhere because it selects {key}={wanted}, while the pods of {workload} have {has}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![entity.clone()],
        subject: entity,
    }))
}

/// The workload that the Service is meant for: of its name, or else the one that shares most of its labels. Labels that
/// a whole application shares mean none of its parts, and what another Service leads to is that one's.
fn meant<'a>(case: &'a Case, service: &Service) -> Option<Seen<'a, Workload>> {
    let mut best: Option<(usize, Seen<'a, Workload>)> = None;
    for workload in
        case.workloads().filter(|it| it.meta.namespace == service.meta.namespace && it.desired > 0)
    {
        let labels = &workload.it.template_labels;
        let same =
            service.selector.iter().filter(|(key, value)| labels.get(*key) == Some(value)).count();
        let elsewhere = service
            .selector
            .values()
            .filter(|value| labels.values().any(|it| it == *value))
            .count();
        let (own, its) = (&service.meta.name, &workload.meta.name);
        if !own.contains(its.as_str())
            && !its.contains(own.as_str())
            && is_anothers(case, service, &workload)
        {
            continue;
        }
        let named = usize::from(its == own) * 10;
        let score = named + same * 2 + elsewhere;
        if score > 0 && best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, workload));
        }
    }
    best.map(|(_, workload)| workload)
}

/// Whether another Service leads to the pods of a workload.
fn is_anothers(case: &Case, service: &Service, workload: &Workload) -> bool {
    case.services_in(&service.meta.namespace).any(|other| {
        let selector = &other.it.selector;
        other.meta.name != service.meta.name
            && !selector.is_empty()
            && selector.iter().all(|(key, value)| workload.template_labels.get(key) == Some(value))
    })
}

/// The first label that keeps them apart: its key, what is selected, and what the pods have.
fn difference(service: &Service, workload: &Workload) -> Option<(String, String, String)> {
    let labels = &workload.template_labels;
    let (key, wanted) =
        service.selector.iter().find(|(key, value)| labels.get(*key) != Some(value))?;
    let has = match labels.get(key) {
        Some(value) => format!("{key}={value}"),
        None => format!("no label {key}"),
    };
    Some((key.clone(), wanted.clone(), has))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Make the selector of {subject} and the labels of its pods agree, in the source of whichever was changed last."
        ),
        command: kubectl::object("edit", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!(
            "kubectl -n {} get endpointslices -l kubernetes.io/service-name={} shows ready addresses.",
            subject.namespace, subject.name
        ),
    }]
}
