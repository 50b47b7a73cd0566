//! A Service answers only on the nodes where its pods are, and the caller is on another.

use crate::case::Case;
use crate::case::calls::FailedCall;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-07",
    title: "the Service answers only on the nodes where its pods are",
    category: Category::Network,
    proves: "the Service's internalTrafficPolicy is Local, the caller's node has no ready endpoint of it, and the caller's log says that it does not answer",
    refutes: "the caller's node has a ready endpoint, or the policy is Cluster",
    confused_with: &["NET-09", "NET-10"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let calls = case.failed_calls();
    one_each(calls.iter().filter_map(|call| one(case, call)).collect::<Vec<_>>())
}

fn one(case: &Case, call: &FailedCall<'_>) -> Option<Judgement> {
    let (service, caller) = (call.service, call.caller());
    // Nothing is forwarded, so that nothing answers: it is neither a refusal nor an unknown name.
    if !service.internal_local || !call.is_silent() {
        return None;
    }
    let meta = &service.meta;
    let endpoints = case.endpoints(&meta.namespace, &meta.name).seen()?;
    let node = caller.it.spec.node_name.as_str();
    if endpoints.it.nodes.is_empty() || node.is_empty() {
        return None;
    }
    let subject = meta.entity("Service");
    let pod = caller.meta.entity("Pod");
    let nodes = endpoints.it.nodes.join(", ");
    let at = Cite::new(endpoints.exhibit, format!("{subject} has ready endpoints on {nodes}"));
    let on = Cite::new(caller.exhibit, format!("{pod} is on {node}"));
    if endpoints.it.nodes.iter().any(|it| it == node) {
        let why = format!("{node}, where the caller is, has a ready endpoint of {subject}");
        return Some(Judgement::Refuted(Refutation { subject, why, proofs: vec![at, on] }));
    }
    let root = call.complaint.root().clone();
    let says = format!("{subject}: internalTrafficPolicy is Local");
    Some(Judgement::Proven(Finding {
        field: Some("spec.internalTrafficPolicy".to_owned()),
        value: Some("Local".to_owned()),
        statement: format!(
            "{root} gets no answer from {subject} because its internalTrafficPolicy is Local, and {node}, where the caller is, has no endpoint of it."
        ),
        proofs: vec![call.complaint.cite(), Cite::new(service.exhibit, says), at, on],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Set internalTrafficPolicy of {subject} to Cluster in its source, or run one of its pods on every node."
        ),
        command: kubectl::within(subject, "get endpointslices -o wide"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Callers on every node are answered.".to_owned(),
    }]
}
