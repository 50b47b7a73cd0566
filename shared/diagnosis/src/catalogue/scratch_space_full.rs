//! Scratch space of a pod is full: /dev/shm or an emptyDir.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::pod_spec_path;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use evidence::fact::meta::condition;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-18",
    title: "its scratch space is full",
    category: Category::Runtime,
    proves: "a container's log says now that no space is left in /dev/shm or at a path that an emptyDir is mounted at",
    refutes: "the path lies on a claim's volume, or the node's disk is full",
    confused_with: &["STO-09", "NODE-04"],
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
    let Said::OutOfSpace { path: Some(path) } = &complaint.said else { return None };
    let (container, subject) = (&complaint.container, complaint.root().clone());
    let mounted = container.mounted_at(path);
    let shared = path == "/dev/shm" || path.starts_with("/dev/shm/");
    let mut proofs = vec![complaint.cite()];
    let spec = pod_spec_path(&subject.kind);
    let (field, what) = match mounted {
        Some(it) if it.kind() == "emptyDir" => {
            // On the node's disk it is full where the node is.
            let node = case.node(&container.pod.it.spec.node_name).seen();
            let pressed = node.and_then(|it| condition(&it.it.conditions, "DiskPressure"));
            if pressed.is_some_and(|it| it.status == "True") {
                return None;
            }
            let volume = &it.mount.volume;
            let says = format!("{} is emptyDir {volume}", it.mount.path);
            proofs.push(Cite::new(container.pod.exhibit, says));
            (format!("{spec}.volumes[{volume}]"), format!("its emptyDir {volume} is full"))
        }
        None if shared => {
            let says = "no volume is mounted at /dev/shm, so that it has the runtime's 64 MiB";
            proofs.push(Cite::new(container.pod.exhibit, says));
            (format!("{spec}.volumes"), "its /dev/shm is full".to_owned())
        }
        _ => return None,
    };
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value: None,
        statement: format!("{subject} fails because {what}."),
        proofs,
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
            "Mount an emptyDir with medium Memory and a larger sizeLimit there in the source of {subject}; it counts towards the memory limit."
        ),
        command: format!(
            "kubectl -n {} get {}/{} -o yaml",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its log no longer says that no space is left.".to_owned(),
    }]
}
