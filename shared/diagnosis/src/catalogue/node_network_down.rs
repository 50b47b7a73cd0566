//! The network's own program on a node is down, and calls from that node fail.

use crate::case::Case;
use crate::case::agents::AbsentAgent;
use crate::case::complaints::Complaint;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use evidence::entity::Entity;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-10",
    title: "the network's program on its node is down",
    category: Category::Network,
    proves: "calls of pods on one node get no answer, and the pod of kube-proxy or of the network plugin on that node is not ready",
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
    let pod = absent.pod?;
    let first = absent.victims.first()?;
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

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "See why the pod of {subject} on that node is not ready; until then keep new pods off the node."
        ),
        command: format!("kubectl -n {} get pods -o wide", subject.namespace),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its pod is ready on every node, and calls from that node are answered.".to_owned(),
    }]
}
