//! An identity provider outside says that the secret by which a workload signs in has expired.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use evidence::entity::Entity;
use evidence::report::Remedy;
use std::collections::BTreeSet;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CLD-05",
    title: "the client secret by which it signs in has expired",
    category: Category::Access,
    proves: "its log repeats now, in the identity provider's words, that its client secret has expired",
    refutes: "the provider says that the secret is wrong, or the account disabled: then it did not expire",
    confused_with: &["DEP-01", "AUTH-08"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// What the variables and keys that hold a client secret have in their names, beside `secret`.
const CLIENT: [&str; 6] = ["client", "azure", "aad", "entra", "oauth", "oidc"];

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    one_each(complaints.iter().filter_map(one))
}

fn one(complaint: &Complaint<'_>) -> Option<Judgement> {
    let Said::SecretExpired = complaint.said else { return None };
    let root = complaint.root().clone();
    let mut proofs = vec![complaint.cite()];
    let mut subject = root.clone();
    if let Some(secret) = secret_of(complaint) {
        let says = format!(
            "{} reads {secret} into its environment",
            complaint.container.pod.meta.entity("Pod")
        );
        proofs.push(Cite::new(complaint.container.pod.exhibit, says));
        subject = secret;
    }
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{root} gets no token because the client secret by which it signs in has expired at the identity provider."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root],
        subject,
    }))
}

/// The one Secret of which the container has a variable that is called a client secret.
fn secret_of(complaint: &Complaint<'_>) -> Option<Entity> {
    let container = &complaint.container;
    let secrets: BTreeSet<&str> = container
        .spec
        .env
        .iter()
        .filter_map(|it| {
            let from = it.from.as_ref().filter(|it| it.kind == "Secret")?;
            let words = [it.name.to_ascii_lowercase(), from.key.to_ascii_lowercase()];
            let named = words.iter().any(|word| {
                word.contains("secret") && CLIENT.iter().any(|sign| word.contains(sign))
            });
            named.then_some(from.name.as_str())
        })
        .collect();
    let mut secrets = secrets.into_iter();
    let first = secrets.next()?;
    let namespace = &container.pod.it.meta.namespace;
    secrets.next().is_none().then(|| Entity::new("Secret", namespace, first))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Make a new client secret at the identity provider, put it into the source of {subject}, and restart who reads it at its start."
        ),
        command: format!(
            "kubectl -n {} describe {}/{}",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its log no longer says that the secret has expired.".to_owned(),
    }]
}
