//! A network policy drops what a workload sends to a Service.

mod admits_nobody;
mod since_closed;

use self::admits_nobody::NOBODY;
use crate::case::Case;
use crate::case::calls::{FailedCall, target_in};
use crate::case::outside::ShutIn;
use crate::case::passage::{Barrier, Passage};
use crate::case::ports::protocol;
use crate::case::touching::written_last;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, joined};
use crate::kubectl;
use crate::policy::End;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::Meta;
use evidence::fact::network::{Service, ServicePort};
use evidence::fact::pod::Pod;
use evidence::question::Question;
use evidence::report::Remedy;
use std::collections::BTreeMap;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-09",
    title: "a network policy drops what it sends",
    category: Category::Network,
    proves: "the caller's log says that the Service does not answer, the Service has ready pods, and policies that isolate the caller or those pods do not allow the connection; or it waits for an address outside, and a policy allows that port at other addresses alone; or it repeats errors in whatever words since policies closed the way to one of those whom it is told of, and to no other; or since a policy admits to pods of a Service only those with a label that no pod has",
    refutes: "policies allow it, or the caller is refused: a policy keeps silent",
    confused_with: &["NET-02", "NET-07", "NET-10", "RUN-11", "MESH-06"],
    depth: Depth::Object,
    stands_alone: true,
    ask,
    judge,
    remedy,
};

/// Both ends of a connection must be seen, and the labels of their namespaces.
fn ask(case: &Case) -> Vec<Question> {
    let mut questions = Vec::new();
    for namespace in case.unseen_namespaces() {
        for kind in ["Service", "EndpointSlice", "Deployment", "Pod", "NetworkPolicy"] {
            let namespace = namespace.clone();
            questions.push(Question::Objects { kind: kind.to_owned(), namespace });
        }
    }
    if !questions.is_empty() {
        let kind = "Namespace".to_owned();
        questions.push(Question::Objects { kind, namespace: String::new() });
    }
    questions
}

struct Blocked<'a> {
    call: FailedCall<'a>,
    barrier: Barrier<'a>,
    what: String,
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let mut groups: BTreeMap<Entity, Vec<Blocked<'_>>> = BTreeMap::new();
    let unnamed = case.unnamed_calls().into_iter().filter_map(|it| only_closed(case, it));
    for call in case.failed_calls().into_iter().chain(unnamed) {
        let Some((passage, what)) = passage(case, &call) else { continue };
        match passage {
            Passage::Closed(barrier) => {
                let from = End::of(call.caller().it);
                let relabelled = case.relabelled_by(&barrier, &from);
                let subject = match relabelled {
                    Some(namespace) => Some(namespace.it.meta.entity("Namespace")),
                    None => case.latest_of(&barrier),
                };
                let Some(subject) = subject else { continue };
                if call.is_silent() {
                    groups.entry(subject).or_default().push(Blocked { call, barrier, what });
                } else if call.is_refused() {
                    let why = format!(
                        "{} is refused, while a policy keeps silent",
                        call.complaint.root()
                    );
                    let proofs = vec![call.complaint.cite()];
                    judgements.push(Judgement::Refuted(Refutation { subject, why, proofs }));
                }
            }
            Passage::Open => {
                let subject = call.complaint.root().clone();
                let why = format!("policies let {subject} send {what}");
                let proofs = vec![Cite::new(call.service.exhibit, why.clone())];
                judgements.push(Judgement::Refuted(Refutation { subject, why, proofs }));
            }
            Passage::Unknown => {}
        }
    }
    judgements.extend(joined(case.shut_in().iter().map(outside)));
    let told = groups.into_iter().filter_map(|(subject, all)| one(case, subject, &all));
    let inferred = since_closed::findings(case).into_iter().chain(admits_nobody::findings(case));
    judgements.extend(joined(told.chain(inferred)));
    judgements
}

/// Of calls one of which nobody answers: the one to the only Service whose way policies close, and closed lately.
fn only_closed<'a>(case: &'a Case, calls: Vec<FailedCall<'a>>) -> Option<FailedCall<'a>> {
    let is_closed = |call: &FailedCall<'a>| {
        let Some((Passage::Closed(barrier), _)) = passage(case, call) else { return false };
        let lately = |it: &Meta| case.is_news(written_last(it));
        barrier.policies.iter().any(|it| lately(&it.it.meta))
            || case
                .relabelled_by(&barrier, &End::of(call.caller().it))
                .is_some_and(|it| lately(&it.it.meta))
    };
    let mut closed = calls.into_iter().filter(is_closed);
    let first = closed.next()?;
    closed.all(|it| it.service.exhibit == first.service.exhibit).then_some(first)
}

/// What policies make of a call to a Service with ready pods, and the connection in words.
fn passage<'a>(case: &'a Case, call: &FailedCall<'a>) -> Option<(Passage<'a>, String)> {
    way(case, call.caller(), call.service, call.port()?)
}

