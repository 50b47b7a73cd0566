//! A network policy keeps pods from asking for names, or the name service from hearing them.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::passage::{Barrier, Passage};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use crate::policy::End;
use evidence::entity::Entity;
use evidence::fact::pod::Pod;
use evidence::question::Question;
use evidence::report::Remedy;
use std::collections::BTreeMap;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DNS-04",
    title: "a network policy keeps its pods from the name service",
    category: Category::Network,
    proves: "the pod's log says that the resolver does not answer, policies isolate the pod for what goes out, or the name service's ready pods for what comes in, and none allows UDP 53",
    refutes: "policies allow UDP 53, or there are none",
    confused_with: &["DNS-01", "DNS-03", "NET-09", "NET-10"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// The policies where the name service is, once it is known to run; the labels of namespaces where those ask for some.
fn ask(case: &Case) -> Vec<Question> {
    if case.unanswered().is_empty() || case.name_server_is_down() != Some(false) {
        return Vec::new();
    }
    let all = |kind: &str, namespace: &str| {
        vec![Question::Objects { kind: kind.to_owned(), namespace: namespace.to_owned() }]
    };
    let home = case.name_home().namespace;
    if !case.looked("NetworkPolicy", home) {
        return all("NetworkPolicy", home);
    }
    let mut inward = case.network_policies().filter(|it| it.meta.namespace == home);
    let by_labels = inward.any(|it| {
        let mut peers = it.it.ingress.iter().flat_map(|it| &it.peers);
        it.isolates_ingress && peers.any(|it| it.namespaces.is_some())
    });
    let unknown = by_labels && !case.looked("Namespace", "");
    if unknown { all("Namespace", "") } else { Vec::new() }
}

fn judge(case: &Case) -> Vec<Judgement> {
    let home = case.name_home();
    let (key, value) = home.label;
    let unseen = BTreeMap::from([(key.to_owned(), value.to_owned())]);
    let server = case.name_server();
    let end = match &server {
        Some(server) => {
            let labels = &server.it.template_labels;
            End { spec: Some(&server.it.template), ..End::labelled(home.namespace, labels) }
        }
        None => End::labelled(home.namespace, &unseen),
    };
    let port = case.name_port();
    let mut judgements = Vec::new();
    let mut victims: BTreeMap<Entity, Vec<(Complaint<'_>, Barrier<'_>)>> = BTreeMap::new();
    for complaint in case.unanswered() {
        let pod = complaint.container.pod;
        match case.passage(End::of(pod.it), end, "UDP", port) {
            Passage::Closed(barrier) => {
                if !barrier.outward && !hears_of(case, pod.it) {
                    continue;
                }
                let Some(subject) = case.latest_of(&barrier) else { continue };
                victims.entry(subject).or_default().push((complaint, barrier));
            }
            Passage::Open if has_other_policies(case) => {}
            Passage::Open => {
                let why = format!(
                    "no NetworkPolicy keeps {} from asking for names",
                    pod.meta.entity("Pod")
                );
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

/// Whether there are policies of other kinds, which nobody weighed here.
fn has_other_policies(case: &Case) -> bool {
    const KINDS: [&str; 7] = [
        "CiliumNetworkPolicy",
        "CiliumClusterwideNetworkPolicy",
        "CalicoNetworkPolicy",
        "GlobalNetworkPolicy",
        "AdminNetworkPolicy",
        "BaselineAdminNetworkPolicy",
        "ClusterNetworkPolicy",
    ];
    case.objects().any(|it| KINDS.contains(&it.kind.as_str()))
}

/// Whether a pod asks the name service itself, which has somebody ready to hear it: not through a cache of its node, which
/// policies may not hold for, nor another server.
fn hears_of(case: &Case, pod: &Pod) -> bool {
    let spec = &pod.spec;
    spec.dns_policy.is_empty()
        && spec.nameservers.is_empty()
        && case.name_server().is_some_and(|it| it.ready > 0)
        && !case.caches_names()
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
    let why = if barrier.outward {
        "what may go out, and no policy allows UDP 53"
    } else {
        "the name service's pods for what comes in, and no policy allows it UDP 53"
    };
    let mut proofs: Vec<Cite> = victims.iter().take(2).map(|(it, _)| it.cite()).collect();
    proofs.extend(case.cite_barrier(barrier, "UDP 53 to the name service"));
    Some(Judgement::Proven(Finding {
        field: Some(if barrier.outward { "spec.egress" } else { "spec.ingress" }.to_owned()),
        value: None,
        statement: format!("{whom} no name because {subject} isolates {why}."),
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
            "Allow UDP and TCP to the ports of the name service's pods, 53 where nobody moved it, in the source of {subject}."
        ),
        command: kubectl::within(subject, "describe networkpolicies"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Names are resolved.".to_owned(),
    }]
}
