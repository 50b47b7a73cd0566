//! Where the trouble may come from that a log tells: namespaces that nobody looked into.

use crate::case::Case;
use crate::case::calls::is_unnamed;
use crate::case::containers::Running;
use crate::case::peers::{is_of_cluster, peers_in};
use crate::case::words::peer::Peer;
use crate::case::words::said::Said;
use evidence::question::Question;
use std::collections::BTreeSet;

/// Namespaces that nobody looked into, and that logs complain of: `postgres.data`, or a Service that stands for it.
pub(super) fn questions(case: &Case) -> Vec<Question> {
    let mut namespaces: BTreeSet<String> = BTreeSet::new();
    let mut questions = Vec::new();
    for complaint in case.complaints() {
        let service = case.complained_of(&complaint);
        let unknown = service.is_none() && !case.looked("Service", "");
        if unknown && complaint.said.peer().and_then(Peer::address).is_some_and(is_of_cluster) {
            // An address may be that of a Service of any namespace.
            questions
                .push(Question::Objects { kind: "Service".to_owned(), namespace: String::new() });
        }
        if service.is_none() {
            let (ingresses, led) = case.ask_about_host(&complaint);
            questions.extend(ingresses);
            namespaces.extend(led);
        }
        let of_somebody = complaint.store.is_some()
            || complaint.said == Said::PoolExhausted
            || is_unnamed(&complaint.said);
        if service.is_none() && complaint.said.peer().is_none() && of_somebody {
            namespaces.extend(told_to(case, &complaint.container));
        }
        let host = match (&service, complaint.said.peer()) {
            (Some(service), _) if !service.it.external_name.is_empty() => &service.it.external_name,
            (Some(service), _) => {
                namespaces.insert(service.meta.namespace.clone());
                continue;
            }
            (None, Some(peer)) => &peer.host,
            (None, None) => continue,
        };
        namespaces.extend(namespace_in(case, host));
    }
    // An error in words that nobody knows may be about whoever is called, or about what was changed beside whom it troubles.
    for trouble in case.troubles() {
        namespaces.extend(told_to(case, &trouble.container));
        namespaces.insert(trouble.container.pod.meta.namespace.clone());
    }
    namespaces.retain(|it| !case.looked("Pod", it) || !case.looked("ConfigMap", it));
    let surveys = namespaces.into_iter();
    questions.extend(surveys.map(|it| Question::Survey { namespaces: vec![it], workload: None }));
    questions
}

/// The namespaces of those whom a container is told of.
fn told_to(case: &Case, container: &Running<'_>) -> BTreeSet<String> {
    let pod = container.pod.it;
    let told = case.destinations(&pod.spec, &pod.meta.namespace);
    told.into_iter().flat_map(peers_in).filter_map(|it| namespace_in(case, &it.host)).collect()
}

/// The namespace in the name of a Service: `postgres.data`, `postgres.data.svc.cluster.local`.
fn namespace_in(case: &Case, host: &str) -> Option<String> {
    let labels: Vec<&str> = host.split('.').collect();
    // A pod of a StatefulSet has a name before that of its Service: `db-0.db.data.svc`.
    let qualified = labels.iter().skip(2).position(|it| *it == "svc");
    if let Some(at) = qualified {
        return labels.get(at + 1).map(|it| (*it).to_owned());
    }
    // A pod of a StatefulSet is told by its number.
    let numbered =
        |it: &str| it.rsplit_once('-').is_some_and(|(_, number)| number.parse::<u16>().is_ok());
    match labels.as_slice() {
        [_, namespace] if is_namespace(case, namespace) => Some((*namespace).to_owned()),
        [pod, _, namespace] if numbered(pod) && is_namespace(case, namespace) => {
            Some((*namespace).to_owned())
        }
        _ => None,
    }
}

/// Whether it is, or where nobody looked at all namespaces may be, the name of one.
fn is_namespace(case: &Case, name: &str) -> bool {
    let known = case.namespaces().any(|it| it.meta.name == name);
    let public = matches!(name, "com" | "org" | "net" | "io" | "dev" | "local" | "internal");
    known || !public && !case.looked("Namespace", "")
}

#[cfg(test)]
mod tests {
    use super::namespace_in;
    use crate::case::Case;
    use evidence::scope::{Scope, Window};
    use jiff::Timestamp;

    #[test]
    fn a_namespace_stands_before_svc() {
        let at = Timestamp::UNIX_EPOCH;
        let case = Case::open("", Scope::default(), at, Window { start: at, end: at });
        let rows = [
            ("db.data.svc", Some("data")),
            ("db.data.svc.cluster.local", Some("data")),
            ("db-0.db.data.svc.cluster.local", Some("data")),
            ("db.data", Some("data")),
            ("db-0.db.data", Some("data")),
            ("www.db.data", None),
            ("www-1.example.com", None),
            ("example.com", None),
            ("a.b.example.com", None),
        ];
        for (host, namespace) in rows {
            assert_eq!(namespace_in(&case, host).as_deref(), namespace, "{host}");
        }
    }
}
