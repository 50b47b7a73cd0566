//! A node reports that its kernel, disk or services are broken.

use crate::case::Case;
use crate::case::words::last_line;
use crate::case::words::process::says_io_error;
use crate::engine::impact::may_be_the_nodes;
use crate::engine::symptoms::is_ready;
use crate::engine::symptoms::nodes::is_problem;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::node::Node;
use evidence::fact::pod::Pod;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-10",
    title: "a node reports that it is broken",
    category: Category::Node,
    proves: "node-problem-detector has set one of its conditions on the node within the window, or pods of that node fail",
    refutes: "the condition is False, or it is old and all pods of the node are well",
    confused_with: &["NODE-01", "NODE-02", "STO-12"],
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
    if !case.is_ready_node(&node.meta.name) {
        return None; // Its kubelet says more, or nothing any more.
    }
    let bad = node.it.conditions.iter().find(|it| is_problem(case, &node, it))?;
    let subject = node.meta.entity("Node");
    let mut explains: Vec<Entity> = vec![subject.clone()];
    let on_it = case.pods().filter(|pod| {
        pod.it.spec.node_name == node.meta.name
            && !is_ready(pod.it)
            && (may_be_the_nodes(case, pod.it) || finds_no_disk(case, pod.it))
    });
    explains.extend(on_it.map(|pod| case.root_of(&pod.meta, "Pod")));
    explains.dedup();
    let says = format!("{subject}: {} is True ({})", bad.kind, bad.reason);
    let what = what(&bad.kind);
    Some(Judgement::Proven(Finding {
        field: Some(format!("status.conditions[{}]", bad.kind)),
        value: Some("True".to_owned()),
        statement: format!("{subject} reports that {what}."),
        proofs: vec![Cite::quoting(node.exhibit, says, &bad.message)],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    }))
}

/// A program that ends because its disk does not answer, or may only be read.
fn finds_no_disk(case: &Case, pod: &Pod) -> bool {
    let name = pod.meta.entity("Pod");
    let shows = |text: &str| says_io_error(text) || text.contains("ead-only file system");
    case.containers().any(|it| {
        let log = (it.pod.meta.entity("Pod") == name).then(|| case.words_of(&it)).flatten();
        log.is_some_and(|log| last_line(log.it, shows).is_some())
    })
}

fn what(kind: &str) -> &'static str {
    match kind {
        "KernelDeadlock" => "its kernel hangs",
        "ReadonlyFilesystem" => "a filesystem of it went read-only, as disks that fail do",
        "XfsShutdown" | "FilesystemCorruptionProblem" => "a filesystem of it is corrupt",
        "FrequentKubeletRestart" | "KubeletUnhealthy" => "its kubelet restarts or hangs",
        "FrequentUnregisterNetDevice" => "its kernel does not give network devices back",
        _ => "its container runtime restarts or hangs",
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Drain {subject} if others can take its pods, and repair or replace the machine."
        ),
        command: format!("kubectl describe node {}", subject.name),
        risk: "medium".to_owned(),
        reversible: true,
        verify: format!("The conditions of {subject} are as they should be."),
    }]
}
