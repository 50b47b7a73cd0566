//! A process may open no more files, or sockets.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::words::process::says_no_watch;
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

fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    if complaint.said != Said::TooManyFiles {
        return None;
    }
    let root = complaint.root().clone();
    let container = &complaint.container;
    let node = &container.pod.it.spec.node_name;
    // ENFILE is the whole node's: `Too many open files in system`.
    let whole = complaint.line.text.contains("open files in system") && !node.is_empty();
    let watches = !node.is_empty() && only_watches(case, complaint);
    let of_node = Entity::new("Node", "", node);
    let (subject, whose) = if watches {
        (of_node, format!("no user of node {node} may watch more files: inotify has a limit there"))
    } else if whole {
        (of_node, format!("all files that node {node} may have are open"))
    } else {
        (root.clone(), "it has all files open that it may have".to_owned())
    };
    let says = format!("{}: runs on node {node}", container.pod.meta.entity("Pod"));
    let mut proofs = vec![complaint.cite()];
    if whole || watches {
        proofs.push(Cite::new(container.pod.exhibit, says));
    }
    Some(Judgement::Proven(Finding {
        field: watches.then(|| "fs.inotify.max_user_instances".to_owned()),
        value: None,
        statement: format!("{root} fails because {whose}."),
        proofs,
        doubts: Vec::new(),
        strength: if watches { Strength::Strong } else { Strength::Conclusive },
        explains: vec![root],
        subject,
    }))
}

/// Whether it is watches alone that it lacks. A process without files of its own left says so of other calls, too.
fn only_watches(case: &Case, complaint: &Complaint<'_>) -> bool {
    let lacks = case.said_in(complaint.log).filter(|(said, _)| **said == Said::TooManyFiles);
    lacks.into_iter().all(|(_, line)| says_no_watch(&line.text))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if finding.field.is_some() {
        return vec![Remedy {
            action: format!(
                "Raise fs.inotify.max_user_instances on {subject} and its like (512 or more), in the source of the nodes, and see who watches so many files."
            ),
            command: kubectl::object("describe", subject, ""),
            risk: "low".to_owned(),
            reversible: true,
            verify: "Programs there start to watch files, and no longer say so.".to_owned(),
        }];
    }
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
