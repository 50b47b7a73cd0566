//! A name that the workload's own template pins to an address that is not the name's.

use crate::case::Case;
use crate::case::pinned::Pinned;
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.pinned().iter().filter_map(one))
}

fn one(pinned: &Pinned<'_>) -> Option<Judgement> {
    let Pinned { complaint, name, address, service, is_called, field, since } = pinned;
    let (root, pod) = (complaint.root().clone(), complaint.container.pod);
    let strength = match (service, since) {
        (Some(_), Some(_)) if *is_called => Strength::Conclusive,
        (Some(_), Some(_)) => Strength::Strong,
        // It led there for long, or to somebody whose address nobody here knows.
        (Some(_), None) => Strength::Suggestive,
        (None, Some(_)) if *is_called => Strength::Suggestive,
        (None, _) => return None,
    };
    let says = format!("the hosts file of {} has {address} for {name}", pod.meta.entity("Pod"));
    let mut proofs = vec![complaint.cite(), Cite::new(pod.exhibit, says)];
    let why = match service {
        Some(service) => {
            let entity = service.meta.entity("Service");
            let at = match service.it.addresses.as_slice() {
                [] => "is headless".to_owned(),
                addresses => format!("has {}", addresses.join(", ")),
            };
            proofs.push(Cite::new(service.exhibit, format!("{entity} {at}")));
            format!("its hostAliases pin {name} to {address}, while {entity} {at}")
        }
        None => format!("its hostAliases pin {name} to {address}"),
    };
    let since = since.map(|at| format!(", since {at}")).unwrap_or_default();
    Some(Judgement::Proven(Finding {
        field: Some(field.clone()),
        value: Some((*address).to_owned()),
        statement: format!("{root} calls in vain because {why}{since}."),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![root.clone()],
        subject: root,
    }))
}
