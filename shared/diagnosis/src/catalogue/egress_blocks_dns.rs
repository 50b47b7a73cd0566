//! A network policy keeps pods from asking for names.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::passage::{Barrier, Passage};
use crate::case::resolving::{server_end, server_labels};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::policy::End;
use evidence::entity::Entity;
use evidence::report::Remedy;
use std::collections::BTreeMap;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DNS-04",
    title: "a network policy keeps its pods from the name service",
    category: Category::Network,
    proves: "the pod's log says that the resolver does not answer, policies isolate the pod for what goes out, and none allows UDP 53 to the name service",
    refutes: "policies allow UDP 53, or there are none",
    confused_with: &["DNS-01", "DNS-03", "NET-09", "NET-10"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let labels = server_labels();
    let mut judgements = Vec::new();
    let mut victims: BTreeMap<Entity, Vec<(Complaint<'_>, Barrier<'_>)>> = BTreeMap::new();
    for complaint in case.unanswered() {
        let pod = complaint.container.pod;
        match case.passage(End::of(pod.it), server_end(&labels), "UDP", 53) {
            Passage::Closed(barrier) => {
                let Some(subject) = case.latest_of(&barrier) else { continue };
                victims.entry(subject).or_default().push((complaint, barrier));
            }
            Passage::Open => {
                let why = format!("policies let {} ask for names", pod.meta.entity("Pod"));
                let proofs = vec![Cite::new(pod.exhibit, why.clone())];
                let subject = complaint.root().clone();
                judgements.push(Judgement::Refuted(Refutation { subject, why, proofs }));
            }
            Passage::Unknown => {}
        }
    }
    judgements.extend(victims.into_iter().filter_map(|(subject, all)| one(case, subject, &all)));
    judgements
}

fn one(
    case: &Case,
    subject: Entity,
    victims: &[(Complaint<'_>, Barrier<'_>)],
) -> Option<Judgement> {
    let (first, barrier) = victims.first()?;
    let mut explains: Vec<Entity> = victims.iter().map(|(it, _)| it.root().clone()).collect();
    explains.sort();
    explains.dedup();
    let whom = match explains.len() {
        1 => format!("{} resolves", first.root()),
        count => format!("{} and {} more resolve", first.root(), count - 1),
    };
    let way = if barrier.outward { "go out" } else { "come in" };
    let mut proofs: Vec<Cite> = victims.iter().take(2).map(|(it, _)| it.cite()).collect();
    proofs.extend(case.cite_barrier(barrier, "UDP 53 to the name service"));
    Some(Judgement::Proven(Finding {
        field: Some(if barrier.outward { "spec.egress" } else { "spec.ingress" }.to_owned()),
        value: None,
        statement: format!(
            "{whom} no name because {subject} isolates what may {way}, and no policy allows UDP 53."
        ),
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
            "Allow UDP and TCP 53 to the pods labelled k8s-app=kube-dns of kube-system, in the source of {subject}."
        ),
        command: format!("kubectl -n {} describe networkpolicies", subject.namespace),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Names are resolved.".to_owned(),
    }]
}
