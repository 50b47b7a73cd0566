//! A container's image cannot be pulled at all: its name is none, or it may not be pulled.

use crate::case::Case;
use crate::case::containers::Running;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "IMG-06",
    title: "its image has a name that is none, or may not be pulled",
    category: Category::Image,
    proves: "a container waits with InvalidImageName, or with ErrImageNeverPull under the pull policy Never",
    refutes: "the kubelet asked a registry: then the name is one",
    confused_with: &["IMG-01"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.containers().filter_map(|container| one(&container)))
}

/// The waiting reasons of `pkg/kubelet/images/types.go`.
fn one(container: &Running<'_>) -> Option<Judgement> {
    let (reason, message) = container.waiting()?;
    let (subject, spec) = (container.root.clone(), container.spec);
    let (field, value, what) = match reason {
        "InvalidImageName" => {
            ("image", spec.image.clone(), "the name of its image is not a valid one".to_owned())
        }
        "ErrImageNeverPull" => (
            "imagePullPolicy",
            spec.pull_policy.clone(),
            format!("its image {} is not on the node and may never be pulled", spec.image),
        ),
        _ => return None,
    };
    let pod = container.pod.meta.entity("Pod");
    let says = format!("{pod}: container {} waits: {reason}", spec.name);
    Some(Judgement::Proven(Finding {
        field: Some(container.field(field)),
        value: Some(value),
        statement: format!("Container {} of {subject} cannot start because {what}.", spec.name),
        proofs: vec![Cite::quoting(container.pod.exhibit, says, message)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let policy = finding.field.as_deref().is_some_and(|it| it.ends_with("imagePullPolicy"));
    vec![Remedy {
        action: match policy {
            true => format!("Allow {subject} to pull, or load the image onto its nodes."),
            false => format!(
                "Write the image of {subject} as REGISTRY/REPOSITORY:TAG in lower case; a template may have left a part empty."
            ),
        },
        command: kubectl::object("edit", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its containers start.".to_owned(),
    }]
}
