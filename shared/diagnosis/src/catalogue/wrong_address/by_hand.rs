//! A Service without a selector leads where somebody wrote, who has written another address lately; nobody answers since.

use crate::case::Case;
use crate::case::calls::FailedCall;
use crate::case::passage::Passage;
use crate::case::written::FIELD;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::policy::End;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::Endpoints;
use evidence::report::Remedy;
use std::collections::BTreeMap;

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let mut services: BTreeMap<usize, Vec<FailedCall<'_>>> = BTreeMap::new();
    for call in case.failed_calls() {
        let plain = call.service.selector.is_empty() && call.service.kind != "ExternalName";
        if plain && (call.is_silent() || call.is_refused()) {
            services.entry(call.service.exhibit).or_default().push(call);
        }
    }
    let found: Vec<Option<Finding>> = services.values().map(|calls| one(case, calls)).collect();
    // Where others that lead outside do not answer either, it is what lies between.
    if found.iter().any(Option::is_none) {
        return Vec::new();
    }
    found.into_iter().flatten().map(Judgement::Proven).collect()
}

fn one(case: &Case, calls: &[FailedCall<'_>]) -> Option<Finding> {
    let service = calls.first()?.service;
    let endpoints = case.endpoints(&service.meta.namespace, &service.meta.name).seen()?;
    let [slice] = endpoints.it.written.as_slice() else { return None };
    let touch = case.readdressed(slice)?;
    let begins = calls.iter().filter_map(|it| it.complaint.since).min();
    if begins.is_some_and(|begins| touch.at.is_some_and(|at| begins < at)) {
        return None; // It was amiss before that.
    }
    if !calls.iter().all(|it| is_let_out(case, it, endpoints)) {
        return None;
    }
    let (subject, name) = (slice.meta.entity("EndpointSlice"), service.meta.entity("Service"));
    let mut explains: Vec<Entity> = calls.iter().map(|it| it.complaint.root().clone()).collect();
    explains.sort();
    explains.dedup();
    let whom = match explains.as_slice() {
        [one] => format!("{one} gets"),
        [first, rest @ ..] => format!("{first} and {} more get", rest.len()),
        [] => return None,
    };
    let addresses = slice.addresses.join(", ");
    let at = touch.at.map(|at| format!(" at {at}")).unwrap_or_default();
    let mut proofs: Vec<Cite> = calls.iter().take(3).map(|it| it.complaint.cite()).collect();
    let says = format!("{subject} leads to {addresses}, as {} set it{at}", touch.manager);
    proofs.push(Cite::new(endpoints.exhibit, says));
    let says = format!("{name} has no selector: it leads where {subject} says");
    proofs.push(Cite::new(service.exhibit, says));
    Some(Finding {
        field: Some(FIELD.to_owned()),
        value: Some(addresses.clone()),
        statement: format!(
            "{whom} no answer from {name} because {subject}, by which it leads, names {addresses} since it was changed."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    })
}

/// Whether policies let the caller out to all the addresses.
fn is_let_out(case: &Case, call: &FailedCall<'_>, endpoints: Seen<'_, Endpoints>) -> bool {
    let from = End::of(call.caller().it);
    let mut addresses = endpoints.it.written.iter().flat_map(|it| &it.addresses);
    addresses.all(|address| {
        let Ok(address) = address.parse() else { return false };
        let mut ports = endpoints.it.ports.iter();
        ports.all(|port| matches!(case.way_out(from, address, port.number), Passage::Open))
    })
}

pub(super) fn remedy(finding: &Finding) -> Remedy {
    let subject = &finding.subject;
    Remedy {
        action: format!(
            "Find out the right address, and put it into {subject} in its source, as it was before the change or as its owner says."
        ),
        command: format!(
            "kubectl -n {} get endpointslice/{} -o yaml --show-managed-fields",
            subject.namespace, subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its callers' logs no longer say that they wait in vain.".to_owned(),
    }
}
