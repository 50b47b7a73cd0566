//! A container cannot be made because a ConfigMap, a Secret or a key of one is missing.

use crate::case::Case;
use crate::case::missing::{Lack, said_missing};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CFG-01",
    title: "a ConfigMap or Secret that its environment needs is missing",
    category: Category::Configuration,
    proves: "a container waits with CreateContainerConfigError, and the kubelet names the object or the key that it does not find",
    refutes: "the object and the key are there by now",
    confused_with: &["STO-07", "CFG-03"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut lacks = Vec::new();
    for container in case.containers() {
        let Some(("CreateContainerConfigError", said)) = container.waiting() else { continue };
        let pod = &container.pod.meta;
        let Some(missing) = said_missing(said, &pod.namespace) else { continue };
        let name = &container.spec.name;
        let says =
            format!("{}: container {name} waits: CreateContainerConfigError", pod.entity("Pod"));
        lacks.push(Lack {
            missing,
            root: container.root.clone(),
            cite: Cite::quoting(container.pod.exhibit, says, said),
            strength: Strength::Conclusive,
        });
    }
    case.blame(lacks)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let action = match (subject.kind.as_str(), &finding.field) {
        ("ConfigMap" | "Secret", None) => format!("Create {subject} again from its source."),
        ("ConfigMap" | "Secret", Some(field)) => {
            format!("Add {field} to {subject} in its source.")
        }
        _ => format!("Correct the name in the source of {subject}, or create what it names."),
    };
    vec![Remedy {
        action,
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "No container waits with CreateContainerConfigError any more.".to_owned(),
    }]
}
