//! Scratch space of a pod is full: /dev/shm or an emptyDir.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::pod_spec_path;
use crate::case::evictions::{Eviction, Over};
use crate::case::words::said::Said;
use crate::case::words::store::Store;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-18",
    title: "its scratch space is full",
    category: Category::Runtime,
    proves: "a container's log says now that no space is left in /dev/shm or at a path that an emptyDir is mounted at; or the kubelet evicted its pods for what they wrote themselves",
    refutes: "the path lies on a claim's volume, or the node's disk is full",
    confused_with: &["STO-09", "NODE-04"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut findings: Vec<Finding> = case
        .complaints()
        .iter()
        .filter_map(|it| quoted(case, it).or_else(|| one(case, it)))
        .collect();
    findings.extend(case.evictions().iter().map(evicted));
    joined(findings)
}

/// What a client of PostgreSQL says of shared memory, it repeats: the segment is the server's.
fn quoted(case: &Case, complaint: &Complaint<'_>) -> Option<Finding> {
    let Said::OutOfSpace { path: Some(path) } = &complaint.said else { return None };
    let server = Store::of_image(&complaint.container.spec.image);
    let theirs = complaint.line.text.contains("shared memory segment \"/PostgreSQL.")
        && complaint.store == Some(Store::Postgres)
        && server.is_none();
    if path != "/dev/shm" || !theirs {
        return None;
    }
    let service = case.complained_of(complaint);
    let subject = match service {
        Some(service) => case.behind(service),
        None => case.only_store(complaint)?,
    };
    let serving = case.workload(&subject).seen()?;
    let mut proofs = vec![complaint.cite()];
    proofs.push(Cite::new(serving.exhibit, format!("{subject} is the server that says so")));
    let explains = vec![subject.clone(), complaint.root().clone()];
    Some(finding(subject, "volumes", "its /dev/shm is full", proofs, explains))
}

fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Finding> {
    let Said::OutOfSpace { path: Some(path) } = &complaint.said else { return None };
    let (container, subject) = (&complaint.container, complaint.root().clone());
    let mounted = container.mounted_at(path);
    let shared = path == "/dev/shm" || path.starts_with("/dev/shm/");
    let mut proofs = vec![complaint.cite()];
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
            (format!("volumes[{volume}]"), format!("its emptyDir {volume} is full"))
        }
        None if shared => {
            let says = "no volume is mounted at /dev/shm, so that it has the runtime's 64 MiB";
            proofs.push(Cite::new(container.pod.exhibit, says));
            ("volumes".to_owned(), "its /dev/shm is full".to_owned())
        }
        _ => return None,
    };
    let explains = vec![subject.clone()];
    Some(finding(subject, &field, &what, proofs, explains))
}

/// The kubelet put a pod out for what that pod wrote itself.
fn evicted(eviction: &Eviction<'_>) -> Finding {
    let (field, what) = match &eviction.over {
        Over::Volume { name, limit } => (
            format!("volumes[{name}].emptyDir.sizeLimit"),
            format!("it wrote more than {limit} into its emptyDir {name}"),
        ),
        Over::Container { name, limit } => (
            format!("containers[{name}].resources.limits.ephemeral-storage"),
            format!("its container {name} wrote more than {limit} to the node's disk"),
        ),
    };
    let root = eviction.root.clone();
    let explains = vec![root.clone()];
    finding(root, &field, &what, vec![eviction.cite()], explains)
}

fn finding(
    subject: Entity,
    field: &str,
    what: &str,
    proofs: Vec<Cite>,
    explains: Vec<Entity>,
) -> Finding {
    let spec = pod_spec_path(&subject.kind);
    Finding {
        field: Some(format!("{spec}.{field}")),
        value: None,
        statement: format!("{subject} fails because {what}."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Give {subject} more room there in its source: at /dev/shm an emptyDir with medium Memory, which counts towards the memory limit; else a larger limit; or have it write less."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its log no longer says that no space is left, and no pod of it is evicted."
            .to_owned(),
    }]
}
