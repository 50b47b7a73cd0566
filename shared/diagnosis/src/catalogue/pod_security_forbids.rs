//! The namespace's pod security level forbids a workload's pods.

use crate::case::Case;
use crate::case::containers::pod_spec_path;
use crate::case::denials::{Denial, between};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-06",
    title: "the namespace's pod security level forbids it",
    category: Category::Admission,
    proves: "a controller that lacks pods is told `violates PodSecurity`, or by OpenShift that no security context constraint allows them",
    refutes: "the pods are admitted by now",
    confused_with: &["ADM-07", "CFG-03"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.denials().iter().filter_map(|denial| one(case, denial)).collect()
}

fn one(case: &Case, denial: &Denial) -> Option<Judgement> {
    if let Some(refused) = by_constraints(denial) {
        return Some(refused);
    }
    // violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (...), ...
    let level = between(&denial.said, "violates PodSecurity \"", "\"")?;
    let first = between(&denial.said, "\": ", " (")?;
    let subject = denial.root.clone();
    let mut proofs = denial.cites.clone();
    let namespace = case.namespaces().find(|it| it.meta.name == subject.namespace);
    if let Some(namespace) = namespace {
        let name = namespace.meta.entity("Namespace");
        proofs.push(Cite::new(namespace.exhibit, format!("{name} enforces a pod security level")));
    }
    Some(Judgement::Proven(Finding {
        field: Some(format!("{}.securityContext", pod_spec_path(&denial.root.kind))),
        value: None,
        statement: format!(
            "{subject} lacks pods because its namespace enforces pod security {level}, which it violates: {first}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// OpenShift's own: `unable to validate against any security context constraint: [provider "anyuid": Forbidden: ...,
/// provider restricted-v2: .containers[0].runAsUser: Invalid value: 0: must be in the ranges: [...], ...]`.
fn by_constraints(denial: &Denial) -> Option<Judgement> {
    const SIGN: &str = "unable to validate against any security context constraint: ";
    let (_, said) = denial.said.split_once(SIGN)?;
    let subject = denial.root.clone();
    // Constraints that the account may not use say nothing of the pod; the first field that one of the others refuses does.
    let list = said.trim_end().trim_start_matches('[');
    let list = list.strip_suffix(']').unwrap_or(list);
    let first = list.split(", provider ").find_map(|part| {
        let at = [".containers[", ".initContainers[", ".spec."].iter().find_map(|it| part.find(it));
        part.get(at?..)
    });
    let what = first.map(|it| format!(": {it}")).unwrap_or_default();
    Some(Judgement::Proven(Finding {
        field: Some(format!("{}.securityContext", pod_spec_path(&subject.kind))),
        value: None,
        statement: format!(
            "{subject} lacks pods because no security context constraint that its account may use allows them{what}."
        ),
        proofs: denial.cites.clone(),
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
            "Set the security context that the level asks for in the pod template of {subject}; change the namespace's label only after review."
        ),
        command: format!("kubectl get namespace {} --show-labels", subject.namespace),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("{subject} has all its pods."),
    }]
}
