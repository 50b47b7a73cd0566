//! An Ingress names a Secret for TLS that is not in its namespace, as its controller's log says.

use crate::case::Case;
use crate::case::certificates::MissingSecret;
use crate::finding::{Cite, Finding, Judgement, Strength};

pub(super) fn all(case: &Case) -> Vec<Judgement> {
    case.missing_secrets().into_iter().map(one).collect()
}

fn one(missing: MissingSecret<'_>) -> Judgement {
    let subject = missing.ingress.meta.entity("Ingress");
    let secret = format!("Secret {}/{}", missing.ingress.meta.namespace, missing.secret);
    let says = format!("{subject} serves with {secret}");
    Judgement::Proven(Finding {
        field: Some("spec.tls".to_owned()),
        value: Some(missing.secret.clone()),
        statement: format!(
            "{subject} is not served with its certificate because {secret}, which it names, does not exist."
        ),
        proofs: vec![missing.cite, Cite::new(missing.ingress.exhibit, says)],
        doubts: Vec::new(),
        // A controller's log tells of the moment when it looked.
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    })
}
