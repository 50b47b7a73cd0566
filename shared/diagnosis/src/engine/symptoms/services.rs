//! Services that lead nowhere although somebody means them to: rules R3 and R4.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::case::ports::is_named;
use crate::case::resolving::is_name_service;
use crate::finding::Cite;
use crate::seen::{Presence, Seen};
use evidence::fact::network::Service;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for service in case.services() {
        symptoms.extend(dead_end(case, service));
    }
}

fn dead_end(case: &Case, service: Seen<'_, Service>) -> Option<Symptom> {
    if service.selector.is_empty() || service.kind == "ExternalName" {
        return None;
    }
    let (namespace, name) = (&service.meta.namespace, &service.meta.name);
    let (exhibit, what) = match case.endpoints(namespace, name) {
        Presence::Present(it) if it.ready > 0 && !it.ports.is_empty() => {
            (it.exhibit, misled(case, service)?)
        }
        // A Service that only gives names to pods needs none.
        Presence::Present(it) if it.ready > 0 && service.ports.is_empty() => return None,
        Presence::Present(it) if it.ready > 0 => {
            (it.exhibit, "its endpoints have no port".to_owned())
        }
        Presence::Present(it) => (it.exhibit, "no ready endpoint".to_owned()),
        Presence::Absent => (service.exhibit, "no ready endpoint".to_owned()),
        Presence::Unknown => return None,
    };
    if !is_meant(case, service) || is_of_resting(case, service) || case.sleeps(service.it) {
        return None;
    }
    if case.is_spare(service.it) && !case.asks_about("Service", name) {
        return None;
    }
    let entity = service.meta.entity("Service");
    let cites = vec![Cite::new(exhibit, format!("{entity}: {what}"))];
    Some(Symptom { entity, what, since: None, gravity: Gravity::Down, cites })
}

/// Which of its ports leads to nothing that listens, although ready pods are behind it.
fn misled(case: &Case, service: Seen<'_, Service>) -> Option<String> {
    if let Some(mismatch) = case.mismatch(service) {
        return Some(format!("its port {} leads to no declared port", mismatch.port.port));
    }
    if let Some(other) = case.other_protocol(service) {
        return Some(format!("its port {} is of another protocol than its pods'", other.port.port));
    }
    let stranger = case.stranger(service)?;
    // A Service for several workloads that nobody calls by it may be meant so.
    let (namespace, name) = (&service.meta.namespace, &service.meta.name);
    let used = case.is_used(namespace, name)
        || case.clients_of(namespace, name).any(|client| client.desired > 0)
        || case.asks_about("Service", name)
        // That is the Service of one program, and was not meant for others.
        || service.ports.iter().any(is_named)
        || !case.rules.used;
    used.then(|| format!("it leads to {} too, which does not serve its port", stranger.stranger))
}

/// Whether anything shows that the Service is meant to lead somewhere: a workload with pods behind it or of its name,
/// somebody who uses it, or a question about it. A Service without any of these is configured and unused.
fn is_meant(case: &Case, service: Seen<'_, Service>) -> bool {
    // Every pod asks the name service.
    if !case.rules.used || is_name_service(&service.meta) {
        return true;
    }
    let wanted = |desired: u32| desired > 0;
    case.workloads_behind(&service).any(|it| wanted(it.desired))
        || case.selected_by(&service).next().is_some()
        || case.workloads().any(|it| {
            it.meta.namespace == service.meta.namespace
                && it.meta.name == service.meta.name
                && wanted(it.desired)
        })
        || case.is_used(&service.meta.namespace, &service.meta.name)
        || case.workloads_behind(&service).any(|it| case.is_wanted(it.it))
        || case.asks_about("Service", &service.meta.name)
        || resembles_a_workload(case, &service)
}

/// Whether only what rests until it is chosen is behind a Service, and nobody calls it.
fn is_of_resting(case: &Case, service: Seen<'_, Service>) -> bool {
    let mut behind = case.workloads_behind(&service).peekable();
    behind.peek().is_some()
        && behind.all(|it| case.rests(it.it))
        && !case.is_called(service)
        && !case.asks_about("Service", &service.meta.name)
}

/// A ready pod shares all of the selector's keys, and differs in a value, or shares a value under another key.
fn resembles_a_workload(case: &Case, service: &Service) -> bool {
    case.pods().filter(|pod| pod.meta.namespace == service.meta.namespace).any(|pod| {
        let labels = &pod.meta.labels;
        service.selector.keys().any(|key| labels.contains_key(key))
            && service.selector.iter().any(|(key, value)| {
                labels.get(key) == Some(value) || labels.values().any(|it| it == value)
            })
    })
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    const BARE: &str = r#"
- service: {meta: {namespace: shop, name: peers}, type: ClusterIP, selector: {app: web}PORTS}
- endpoints: {namespace: shop, service: peers, ready: 2}
- workload: {kind: StatefulSet, meta: {namespace: shop, name: web}, desired: 2, ready: 2, updated: 2, current: 2, template_labels: {app: web}}
"#;

    const OF_ONE: &str = r#"
- service: {meta: {namespace: shop, name: db-leader}, type: ClusterIP, selector: {app: db, role: leader}, ports: [{port: 5432}]}
- endpoints: {namespace: shop, service: db-leader, ready: 1, ports: [{number: 5432}]}
- service: {meta: {namespace: shop, name: db-follower}, type: ClusterIP, selector: {app: db, role: follower}, ports: [{port: 5432}]}
- endpoints: {namespace: shop, service: db-follower, ready: 0}
- workload: {kind: StatefulSet, meta: {namespace: shop, name: db}, desired: 1, ready: 1, updated: 1, current: 1, template_labels: {app: db}}
- pod: {meta: {namespace: shop, name: db-0, labels: {app: db, role: ROLE}, owner: {kind: StatefulSet, namespace: shop, name: db}}, phase: Running, conditions: [{type: Ready, status: "True"}]}
"#;

    #[test]
    fn a_role_that_no_pod_is_left_for_is_missed_by_nobody() {
        assert!(seen(&OF_ONE.replace("ROLE", "leader"), None).is_empty());
        // Nobody selects who leads now.
        assert_eq!(seen(&OF_ONE.replace("ROLE", "primary"), None), ["Service shop/db-follower"]);
    }

    #[test]
    fn a_service_that_only_gives_names_to_pods_needs_no_port() {
        assert!(seen(&BARE.replace("PORTS", ""), None).is_empty());
        let one = BARE.replace("PORTS", ", ports: [{port: 80}]");
        assert_eq!(seen(&one, None), ["Service shop/peers"]);
    }
}
