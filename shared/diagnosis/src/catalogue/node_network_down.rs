//! The network's own program on a node is down, and calls from that node fail.

use crate::case::Case;
use crate::case::agents::{AbsentAgent, Lack};
use crate::case::complaints::Complaint;
use crate::case::kept_off::KeptOff;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::node::Node;
use evidence::question::Question;
use evidence::report::Remedy;
use std::collections::BTreeSet;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-10",
    title: "the network's program on its node is down",
    category: Category::Network,
    proves: "calls of pods on one node get no answer, and the pod of kube-proxy or of the network plugin on that node is not ready; or kube-proxy's own template keeps it from that node, and callers on other nodes are well",
    refutes: "the network's pods on the node are ready, or calls fail on other nodes alike",
    confused_with: &["NET-09", "DNS-01", "NODE-01", "CNI-01"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    case.ask_about_agents()
}

fn judge(case: &Case) -> Vec<Judgement> {
    let absent = case.absent_agents();
    one_each(absent.iter().filter_map(|it| one(case, it)).collect::<Vec<_>>())
}

fn one(case: &Case, absent: &AbsentAgent<'_>) -> Option<Judgement> {
    let subject = absent.daemon.meta.entity("DaemonSet");
    let node = &absent.node;
    let first = absent.victims.first()?;
    let pod = match &absent.lack {
        Lack::Unready(pod) => pod,
        Lack::KeptOff { node, by } => return kept_off(case, absent, *node, *by),
    };
    let mut proofs: Vec<Cite> = absent.victims.iter().take(2).map(Complaint::cite).collect();
    proofs
        .push(Cite::new(pod.exhibit, format!("{} on {node} is not ready", pod.meta.entity("Pod"))));
    let (ready, desired) = (absent.daemon.ready, absent.daemon.desired);
    proofs.push(Cite::new(
        absent.daemon.exhibit,
        format!("{subject}: {ready} of {desired} pods ready"),
    ));
    let mut explains: Vec<Entity> = absent.victims.iter().map(|it| it.root().clone()).collect();
    explains.sort();
    explains.dedup();
    explains.push(subject.clone());
    // Rules that were written before go on working: only the difference between nodes shows that it matters.
    let strength = if absent.spared > 0 { Strength::Strong } else { Strength::Suggestive };
    let mut doubts = Vec::new();
    let elsewhere = case
        .complaints()
        .into_iter()
        .find(|it| it.said == first.said && it.container.pod.it.spec.node_name != *node);
    doubts.extend(elsewhere.map(|it| {
        let at = &it.container.pod.it.spec.node_name;
        Cite::new(it.log.exhibit, format!("{} on {at} says the same", it.root()))
    }));
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{} gets no answer because {subject}, which carries the network, has no ready pod on its node {node}.",
            first.root()
        ),
        proofs,
        doubts,
        strength,
        explains,
        subject,
    }))
}

/// Kube-proxy has no pod there, by its own template, and who calls from where it has one is well.
fn kept_off(
    case: &Case,
    absent: &AbsentAgent<'_>,
    node: Seen<'_, Node>,
    by: KeptOff,
) -> Option<Judgement> {
    let first = absent.victims.first()?;
    let without = case.absent_agents();
    let kept: BTreeSet<&str> = without
        .iter()
        .filter(|it| matches!(it.lack, Lack::KeptOff { .. }))
        .map(|it| it.node.as_str())
        .collect();
    let elsewhere = case.complaints().into_iter().any(|it| {
        it.said == first.said && !kept.contains(it.container.pod.it.spec.node_name.as_str())
    });
    if elsewhere || absent.spared == 0 {
        return None; // Some have no need of it: the network plugin may do its work.
    }
    let (subject, name) = (absent.daemon.meta.entity("DaemonSet"), node.meta.entity("Node"));
    let (field, words) = (by.field(), by.words());
    let victims = || without.iter().filter(|it| it.daemon.exhibit == absent.daemon.exhibit);
    let mut proofs: Vec<Cite> = vec![first.cite()];
    proofs
        .push(Cite::new(absent.daemon.exhibit, format!("{subject}: its {words} excludes {name}")));
    proofs.push(Cite::new(node.exhibit, format!("{name}: its labels do not meet it")));
    let mut explains: Vec<Entity> =
        victims().flat_map(|it| &it.victims).map(|it| it.root().clone()).collect();
    explains.sort();
    explains.dedup();
    explains.push(subject.clone());
    let more = match victims().count() {
        0 | 1 => String::new(),
        several => format!(" and from {} more", several - 1),
    };
    Some(Judgement::Proven(Finding {
        field: Some(field.to_owned()),
        value: None,
        statement: format!(
            "{} gets no answer because {subject}, which carries the calls to Services, is kept from its node {}{more} by its own {words}.",
            first.root(),
            node.meta.name
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
    if let Some(field) = &finding.field {
        return vec![Remedy {
            action: format!("Take out of {field} of {subject} what keeps it from these nodes."),
            command: kubectl::object("edit", subject, ""),
            risk: "low".to_owned(),
            reversible: true,
            verify: "It has a pod on every node, and calls from these nodes are answered."
                .to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "See why the pod of {subject} on that node is not ready; until then keep new pods off the node."
        ),
        command: kubectl::within(subject, "get pods -o wide"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its pod is ready on every node, and calls from that node are answered.".to_owned(),
    }]
}
