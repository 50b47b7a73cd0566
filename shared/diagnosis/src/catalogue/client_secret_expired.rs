//! An identity provider or an API outside says that the secret or token by which a workload signs in has expired.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::Running;
use crate::case::expired::{is_token, own_token, secret_of};
use crate::case::words::last_line;
use crate::case::words::limits::token_expired_at;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CLD-05",
    title: "the client secret or token by which it signs in has expired",
    category: Category::Access,
    proves: "its log repeats now, in the identity provider's words, that its client secret has expired; or it ends, and its log says last that an API outside answers its call with that its token has expired; or it runs, repeats that, and has a token from one Secret",
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
    let tokens = case.containers().filter_map(|it| of_token(case, &it));
    let shown = complaints.iter().filter_map(shown);
    one_each(complaints.iter().filter_map(one).chain(shown).chain(tokens))
}

/// A program that runs, and whose own token is no longer good for the API that it calls.
fn shown(complaint: &Complaint<'_>) -> Option<Judgement> {
    let (host, subject) = own_token(complaint)?;
    let root = complaint.root().clone();
    let pod = complaint.container.pod;
    let reads = format!("{} reads {subject} into its environment", pod.meta.entity("Pod"));
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{root} calls {host} in vain because the token by which it signs in, from {subject}, has expired."
        ),
        proofs: vec![complaint.cite(), Cite::new(pod.exhibit, reads)],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        subject,
    }))
}

/// A program that ends, since its token is no longer good for the API that it calls.
fn of_token(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    case.fails_by_ending(container)?;
    let log = case.words_of(container)?;
    let line = last_line(log.it, |text| token_expired_at(text).is_some())?;
    let host = token_expired_at(&line.text)?;
    let (root, pod) = (container.root.clone(), container.pod.meta.entity("Pod"));
    let name = &container.spec.name;
    let says = format!("{pod}: container {name} wrote before it ended that its token has expired");
    let mut proofs = vec![Cite::quoting(log.exhibit, says, &line.text)];
    let mut subject = root.clone();
    if let Some(secret) = secret_of(container, is_token) {
        let says = format!("{pod} reads {secret} into its environment");
        proofs.push(Cite::new(container.pod.exhibit, says));
        subject = secret;
    }
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "Container {name} of {root} ends because the token by which it signs in at {host} has expired."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root],
        subject,
    }))
}

fn one(complaint: &Complaint<'_>) -> Option<Judgement> {
    let Said::SecretExpired = complaint.said else { return None };
    let root = complaint.root().clone();
    let mut proofs = vec![complaint.cite()];
    let mut subject = root.clone();
    let client = |variable: &str, key: &str| {
        let mut words = [variable, key].into_iter();
        words.any(|it| it.contains("secret") && CLIENT.iter().any(|sign| it.contains(sign)))
    };
    if let Some(secret) = secret_of(&complaint.container, client) {
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

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Make a new one where it signs in, put it into the source of {subject}, and restart who reads it at its start."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its log no longer says that it has expired.".to_owned(),
    }]
}
