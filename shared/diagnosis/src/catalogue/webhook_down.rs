//! An admission webhook that must answer does not.

use crate::case::Case;
use crate::case::denials::{Denial, between};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-07",
    title: "an admission webhook that must agree does not answer",
    category: Category::Admission,
    proves: "a controller that lacks pods is told `failed calling webhook`, and that nobody answers",
    refutes: "the webhook answers by now",
    confused_with: &["ADM-08", "API-01"],
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
    // failed calling webhook "NAME": failed to call webhook: Post "https://SERVICE.NAMESPACE.svc:443/...": WHY
    let hook = between(&denial.said, "failed calling webhook \"", "\"")?;
    let host = between(&denial.said, "Post \"https://", "/")?;
    if denial.said.contains("x509:") {
        return None; // It answers, and is not trusted: ADM-08.
    }
    let mut parts = host.split(['.', ':']);
    let (service, namespace) = (parts.next()?, parts.next()?);
    let subject = Entity::new("Service", namespace, service);
    let mut proofs = denial.cites.clone();
    if let Some(endpoints) = case.endpoints(namespace, service).seen() {
        proofs.push(Cite::new(
            endpoints.exhibit,
            format!("{subject} has {} ready endpoints", endpoints.ready),
        ));
    }
    let root = &denial.root;
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{root} lacks pods because the admission webhook {hook} does not answer at {subject}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root.clone(), subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Bring the pods behind {subject} back; until then the webhook's namespaceSelector can be narrowed by its owner."
        ),
        command: format!("kubectl -n {} get endpointslices,pods", subject.namespace),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "No new FailedCreate event names the webhook.".to_owned(),
    }]
}
