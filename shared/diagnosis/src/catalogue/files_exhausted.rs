//! A process may open no more files, or sockets.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-17",
    title: "it may open no more files",
    category: Category::Runtime,
    proves: "a container's log repeats now, in the kernel's words, that it has too many files open",
    refutes: "it was said once, or long ago",
    confused_with: &["RUN-19", "NODE-06"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    one_each(complaints.iter().filter_map(|it| one(case, it)))
}

fn one(_: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    if complaint.said != Said::TooManyFiles {
        return None;
    }
    let root = complaint.root().clone();
    let container = &complaint.container;
    let node = &container.pod.it.spec.node_name;
    // ENFILE is the whole node's: `Too many open files in system`.
    let whole = complaint.line.text.contains("open files in system") && !node.is_empty();
    let (subject, whose) = if whole {
        (Entity::new("Node", "", node), format!("all files that node {node} may have are open"))
    } else {
        (root.clone(), "it has all files open that it may have".to_owned())
    };
    let says = format!("{}: runs on node {node}", container.pod.meta.entity("Pod"));
    let mut proofs = vec![complaint.cite()];
    if whole {
        proofs.push(Cite::new(container.pod.exhibit, says));
    }
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{root} fails because {whose}."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find what {subject} opens and does not close: connections that are not reused, most often. Start it again to gain time; a higher limit only delays it."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The number of open files stays level, and the log no longer says so.".to_owned(),
    }]
}
