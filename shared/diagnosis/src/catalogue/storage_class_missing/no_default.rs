//! A claim names no class, and no class is the default.

use crate::case::Case;
use crate::case::touching::toucher;
use crate::case::unfit::Unfit;
use crate::finding::{Cite, Finding, Judgement, joined};
use crate::seen::Seen;
use evidence::fact::storage::{Claim, StorageClass};
use evidence::report::Remedy;

/// The annotation of the default class.
const IS_DEFAULT: &str = "metadata.annotations[storageclass.kubernetes.io/is-default-class]";

/// What the facts say of claims that name no class.
pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let unfit = case.unfit_claims();
    let lacking = unfit.iter().filter(|it| case.lacks_default(it));
    joined(lacking.map(|it| one(case, it)))
}

fn one(case: &Case, unfit: &Unfit<'_>) -> Finding {
    let claim = unfit.name();
    let why = "it names no storage class and no class is the default";
    let mut finding = unfit.finding(case, "spec.storageClassName", why);
    let Some((given, class)) = default_before(case, &unfit.claim) else { return finding };
    let (older, subject) =
        (given.meta.entity("PersistentVolumeClaim"), class.meta.entity("StorageClass"));
    finding.statement = format!(
        "{claim} gets no volume because it names no storage class and no class is the default any more: {subject} was."
    );
    let says = format!(
        "{older}: has class {}, which nobody wrote into it: the API server did, as it was the default",
        subject.name
    );
    finding.proofs.push(Cite::new(given.exhibit, says));
    finding.proofs.push(Cite::new(class.exhibit, format!("{subject}: is not the default")));
    finding.field = Some(IS_DEFAULT.to_owned());
    finding.subject = subject;
    finding
}

/// The youngest older claim that was given a class as it named none, and that class, which is there still. What admission
/// fills in is in no entry of `managedFields`, which are written before.
fn default_before<'a>(
    case: &'a Case,
    claim: &Claim,
) -> Option<(Seen<'a, Claim>, Seen<'a, StorageClass>)> {
    let given = case.claims().filter(|it| {
        let older = it.meta.created.is_some() && it.meta.created < claim.meta.created;
        let known =
            it.meta.touches.iter().any(|it| it.fields.iter().any(|it| it.contains("spec.")));
        older && known && toucher(&it.it.meta, "spec.storageClassName").is_none()
    });
    let given = given.filter_map(|it| {
        let class = it.it.class.as_deref().filter(|it| !it.is_empty())?;
        Some((it, case.storage_class(class).seen()?))
    });
    given.max_by_key(|(it, _)| it.it.meta.created)
}

/// What a human might do where no class is the default.
pub(super) fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let action = match subject.kind.as_str() {
        "StorageClass" => format!(
            "Make {subject}, or the class that replaces it, the default in its source: since Kubernetes 1.26 claims that wait without a class get it then."
        ),
        _ => format!(
            "Make a class the default, which claims that wait without one get then, or make {subject} again with a class."
        ),
    };
    vec![Remedy {
        action,
        command: "kubectl get storageclasses".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "One class is marked as the default, and the claim is Bound.".to_owned(),
    }]
}
