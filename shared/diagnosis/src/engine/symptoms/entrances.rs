//! Ingresses, Gateways and routes that let nobody in: they are there for traffic from outside, which no log here shows.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::case::certificates;
use crate::case::routes::{Lack, cite_condition, written};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::network::Ingress;
use evidence::fact::object::Object;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for ingress in case.ingresses() {
        symptoms.extend(broken(case, ingress));
        symptoms.extend(unserved(case, ingress));
    }
    for gateway in case.gateways() {
        symptoms.extend(refused(case, gateway));
    }
    for route in case.gateway_routes() {
        symptoms.extend(detached(case, route));
    }
    for stray in case.strays() {
        let entity = stray.ingress.meta.entity("Ingress");
        let path = written(stray.exact);
        let what = format!("requests below {path} go to Service {}", stray.other.service);
        let (cites, gravity) = (vec![stray.cite], Gravity::Partial);
        symptoms.push(Symptom { entity, what, since: None, gravity, cites });
    }
    for misled in case.missed_routes() {
        let entity = misled.ingress.meta.entity("Ingress");
        let path = written(misled.route);
        let what = format!("{path} leads to Service {}", misled.route.service);
        let cites = vec![Cite::new(misled.ingress.exhibit, format!("{entity}: {what}"))];
        symptoms.push(Symptom { entity, what, since: None, gravity: Gravity::Partial, cites });
    }
    for bare in case.unserved() {
        let entity = bare.ingress.meta.entity("Ingress");
        let what = format!("its Secret {} {}", bare.secret, bare.words());
        let (cites, gravity) = (bare.cites, Gravity::Partial);
        symptoms.push(Symptom { entity, what, since: None, gravity, cites });
    }
    for ended in case.ended() {
        let entity = ended.ingress.meta.entity("Ingress");
        let what = format!("the certificate of its {} ended", ended.secret);
        let (cites, since) = (vec![ended.cite], Some(ended.at));
        symptoms.push(Symptom { entity, what, since, gravity: Gravity::Partial, cites });
    }
    if let Some(lapsed) = case.lapsed() {
        for ingress in &lapsed.ingresses {
            let entity = ingress.meta.entity("Ingress");
            let what = "clients answer its controller that its certificate has expired".to_owned();
            let (cites, since) = (vec![lapsed.complaint.cite()], lapsed.complaint.since);
            symptoms.push(Symptom { entity, what, since, gravity: Gravity::Partial, cites });
        }
    }
    for bad in case.bad_certificates() {
        let what = format!("its certificate {} {}", bad.certificate.meta.name, bad.ailment);
        let cites = vec![certificates::cite(&bad)];
        symptoms.push(Symptom {
            entity: bad.used_by.clone(),
            what,
            since: bad.since,
            gravity: Gravity::Partial,
            cites,
        });
    }
}

/// Rules that lead to a Service or a port that does not exist.
fn broken(case: &Case, ingress: Seen<'_, Ingress>) -> Option<Symptom> {
    let broken = case.broken_routes(ingress);
    let first = broken.first()?;
    let entity = ingress.meta.entity("Ingress");
    let (route, service) = (written(first.route), &first.route.service);
    let what = match &first.lack {
        Lack::Service => format!("{route} leads to Service {service}, which does not exist"),
        Lack::Port(_) => {
            format!(
                "{route} leads to port {} of Service {service}, which has none",
                first.route.port
            )
        }
    };
    let all = broken.len() == ingress.it.routes.len();
    let gravity = if all { Gravity::Down } else { Gravity::Partial };
    let cites = vec![Cite::new(ingress.exhibit, format!("{entity}: {what}"))];
    Some(Symptom { entity, what, since: None, gravity, cites })
}

/// An Ingress that nothing serves.
fn unserved(case: &Case, ingress: Seen<'_, Ingress>) -> Option<Symptom> {
    let class = case.missing_class(ingress)?;
    let entity = ingress.meta.entity("Ingress");
    // Some controllers serve what names no class, and tell no address.
    let (what, gravity) = match class {
        "" => {
            let what = "it names no class, none is the default, and it has no address";
            (what.to_owned(), Gravity::Light)
        }
        class => {
            (format!("its class {class} does not exist, and it has no address"), Gravity::Down)
        }
    };
    let cites = vec![Cite::new(ingress.exhibit, format!("{entity}: {what}"))];
    Some(Symptom { entity, what, since: ingress.meta.created, gravity, cites })
}

/// A Gateway that its controller has not set up, or listeners of it.
fn refused(case: &Case, gateway: Seen<'_, Object>) -> Option<Symptom> {
    let entity = gateway.meta.entity("Gateway");
    if let Some(said) = case.refused_gateway(gateway) {
        let what = format!("{} is {} ({})", said.kind, said.status, said.reason);
        let cites = vec![cite_condition(gateway, "", said)];
        return Some(Symptom { entity, what, since: said.since, gravity: Gravity::Down, cites });
    }
    let (part, said) = case.refused_parts(gateway).into_iter().next()?;
    let what = format!("{part}: {} is {} ({})", said.kind, said.status, said.reason);
    let cites = vec![cite_condition(gateway, part, said)];
    Some(Symptom { entity, what, since: said.since, gravity: Gravity::Partial, cites })
}

/// A route that its Gateway does not take, or whose backends it does not find.
fn detached(case: &Case, route: Seen<'_, Object>) -> Option<Symptom> {
    let (part, said) = case.refused_parts(route).into_iter().next()?;
    let entity = route.meta.entity(&route.kind);
    let what = format!("{} is {} ({})", said.kind, said.status, said.reason);
    let cites = vec![cite_condition(route, part, said)];
    Some(Symptom { entity, what, since: said.since, gravity: Gravity::Down, cites })
}
