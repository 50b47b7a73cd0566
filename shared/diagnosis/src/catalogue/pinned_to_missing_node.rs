//! A pod is pinned to a node that does not exist.

use crate::case::Case;
use crate::case::containers::pod_spec_path;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::pod::Pod;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-20",
    title: "it is pinned to a node that does not exist",
    category: Category::Scheduling,
    proves: "the pod template sets nodeName, and there is no such node: no scheduler is asked, and no kubelet answers",
    refutes: "the node exists: then its own state tells",
    confused_with: &["SCH-17", "NODE-01"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.pods().filter_map(|pod| one(case, pod)))
}

fn one(case: &Case, pod: Seen<'_, Pod>) -> Option<Judgement> {
    let node = &pod.it.spec.node_name;
    if node.is_empty() || pod.phase == "Running" || !case.node(node).is_absent() {
        return None;
    }
    let subject = case.root_of(&pod.meta, "Pod");
    // Where the template does not pin it, the scheduler chose the node, and the node has gone since.
    let pin = match case.workload(&subject).seen() {
        Some(workload) => (workload.it.template.node_name == *node).then_some(workload.exhibit),
        None if subject.kind == "Pod" && pod.it.containers.is_empty() => Some(pod.exhibit),
        None => case
            .job(&subject)
            .seen()
            .filter(|job| job.it.template.node_name == *node)
            .map(|job| job.exhibit),
    }?;
    let name = pod.meta.entity("Pod");
    Some(Judgement::Proven(Finding {
        field: Some(format!("{}.nodeName", pod_spec_path(&subject.kind))),
        value: Some(node.clone()),
        statement: format!(
            "{subject} cannot run because it is pinned to Node {node}, which does not exist."
        ),
        proofs: vec![
            Cite::new(pin, format!("{subject}: nodeName is {node}")),
            Cite::new(pod.exhibit, format!("{name}: {} on Node {node}", pod.phase)),
        ],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Remove nodeName from the source of {subject}, or use a node selector or affinity instead."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} run."),
    }]
}
