//! A workload names an image that its registry does not have.

use crate::case::Case;
use crate::case::denials::between;
use crate::case::pulls::{Pull, says_not_found, says_refused, says_too_many, says_unreachable};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "IMG-01",
    title: "its image does not exist in the registry",
    category: Category::Image,
    proves: "a container waits for its image, and the registry says that there is no such image or tag",
    refutes: "the registry refuses our credentials, or was not reached: then nobody knows whether the image exists",
    confused_with: &["IMG-02", "IMG-03", "IMG-04"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    // What its template does not name its workload did not ask for: ADM-10.
    let asked_for = case.pulls().into_iter().filter(|it| !case.was_given_image(&it.container));
    one_each(asked_for.map(one))
}

fn one(pull: Pull<'_>) -> Judgement {
    let (subject, image) = (pull.container.root.clone(), &pull.container.spec.image);
    let other =
        says_refused(&pull.said) || says_unreachable(&pull.said) || says_too_many(&pull.said);
    if !says_not_found(&pull.said) || other {
        let why = format!("the registry did not say that {image} does not exist");
        return Judgement::Refuted(Refutation { subject, why, proofs: pull.cites });
    }
    Judgement::Proven(Finding {
        field: Some(pull.container.field("image")),
        value: Some(image.clone()),
        statement: format!(
            "{subject} cannot start because its image {image} does not exist in the registry."
        ),
        proofs: pull.cites,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let kind = subject.kind.to_lowercase();
    let field = finding.field.as_deref().unwrap_or_default();
    let container = between(field, "[", "]").unwrap_or("CONTAINER");
    vec![Remedy {
        action: format!(
            "Correct the image tag in the source of {subject}, or push the missing tag."
        ),
        command: format!(
            "kubectl -n {} set image {kind}/{} {container}=IMAGE:TAG",
            subject.namespace, subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: kubectl::object("rollout status", subject, ""),
    }]
}
