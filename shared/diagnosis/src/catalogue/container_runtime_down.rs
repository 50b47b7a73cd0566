//! A node's kubelet reports that it cannot run containers, or those of one runtime.

mod handler_missing;

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::fact::meta::condition;
use evidence::fact::node::Node;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-02",
    title: "the container runtime or network of a node does not work",
    category: Category::Node,
    proves: "the node's Ready condition is False with reason KubeletNotReady: the kubelet says itself what it lacks; or it makes no sandbox for want of the handler that a RuntimeClass asks for",
    refutes: "the kubelet does not report at all",
    confused_with: &["NODE-01", "CNI-01"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = case.nodes().filter_map(|node| one(case, node)).collect();
    judgements.extend(handler_missing::judge(case));
    judgements
}

fn one(case: &Case, node: Seen<'_, Node>) -> Option<Judgement> {
    let ready = condition(&node.it.conditions, "Ready").filter(|it| it.status == "False")?;
    if case.is_passing(node.it) {
        return None;
    }
    let subject = node.meta.entity("Node");
    let mut explains = vec![subject.clone()];
    explains.extend(case.stranded_on(node.it));
    let lacks = lacks(&ready.message);
    Some(Judgement::Proven(Finding {
        field: Some("status.conditions[Ready]".to_owned()),
        value: Some("False".to_owned()),
        statement: format!("{subject} cannot run pods because {lacks}."),
        proofs: vec![Cite::quoting(
            node.exhibit,
            format!("{subject}: Ready is False ({})", ready.reason),
            &ready.message,
        )],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

/// The kubelet's own words for what it lacks.
/// See <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/runtime.go>.
fn lacks(message: &str) -> &'static str {
    if message.contains("container runtime is down")
        || message.contains("container runtime status check")
    {
        "its container runtime is down"
    } else if message.contains("PLEG is not healthy") {
        "its container runtime does not answer in time"
    } else if message.contains("cni plugin not initialized")
        || message.contains("NetworkReady=false")
    {
        "its container network is not set up"
    } else {
        "its kubelet says that it is not ready"
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    if finding.field.as_deref() != Some("status.conditions[Ready]") {
        return handler_missing::remedy(finding);
    }
    let name = &finding.subject.name;
    vec![Remedy {
        action: format!(
            "Repair the container runtime or network of node {name}; drain it first if others can take its pods."
        ),
        command: format!("kubectl describe node {name}"),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("kubectl get node {name} shows Ready."),
    }]
}
