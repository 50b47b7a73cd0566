//! Clients answer a controller of Ingresses that the certificate has expired that it serves with.

use crate::case::lapsed::Lapsed;
use crate::finding::{Cite, Finding, Strength};

pub(super) fn finding(lapsed: Lapsed<'_>) -> Finding {
    let secret = lapsed.secret;
    let door = lapsed.complaint.root().clone();
    let served: Vec<_> = lapsed.ingresses.iter().map(|it| it.meta.entity("Ingress")).collect();
    let mut proofs = vec![lapsed.complaint.cite()];
    proofs.extend(
        lapsed.ingresses.iter().zip(&served).map(|(seen, ingress)| {
            Cite::new(seen.exhibit, format!("{ingress} serves with {secret}"))
        }),
    );
    let (strength, doubts) = if lapsed.only {
        (Strength::Strong, Vec::new())
    } else {
        let other =
            "the door may serve other certificates too, and does not say which one was refused";
        (Strength::Suggestive, vec![Cite::new(lapsed.complaint.log.exhibit, other)])
    };
    let names: Vec<String> = served.iter().map(ToString::to_string).collect();
    let mut explains = served;
    explains.push(door.clone());
    Finding {
        field: None,
        value: None,
        statement: format!(
            "Clients of {} turn away because the certificate of {secret} has expired, as they tell {door}.",
            names.join(", ")
        ),
        proofs,
        doubts,
        strength,
        explains,
        subject: secret,
    }
}
