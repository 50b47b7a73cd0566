//! A pod asks for a kernel parameter that the kubelet does not let pods set, and is turned away from every node.

use crate::case::Case;
use crate::case::containers::pod_spec_path;
use crate::case::words::names::between;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::report::Remedy;

/// `status.reason` of such a pod: `ForbiddenReason` in `pkg/kubelet/sysctl/allowlist.go`.
const REASON: &str = "SysctlForbidden";

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for pod in case.pods().filter(|it| it.reason == REASON) {
        let subject = case.root_of(&pod.it.meta, "Pod");
        // Of a workload that asks no more, these pods are left over.
        let asks_still = case.revisions_of(&subject).first().is_none_or(|newest| {
            pod.it.meta.owner.as_ref() == Some(&newest.meta.entity(&newest.it.kind))
        });
        if !asks_still {
            continue;
        }
        let entity = pod.meta.entity("Pod");
        let name = between(&pod.it.message, "\"", "\"").unwrap_or("a kernel parameter");
        judgements.push(Judgement::Proven(Finding {
            field: Some(format!("{}.securityContext.sysctls", pod_spec_path(&subject.kind))),
            value: Some(name.to_owned()),
            statement: format!(
                "Pods of {subject} are turned away by their nodes because it sets {name}, which the kubelet there does not let pods set."
            ),
            proofs: vec![Cite::quoting(
                pod.exhibit,
                format!("{entity} has failed: {REASON}"),
                &pod.it.message,
            )],
            doubts: Vec::new(),
            strength: Strength::Conclusive,
            explains: vec![subject.clone()],
            subject,
        }));
    }
    judgements
}

/// What a human might do about a kernel parameter that pods may not set.
pub(super) fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let name = finding.value.as_deref().unwrap_or("the kernel parameter");
    vec![Remedy {
        action: format!(
            "Take {name} out of the pod template of {subject}, or let the kubelets of the nodes that it is meant for allow it (--allowed-unsafe-sysctls)."
        ),
        command: format!(
            "kubectl -n {} get {}/{} -o jsonpath={{{}}}",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name,
            finding.field.as_deref().map(|it| format!(".{it}")).unwrap_or_default(),
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: "New pods are no longer turned away with SysctlForbidden.".to_owned(),
    }]
}
