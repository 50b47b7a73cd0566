//! A program may not use a file of its image, as the user that its spec makes it.

use crate::case::complaints::Complaint;
use crate::case::containers::pod_spec_path;
use crate::case::words::said::Said;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::report::Remedy;

/// What a complaint of a failing container says of a file of its image.
pub(super) fn one(complaint: &Complaint<'_>) -> Option<Judgement> {
    let Said::PermissionDenied { path: Some(path) } = &complaint.said else { return None };
    let (container, subject) = (&complaint.container, complaint.root().clone());
    // Nobody may write these, whoever asks.
    let kernel = ["/proc", "/sys", "/dev"].iter().any(|it| path.starts_with(it));
    if !complaint.fails || container.mounted_at(path).is_some() || kernel {
        return None;
    }
    let user = container.user()?;
    let own = container.spec.security.iter().any(|it| it.starts_with("runAsUser="));
    let field = if own {
        container.field("securityContext.runAsUser")
    } else {
        format!("{}.securityContext.runAsUser", pod_spec_path(&subject.kind))
    };
    let says = format!("{}: runs as user {user}", container.pod.meta.entity("Pod"));
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value: Some(user.clone()),
        statement: format!(
            "{subject} fails because user {user}, as whom it runs, may not use {path} of its image."
        ),
        proofs: vec![complaint.cite(), Cite::new(container.pod.exhibit, says)],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// What a human might do about that user.
pub(super) fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Run {subject} as the user that its image was made for, or mount an emptyDir where it writes."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The container starts, and its log no longer says that permission is denied."
            .to_owned(),
    }]
}
