//! A program writes to a volume that is mounted to be read only.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-25",
    title: "it writes to a volume that is mounted to be read only",
    category: Category::Runtime,
    proves: "a failing container's log says that a file system is read-only, and the spec mounts the volume of that path so",
    refutes: "the spec lets it write to that volume: then the volume itself has failed",
    confused_with: &["CFG-03", "STO-11", "STO-12", "DEP-06"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.complaints().iter().filter_map(one))
}

fn one(complaint: &Complaint<'_>) -> Option<Judgement> {
    let Said::ReadOnlyFiles { path: Some(path) } = &complaint.said else { return None };
    let (container, subject) = (&complaint.container, complaint.root().clone());
    let mounted = container.mounted_at(path)?;
    if mounted.may_be_written() {
        return None;
    }
    let (volume, at) = (&mounted.mount.volume, &mounted.mount.path);
    let pod = container.pod.meta.entity("Pod");
    let says = format!("{pod}: volume {volume} is mounted at {at} to be read only");
    Some(Judgement::Proven(Finding {
        field: Some(container.field(&format!("volumeMounts[{volume}]"))),
        value: None,
        statement: format!(
            "{subject} fails because it writes at {path}, where its spec lets it only read."
        ),
        proofs: vec![complaint.cite(), Cite::new(container.pod.exhibit, says)],
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
            "Have {subject} write elsewhere, such as to an emptyDir, or mount the volume so that it may write."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify:
            "The container starts, and its log no longer says that the file system is read-only."
                .to_owned(),
    }]
}
