//! A path of an Ingress is taken exactly since a change, so that what lies below it goes to another Service.

use crate::case::Case;
use crate::case::routes::{field, written};
use crate::case::strays::Stray;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    case.strays().into_iter().map(one).collect()
}

fn one(stray: Stray<'_>) -> Judgement {
    let Stray { ingress, exact, other, cite } = stray;
    let namespace = &ingress.meta.namespace;
    let subject = ingress.meta.entity("Ingress");
    let meant = Entity::new("Service", namespace, &exact.service);
    let gets = Entity::new("Service", namespace, &other.service);
    let path = written(exact);
    let takes = format!("{subject} takes {path} exactly, and {} with all below it", written(other));
    let field = field(exact, "name");
    let field = field.strip_suffix("backend.service.name").map(|it| format!("{it}pathType"));
    Judgement::Proven(Finding {
        field,
        value: Some("Exact".to_owned()),
        statement: format!(
            "Requests below {path} go to {gets} instead of {meant} because {subject} takes that path exactly."
        ),
        proofs: vec![Cite::new(ingress.exhibit, takes), cite],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone(), meant],
        subject,
    })
}
