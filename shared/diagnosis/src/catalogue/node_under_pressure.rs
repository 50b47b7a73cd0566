//! A node runs out of memory, disk or process ids, and its kubelet says so.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::fact::meta::Condition;
use evidence::fact::node::Node;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-04",
    title: "a node is under pressure and evicts pods",
    category: Category::Node,
    proves: "the node's MemoryPressure, DiskPressure or PIDPressure condition is True",
    refutes: "all of these conditions are False",
    confused_with: &["RUN-01", "SCH-02"],
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
    let pressure =
        node.it.conditions.iter().find(|it| it.status == "True" && scarce(it).is_some())?;
    let what = scarce(pressure)?;
    let subject = node.meta.entity("Node");
    let mut explains = vec![subject.clone()];
    let mut proofs = vec![Cite::quoting(
        node.exhibit,
        format!("{subject}: {} is True", pressure.kind),
        &pressure.message,
    )];
    for pod in
        case.pods().filter(|pod| pod.spec.node_name == node.meta.name && pod.reason == "Evicted")
    {
        let name = pod.meta.entity("Pod");
        let root = case.root_of(&pod.meta, "Pod");
        if !explains.contains(&root) {
            explains.push(root);
            proofs.push(Cite::quoting(pod.exhibit, format!("{name} was evicted"), &pod.message));
        }
    }
    Some(Judgement::Proven(Finding {
        field: Some(format!("status.conditions[{}]", pressure.kind)),
        value: Some("True".to_owned()),
        statement: format!("{subject} runs out of {what} and evicts pods."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

fn scarce(condition: &Condition) -> Option<&'static str> {
    match condition.kind.as_str() {
        "MemoryPressure" => Some("memory"),
        "DiskPressure" => Some("disk"),
        "PIDPressure" => Some("process ids"),
        _ => None,
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let name = &finding.subject.name;
    vec![Remedy {
        action: format!(
            "Find what uses it up on node {name}: pods without limits, logs, images; move or limit it."
        ),
        command: format!("kubectl describe node {name}"),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pressure conditions of node {name} are False."),
    }]
}
