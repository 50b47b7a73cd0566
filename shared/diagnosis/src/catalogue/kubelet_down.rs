//! A node's kubelet no longer reports.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::fact::meta::condition;
use evidence::fact::node::Node;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-01",
    title: "the kubelet of a node no longer reports",
    category: Category::Node,
    proves: "the node's Ready condition is Unknown with reason NodeStatusUnknown",
    refutes: "the kubelet reports, and says itself what is wrong: then the node's other conditions tell",
    confused_with: &["NODE-02", "SCH-06"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.nodes().filter_map(|node| one(case, node)).collect()
}

fn one(case: &Case, node: Seen<'_, Node>) -> Option<Judgement> {
    let ready = condition(&node.it.conditions, "Ready").filter(|it| it.status == "Unknown")?;
    if case.is_passing(node.it) {
        return None;
    }
    let subject = node.meta.entity("Node");
    let mut explains = vec![subject.clone()];
    explains.extend(case.stranded_on(node.it));
    let stranded = case.pods().filter(|pod| pod.spec.node_name == node.meta.name).count();
    let since = ready.since.map(|at| format!(" since {at}")).unwrap_or_default();
    let pods = if stranded == 1 { "1 known pod" } else { "known pods" };
    let count = if stranded == 1 { String::new() } else { format!("{stranded} ") };
    Some(Judgement::Proven(Finding {
        field: Some("status.conditions[Ready]".to_owned()),
        value: Some("Unknown".to_owned()),
        statement: format!(
            "The kubelet of {subject} has not reported{since}; {count}{pods} on it can no longer be trusted to run."
        ),
        proofs: vec![Cite::quoting(
            node.exhibit,
            format!("{subject}: Ready is Unknown ({})", ready.reason),
            &ready.message,
        )],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let name = &finding.subject.name;
    vec![Remedy {
        action: format!(
            "Look at the machine behind node {name}: is it up, does its kubelet run, does it reach the API server?"
        ),
        command: format!("kubectl describe node {name}"),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("kubectl get node {name} shows Ready."),
    }]
}