/// What policies make of what a pod sends to a Service's port.
fn way<'a>(
    case: &'a Case,
    caller: Seen<'a, Pod>,
    service: Seen<'a, Service>,
    port: &ServicePort,
) -> Option<(Passage<'a>, String)> {
    let meta = &service.it.meta;
    case.endpoints(&meta.namespace, &meta.name).seen().filter(|it| it.ready > 0)?;
    let (end, pod) = case.end_behind(service)?;
    let protocol = protocol(&port.protocol);
    let number = target_in(port, pod.it)?;
    let passage = case.passage(End::of(caller.it), end, protocol, number);
    Some((passage, format!("{protocol} {number} to {}", meta.entity("Service"))))
}

/// What is called is no Service, and the caller's policy allows its port at other addresses.
fn outside(shut_in: &ShutIn<'_>) -> Finding {
    let ShutIn { complaint, called, barrier, policy } = shut_in;
    let (root, subject) = (complaint.root().clone(), policy.meta.entity("NetworkPolicy"));
    let blocks = policy.egress.iter().flat_map(|it| &it.peers).map(|it| it.block.as_str());
    let blocks: Vec<&str> = blocks.filter(|it| !it.is_empty()).collect();
    let allowed = blocks.join(", ");
    let mut proofs = vec![complaint.cite()];
    let says = format!("{subject} lets it out to {allowed}");
    proofs.push(Cite::new(policy.exhibit, says));
    let others = barrier.policies.iter().filter(|it| it.exhibit != policy.exhibit).take(2);
    proofs.extend(others.map(|it| {
        let says = format!("{} does not allow {called}", it.meta.entity("NetworkPolicy"));
        Cite::new(it.exhibit, says)
    }));
    Finding {
        field: Some("spec.egress".to_owned()),
        value: Some(allowed.clone()),
        statement: format!(
            "{root} gets no answer from {called} because {subject} lets it out to {allowed} alone."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        subject,
    }
}

fn one(case: &Case, subject: Entity, blocked: &[Blocked<'_>]) -> Option<Finding> {
    let first = blocked.first()?;
    let mut explains: Vec<Entity> =
        blocked.iter().map(|it| it.call.complaint.root().clone()).collect();
    explains.sort();
    explains.dedup();
    let whom = match explains.len() {
        1 => format!("{} gets", first.call.complaint.root()),
        count => format!("{} and {} more get", first.call.complaint.root(), count - 1),
    };
    let service = first.call.service.meta.entity("Service");
    // That pods of a caller are not admitted has another reason; then the Service alone shows this one.
    let denied = case.denials();
    explains.retain(|it| !denied.iter().any(|denial| denial.root == *it));
    explains.push(service.clone());
    let relabelled = subject.kind == "Namespace";
    let (isolates, field) = if relabelled {
        ("has lost the labels by which policies know it", "metadata.labels")
    } else if first.barrier.outward {
        ("isolates it for what goes out", "spec.egress")
    } else {
        ("isolates its pods for what comes in", "spec.ingress")
    };
    let mut proofs: Vec<Cite> = blocked.iter().take(2).map(|it| it.call.complaint.cite()).collect();
    if first.call.inferred {
        let says = format!("{} is told of {service}", first.call.complaint.root());
        proofs.push(Cite::new(first.call.caller().exhibit, says));
    }
    proofs.extend(case.cite_barrier(&first.barrier, &first.what));
    if let Some(endpoints) = case.endpoints(&service.namespace, &service.name).seen() {
        let says = format!("{service} has {} ready endpoints", endpoints.ready);
        proofs.push(Cite::new(endpoints.exhibit, says));
    }
    Some(Finding {
        field: Some(field.to_owned()),
        value: None,
        statement: format!(
            "{whom} no answer from {service} because {subject} {isolates}, and no policy allows {}.",
            first.what
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
    if subject.kind == "Namespace" {
        return vec![relabel(subject)];
    }
    let action = match finding.statement.starts_with(NOBODY) {
        true => format!(
            "Correct the label that {subject} admits to one that its callers have, in its source."
        ),
        false => format!(
            "Add a rule that allows this connection to {subject} or to a policy beside it, in its source."
        ),
    };
    vec![Remedy {
        action,
        command: kubectl::within(subject, "describe networkpolicies"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The caller's log no longer says that it waits in vain.".to_owned(),
    }]
}

fn relabel(namespace: &Entity) -> Remedy {
    Remedy {
        action: format!(
            "Give {namespace} back the label that the policy asks for, in its source; if it was meant to go, change the policy."
        ),
        command: format!("kubectl get namespace {} --show-labels", namespace.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The caller's log no longer says that it waits in vain.".to_owned(),
    }
}
