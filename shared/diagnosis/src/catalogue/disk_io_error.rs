//! A disk does not answer.

use crate::case::Case;
use crate::case::containers::Running;
use crate::case::words::last_line;
use crate::case::words::process::says_io_error;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-12",
    title: "its disk does not answer",
    category: Category::Storage,
    proves: "a container that fails wrote last that a disk does not answer (errno EIO)",
    refutes: "the node reports a broken filesystem itself: then the node is the cause",
    confused_with: &["NODE-10", "RUN-05", "STO-09"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let fails = |it: &Running<'_>| it.is_crash_looping() || !it.status.ready;
    one_each(case.containers().filter(fails).filter_map(|container| one(case, &container)))
}

fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let log = case.words_of(container)?;
    let line = last_line(log.it, says_io_error)?;
    let pod = container.pod.meta.entity("Pod");
    let node = &container.pod.it.spec.node_name;
    if reports_itself(case, node) {
        return None;
    }
    let volumes = container.pod.it.spec.volumes.iter().map(|it| &it.object);
    let claims: Vec<&str> = volumes
        .filter(|it| it.kind == "PersistentVolumeClaim")
        .map(|it| it.name.as_str())
        .collect();
    let subject = match claims.as_slice() {
        [claim] => Entity::new("PersistentVolumeClaim", &container.pod.meta.namespace, claim),
        _ if node.is_empty() => return None,
        _ => Entity::new("Node", "", node),
    };
    let says = format!("{pod}: container {} wrote of an I/O error", container.spec.name);
    let root = container.root;
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{root} fails because a disk of {subject} does not answer."),
        proofs: vec![
            Cite::quoting(log.exhibit, says, &line.text),
            Cite::new(container.pod.exhibit, format!("{pod}: on Node {node}, and not ready")),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root.clone()],
        subject,
    }))
}

fn reports_itself(case: &Case, node: &str) -> bool {
    case.node(node).seen().is_some_and(|node| {
        node.it.conditions.iter().any(|it| {
            it.status == "True"
                && matches!(
                    it.kind.as_str(),
                    "ReadonlyFilesystem" | "XfsShutdown" | "FilesystemCorruptionProblem"
                )
        })
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Look at the kernel's log of the machine behind {subject}; restore the data to another disk before anything writes to this one."
        ),
        command: "kubectl get events -A --field-selector involvedObject.kind=Node".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The container no longer writes of I/O errors.".to_owned(),
    }]
}
