//! A controller of Ingresses says itself that a certificate has ended that it serves with.

use crate::case::ended::Ended;
use crate::finding::{Cite, Finding, Strength};

/// What is to be said against a Secret by which one of the Ingresses serves a host, where not all of them were seen.
pub(super) const UNSEEN: &str =
    "the host may be served with another Secret, for not all Ingresses were seen";

pub(super) fn finding(ended: Ended<'_>) -> Finding {
    let Ended { secret, ingress, at, cite, only } = ended;
    let served = ingress.meta.entity("Ingress");
    let (strength, doubts) = if only {
        (Strength::Strong, Vec::new())
    } else {
        (Strength::Suggestive, vec![Cite::new(ingress.exhibit, UNSEEN)])
    };
    Finding {
        field: None,
        value: None,
        statement: format!(
            "Clients of {served} are warned or turn away because the certificate of {secret} ended at {at}."
        ),
        proofs: vec![cite, Cite::new(ingress.exhibit, format!("{served} serves with {secret}"))],
        doubts,
        strength,
        explains: vec![served],
        subject: secret,
    }
}
