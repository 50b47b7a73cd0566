//! A program may not use a volume that it mounts, as the user that it runs as.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::pod_spec_path;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-11",
    title: "it may not use its volume as the user that it runs as",
    category: Category::Storage,
    proves: "a container's log says now that permission is denied for a path that a volume is mounted at",
    refutes: "the path lies on the image's own file system",
    confused_with: &["CFG-03", "RUN-25", "RBAC-01"],
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
    let Said::PermissionDenied { path: Some(path) } = &complaint.said else { return None };
    let (container, subject) = (&complaint.container, complaint.root().clone());
    let mounted = container.mounted_at(path)?;
    let spec = pod_spec_path(&subject.kind);
    let (volume, at) = (&mounted.mount.volume, &mounted.mount.path);
    let says = format!("{}: volume {volume} is mounted at {at}", container.pod.meta.entity("Pod"));
    let mut proofs = vec![complaint.cite(), Cite::new(container.pod.exhibit, says)];
    let security = &container.pod.it.spec.security;
    let group = security.iter().find_map(|it| it.strip_prefix("fsGroup="));
    // Files of these have a mode of their own, which the volume sets.
    let field = match mounted.kind() {
        "ConfigMap" | "Secret" | "projected" => format!("{spec}.volumes[{volume}]"),
        _ => format!("{spec}.securityContext.fsGroup"),
    };
    let user = container.user();
    let says = match (&user, group) {
        (Some(user), Some(group)) => {
            format!("it runs as user {user}, its volumes belong to group {group}")
        }
        (Some(user), None) => format!("it runs as user {user}, and no fsGroup is set"),
        (None, Some(group)) => format!("its volumes belong to group {group}"),
        (None, None) => "no fsGroup is set".to_owned(),
    };
    proofs.push(Cite::new(container.pod.exhibit, says));
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value: group.map(str::to_owned),
        statement: format!(
            "{subject} fails because it may not use volume {volume} at {at} as the user that it runs as."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Set an fsGroup that the user of {subject} is in, or run it as the user to whom the files belong."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The container starts, and its log no longer says that permission is denied."
            .to_owned(),
    }]
}
