//! Who uses what: rule R4. What is configured and never used is not a cause.

use super::Case;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::fact::spec::PodSpec;
use evidence::fact::workload::Workload;

impl Case {
    /// Whether anything is known to send requests to a Service: an Ingress, a workload that fails and names it, or a
    /// log that does.
    pub fn is_used(&self, namespace: &str, service: &str) -> bool {
        let routed = self.ingresses().any(|ingress| {
            ingress.meta.namespace == namespace
                && ingress.routes.iter().any(|route| route.service == service)
        });
        routed || self.is_missed(namespace, service)
    }

    /// Whether somebody is known to call a Service: what sends requests to it, or a workload with pods, or a pod that runs,
    /// that is told of it.
    pub fn is_called(&self, service: Seen<'_, Service>) -> bool {
        let (namespace, name) = (&service.meta.namespace, &service.meta.name);
        let is_told = |spec: &PodSpec, from: &str| self.is_told(spec, name, namespace, from);
        self.is_used(namespace, name)
            || self.clients_of(namespace, name).any(|it| it.desired > 0)
            || self
                .pods()
                .any(|it| it.it.phase == "Running" && is_told(&it.it.spec, &it.meta.namespace))
    }

    /// Whether a log names a Service: somebody tries to reach it.
    pub fn is_missed(&self, namespace: &str, service: &str) -> bool {
        self.logs().any(|log| {
            log.it
                .lines
                .iter()
                .any(|line| names_host(&line.text, service, namespace, &log.namespace))
        })
    }

    /// Whether pods in a namespace are told of a Service as a host.
    fn is_told(&self, spec: &PodSpec, service: &str, namespace: &str, from: &str) -> bool {
        self.own_destinations(spec, from).iter().any(|it| names_host(it, service, namespace, from))
    }

    /// Workloads that are told of a Service as a host.
    pub fn clients_of<'a>(
        &'a self,
        namespace: &'a str,
        service: &'a str,
    ) -> impl Iterator<Item = Seen<'a, Workload>> + 'a {
        self.workloads().filter(move |workload| {
            self.is_told(&workload.it.template, service, namespace, &workload.meta.namespace)
        })
    }

    /// Whether the question was put about this object.
    pub fn asks_about(&self, kind: &str, name: &str) -> bool {
        self.scope.workload.as_deref().and_then(|it| it.split_once('/')).is_some_and(
            |(asked_kind, asked_name)| asked_name == name && asked_kind.eq_ignore_ascii_case(kind),
        )
    }

    /// Whether the question names an object of a namespace that it is about, alone or as one of many: `the settlements`.
    /// Where it was put about one object, it is about no other.
    pub fn is_named(&self, namespace: &str, name: &str) -> bool {
        let namespaces = &self.scope.namespaces;
        let here = namespaces.iter().any(|it| it == namespace);
        let of_namespace = namespaces.iter().any(|it| it == name);
        let question = self.question.to_lowercase();
        let mut words = question.split(|it: char| !it.is_ascii_alphanumeric() && it != '-');
        self.scope.workload.is_none()
            && here
            && !of_namespace
            && words.any(|it| it == name || it.strip_suffix('s') == Some(name))
    }

    /// The object that was asked about, in the case's words, where it was seen.
    pub fn asked_object(&self) -> Option<Entity> {
        let (kind, name) = self.scope.workload.as_deref()?.split_once('/')?;
        let namespace = self.scope.namespaces.first();
        let key = self.index.keys().find(|key| {
            let place = &key.entity.namespace;
            // What has no namespace is asked about without one.
            key.entity.name == name
                && (place.is_empty() || namespace == Some(place))
                && key.entity.kind.eq_ignore_ascii_case(kind)
        })?;
        Some(key.entity.clone())
    }
}

/// Whether a text names `service` as a host: after `://`, `lookup ` or `Host=`, before a port, as the whole text, or followed
/// by its namespace. The short name alone means the namespace that the text comes `from`.
pub fn names_host(text: &str, service: &str, namespace: &str, from: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find(service) {
        let (before, found) = rest.split_at(at);
        let after = found.get(service.len()..).unwrap_or_default();
        if !before.ends_with(is_name) {
            let qualified = after.strip_prefix('.').and_then(|it| it.strip_prefix(namespace));
            if qualified.is_some_and(|it| !it.starts_with(is_name) || it.starts_with('.')) {
                return true;
            }
            let whole = text.len() == service.len();
            let host = after.starts_with(':')
                || before.ends_with("://")
                || before.ends_with('@') && before.contains("://")
                || is_key(before)
                || before.ends_with("lookup ")
                || whole;
            if host && !after.starts_with(is_name) && from == namespace {
                return true;
            }
        }
        rest = after;
    }
    false
}

/// The keys of connection strings: `Host=db;Port=5432`, `host=db port=5432`, `Server=db;Database=x`.
fn is_key(before: &str) -> bool {
    let Some(key) = before.strip_suffix('=') else { return false };
    let key = key.rsplit([';', ' ', '"', '\'', '&', '?']).next().unwrap_or_default();
    ["host", "server", "source", "address", "addr"].iter().any(|it| key.eq_ignore_ascii_case(it))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')
}

#[cfg(test)]
mod tests {
    use super::names_host;
    use crate::case::Case;
    use evidence::fact::node::Node;
    use evidence::fact::{Body, Fact};
    use evidence::scope::{Scope, Window};
    use evidence::testimony::Testimony;
    use jiff::Timestamp;

    #[test]
    fn a_node_is_asked_about_without_a_namespace() {
        let at = Timestamp::UNIX_EPOCH;
        let scope = Scope { workload: Some("node/n".to_owned()), ..Scope::default() };
        let mut case = Case::open("", scope, at, Window { start: at, end: at });
        let mut node = Node::default();
        node.meta.name = "n".to_owned();
        let facts = vec![Fact { source: 0, body: Body::Node(node) }];
        case.hear(Testimony { facts, ..Testimony::default() });
        assert_eq!(case.asked_object().unwrap().to_string(), "Node n");
    }

    #[test]
    fn finds_a_service_as_a_host() {
        for text in [
            "catalog:8080",
            "http://catalog",
            "catalog",
            "http://catalog.shop/x",
            "dial tcp: lookup catalog on 10.0.0.10:53: no such host",
            "catalog.shop.svc.cluster.local:80",
            "postgresql://u:p@catalog/orders",
            "Host=catalog;Port=5432",
            "user=u host=catalog dbname=x",
        ] {
            assert!(names_host(text, "catalog", "shop", "shop"), "{text}");
        }
    }

    #[test]
    fn is_not_misled_by_parts_of_words() {
        for text in [
            "my-catalog:8080",
            "catalog-v2:8080",
            "the catalog is empty",
            "catalog.other:80",
            "catalogue:80",
            "mail an@catalog today",
            "ghost=catalog",
        ] {
            assert!(!names_host(text, "catalog", "shop", "shop"), "{text}");
        }
    }

    #[test]
    fn needs_the_namespace_from_elsewhere() {
        assert!(!names_host("catalog:8080", "catalog", "shop", "web"));
        assert!(names_host("catalog.shop:8080", "catalog", "shop", "web"));
    }
}
