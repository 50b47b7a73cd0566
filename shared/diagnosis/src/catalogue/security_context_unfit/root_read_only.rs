//! A program writes to the file system of its image, which its spec makes read-only.

use crate::case::complaints::Complaint;
use crate::case::words::said::Said;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::report::Remedy;

/// What a complaint says of the root file system.
pub(super) fn one(complaint: &Complaint<'_>) -> Option<Judgement> {
    let (container, subject) = (&complaint.container, complaint.root().clone());
    let (written, path) = match &complaint.said {
        Said::ReadOnlyFiles { path } => ("", path.as_ref()),
        Said::NoTemporaryDirectory { paths } if container.may_write_none_of(paths) => {
            (" temporary files", paths.first())
        }
        _ => return None,
    };
    let mounted = path.and_then(|it| container.mounted_at(it)).is_some();
    if !container.has_locked_root() || mounted && written.is_empty() {
        return None;
    }
    let says = format!(
        "{}: the root file system of container {} is read-only",
        container.pod.meta.entity("Pod"),
        container.spec.name
    );
    let at = path.map(|it| format!(" at {it}")).unwrap_or_default();
    Some(Judgement::Proven(Finding {
        field: Some(container.field("securityContext.readOnlyRootFilesystem")),
        value: Some("true".to_owned()),
        statement: format!(
            "{subject} fails because it writes{written}{at}, where its spec lets it only read."
        ),
        proofs: vec![complaint.cite(), Cite::new(container.pod.exhibit, says)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// What a human might do about a root file system that is read-only.
pub(super) fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!("Mount an emptyDir where {subject} writes; that keeps the rest read-only."),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify:
            "The container starts, and its log no longer says that the file system is read-only."
                .to_owned(),
    }]
}
