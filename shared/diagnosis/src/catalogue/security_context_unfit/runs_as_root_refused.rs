//! A container may not run as root, and its image would.

use crate::case::containers::{Running, pod_spec_path};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::report::Remedy;

/// The three sentences of `verifyRunAsNonRoot` in `pkg/kubelet/kuberuntime/security_context_others.go`.
fn reason(said: &str) -> Option<&'static str> {
    if said.contains("container has runAsNonRoot and image will run as root") {
        Some("its image runs as root")
    } else if said.contains("container has runAsNonRoot and image has non-numeric user") {
        Some("its image names its user by a word, which may be root")
    } else if said.contains("container's runAsUser breaks non-root policy") {
        Some("it asks for user 0 itself")
    } else {
        None
    }
}

/// What the kubelet says of a container's user.
pub(super) fn one(container: &Running<'_>) -> Option<Judgement> {
    let ("CreateContainerConfigError", said) = container.waiting()? else { return None };
    let reason = reason(said)?;
    let (subject, spec) = (container.root.clone(), container.spec);
    let pod = container.pod.meta.entity("Pod");
    let says = format!("{pod}: container {} waits: CreateContainerConfigError", spec.name);
    let set = |key: &str| spec.security.iter().any(|it| it.starts_with(key));
    let field = if set("runAsUser=0") {
        container.field("securityContext.runAsUser")
    } else if set("runAsNonRoot=") {
        container.field("securityContext.runAsNonRoot")
    } else {
        format!("{}.securityContext.runAsNonRoot", pod_spec_path(&subject.kind))
    };
    let value = if set("runAsUser=0") { "0" } else { "true" };
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value: Some(value.to_owned()),
        statement: format!(
            "Container {} of {subject} cannot start because it may not run as root, and {reason}.",
            spec.name
        ),
        proofs: vec![Cite::quoting(container.pod.exhibit, says, said)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// What a human might do about a container that may not run as root.
pub(super) fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Give {subject} a runAsUser above 0 that its image can work with, or an image with a numeric user of its own."
        ),
        command: kubectl::object("edit", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its containers start, and can write where they must.".to_owned(),
    }]
}
