//! Credentials that were good once: the same template was pulled with them before.

use crate::case::Case;
use crate::case::pulls::Pull;
use crate::finding::{Cite, Finding, Strength};
use evidence::entity::Entity;
use jiff::SignedDuration;

/// A pod that is made so long after its template is not the first of it.
const LATER: SignedDuration = SignedDuration::from_hours(1);

/// What registries say to a login that they do not know, or no more. What they say of the repository is another matter.
const UNKNOWN: [&str; 4] = [
    "401 Unauthorized",
    "authentication required",
    "token has expired",
    "incorrect username or password",
];

/// That no login was sent at all.
const ANONYMOUS: &str = "anonymous token";

/// The Secret to renew, where the pod names one alone.
pub(super) fn finding(case: &Case, pull: &Pull<'_>) -> Option<Finding> {
    let Pull { container, said, cites } = pull;
    let pod = container.pod;
    let [name] = pod.it.spec.pull_secrets.as_slice() else { return None };
    if said.contains(ANONYMOUS) || !UNKNOWN.iter().any(|it| said.contains(it)) {
        return None;
    }
    let root = container.root.clone();
    let newest = *case.revisions_of(&root).first()?;
    let (made, started) = (newest.meta.created?, pod.meta.created?);
    let image = &container.spec.image;
    let asked = newest.it.template.containers.iter().find(|it| it.name == container.spec.name)?;
    if started.duration_since(made) < LATER || asked.image != *image {
        return None;
    }
    let secret = Entity::new("Secret", &pod.meta.namespace, name);
    let mut proofs = cites.clone();
    let says = format!("{root} asks for {image} since {made}, and this pod was made at {started}");
    proofs.push(Cite::new(newest.exhibit, says));
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "{root} cannot pull {image} because the registry does not accept the credentials of {secret} any more, with which it was pulled before."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        subject: secret,
    })
}
