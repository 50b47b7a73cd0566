//! An Ingress names a Secret for TLS that is not in its namespace, or holds nothing to serve with, as its controller's log
//! says.

use crate::case::Case;
use crate::case::unserved::{Lack, Unserved};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use evidence::entity::Entity;

pub(super) fn all(case: &Case) -> Vec<Judgement> {
    joined(case.unserved().into_iter().map(one))
}

fn one(bare: Unserved<'_>) -> Finding {
    let ingress = bare.ingress.meta.entity("Ingress");
    let secret = Entity::new("Secret", &bare.ingress.meta.namespace, &bare.secret);
    let statement = format!(
        "{ingress} is not served with its certificate because {secret}, which it names, {}.",
        bare.words()
    );
    let (subject, field, value) = match bare.lack {
        Lack::Unfit(_) => (secret.clone(), "data", None),
        _ => (ingress.clone(), "spec.tls", Some(bare.secret)),
    };
    let mut proofs = bare.cites;
    proofs.push(Cite::new(bare.ingress.exhibit, format!("{ingress} serves with {secret}")));
    Finding {
        field: Some(field.to_owned()),
        value,
        statement,
        proofs,
        doubts: Vec::new(),
        // A controller's log tells of the moment when it looked.
        strength: Strength::Strong,
        explains: vec![ingress],
        subject,
    }
}
