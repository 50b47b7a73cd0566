//! A port that a Service does not have, in a setting that was changed before the program was started with it and began to
//! repeat errors: in whatever words, for callers often do not say whom they called.

use crate::case::Case;
use crate::case::peers::peers_in;
use crate::case::touching::changed_data;
use crate::case::troubles::Trouble;
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::seen::Seen;
use evidence::fact::network::Service;

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.troubles().iter().filter_map(|it| one(case, it)))
}

fn one(case: &Case, trouble: &Trouble<'_>) -> Option<Judgement> {
    let root = trouble.container.root;
    let retuned = case.retuned(root, trouble.first)?;
    let field = changed_data(retuned.touch);
    let places = retuned.config.it.places.get(field.strip_prefix("data.")?)?;
    let (service, port) = places.iter().find_map(|it| without(case, it, &root.namespace))?;
    let (config, name) = (retuned.config.meta.entity("ConfigMap"), service.meta.entity("Service"));
    let has: Vec<String> = service.it.ports.iter().map(|it| it.port.to_string()).collect();
    let has = has.join(", ");
    let at = retuned.at;
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value: None,
        statement: format!(
            "{root} fails since it was started with {config}, changed at {at}: that names {name} at port {port}, which has only {has}."
        ),
        proofs: vec![
            trouble.cite.clone(),
            Cite::new(service.exhibit, format!("{name} has the ports {has}")),
            Cite::new(
                retuned.config.exhibit,
                format!("{config} was changed by {} at {at}", retuned.touch.manager),
            ),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root.clone()],
        subject: config,
    }))
}

/// The Service that a setting names at a port that it does not have.
pub(super) fn without<'a>(
    case: &'a Case,
    place: &str,
    from: &str,
) -> Option<(Seen<'a, Service>, u16)> {
    peers_in(place).into_iter().find_map(|peer| {
        let (port, service) = (peer.port?, case.service_of(&peer, from)?);
        // Of a headless one the pods themselves are called, at whatever port.
        let told = !service.it.headless
            && service.it.external_name.is_empty()
            && !service.it.ports.is_empty();
        let lacks = service.it.ports.iter().all(|it| it.port != port);
        (told && lacks).then_some((service, port))
    })
}
