//! A registry hands out no more images for now: too many were pulled.

use crate::case::Case;
use crate::case::containers::pod_spec_path;
use crate::case::pulls::{Pull, registry_of, says_too_many};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::report::Remedy;
use std::collections::{BTreeMap, BTreeSet};

pub(super) static MODE: FailureMode = FailureMode {
    id: "IMG-04",
    title: "the registry's limit of pulls is reached",
    category: Category::Image,
    proves: "a container waits for its image, and the registry answers `toomanyrequests`",
    refutes: "the registry refuses for another reason",
    confused_with: &["IMG-02", "IMG-03"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let pulls: Vec<Pull<'_>> =
        case.pulls().into_iter().filter(|it| says_too_many(&it.said)).collect();
    let mut registries: BTreeMap<&str, Vec<&Pull<'_>>> = BTreeMap::new();
    for pull in &pulls {
        registries.entry(registry_of(&pull.container.spec.image)).or_default().push(pull);
    }
    registries.into_iter().filter_map(|(registry, pulls)| one(registry, &pulls)).collect()
}

/// All workloads that one registry puts off have one fault in common.
fn one(registry: &str, pulls: &[&Pull<'_>]) -> Option<Judgement> {
    let container = &pulls.first()?.container;
    let subject = container.root.clone();
    let roots: BTreeSet<&Entity> = pulls.iter().map(|it| it.container.root).collect();
    let explains: Vec<Entity> = roots.into_iter().cloned().collect();
    let whom = match explains.len() {
        1 => subject.to_string(),
        count => format!("{subject} and {} more", count - 1),
    };
    let secrets = container.pod.it.spec.pull_secrets.join(", ");
    let proofs: Vec<Cite> = pulls.iter().take(2).flat_map(|it| it.cites.clone()).collect();
    Some(Judgement::Proven(Finding {
        field: Some(format!("{}.imagePullSecrets", pod_spec_path(&subject.kind))),
        value: Some(secrets).filter(|it| !it.is_empty()),
        statement: format!(
            "{whom} cannot start because the registry {registry} hands out no more images for now: too many were pulled."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Pull with an account's credentials, or from a mirror of your own, in the source of {subject}; or wait until the limit is lifted."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The kubelet pulls the image at its next try, and the pod starts.".to_owned(),
    }]
}
