//! Which Service a controller of Ingresses calls by an address of which no pod is known: pods are replaced, of healthy
//! ones of an owner one stands for all, and what it says of them names the host that it calls for.

use super::Case;
use super::complaints::Complaint;
use super::peers::is_of_cluster;
use super::words::names::between;
use crate::seen::{Presence, Seen};
use evidence::fact::network::{Route, Service};
use evidence::question::Question;

impl Case {
    /// The one Service to which the host leads that a line of ingress-nginx names, where the address that it called is
    /// that of no pod that is known. Another Ingress of the host, which nobody looked at, may lead elsewhere.
    pub fn behind_host(&self, complaint: &Complaint<'_>) -> Option<Seen<'_, Service>> {
        let host = self.host_called(complaint)?;
        if !self.looked("Ingress", "") {
            return None;
        }
        let mut called: Option<Seen<'_, Service>> = None;
        for (namespace, route) in self.routes_of(host) {
            let Presence::Present(service) = self.service(namespace, &route.service) else {
                return None;
            };
            if called.is_some_and(|it| it.exhibit != service.exhibit) {
                return None;
            }
            called = Some(service);
        }
        called
    }

    /// What would tell where such a host leads: all Ingresses, or the namespaces of those that have it.
    pub fn ask_about_host(&self, complaint: &Complaint<'_>) -> (Option<Question>, Vec<String>) {
        let Some(host) = self.host_called(complaint) else { return (None, Vec::new()) };
        let (kind, namespace) = ("Ingress".to_owned(), String::new());
        let all = Question::Objects { kind, namespace };
        if !self.looked("Ingress", "") {
            return (Some(all), Vec::new());
        }
        (None, self.routes_of(host).map(|(namespace, _)| namespace.to_owned()).collect())
    }

    /// The rules of Ingresses for a host, with their namespaces.
    fn routes_of<'a>(&'a self, host: &'a str) -> impl Iterator<Item = (&'a str, &'a Route)> {
        self.ingresses().flat_map(move |ingress| {
            let routes = ingress.it.routes.iter().filter(move |it| it.host == host);
            routes.map(move |it| (ingress.it.meta.namespace.as_str(), it))
        })
    }

    /// The host for which a controller called an address that is of no pod that is known.
    fn host_called<'a>(&self, complaint: &Complaint<'a>) -> Option<&'a str> {
        let host = server(&complaint.line.text)?;
        let peer = complaint.said.peer()?;
        let unknown = peer.address().is_some_and(is_of_cluster)
            && !self.pods().any(|it| it.it.address == peer.host);
        (unknown && self.is_of_controller(complaint.log.it)).then_some(host)
    }
}

/// The host in an error of nginx about what it passes a request on to: `..., client: 192.0.2.1, server: shop.example,
/// request: "GET / HTTP/2.0", upstream: "http://10.244.1.7:3000/", host: "shop.example"`.
fn server(text: &str) -> Option<&str> {
    let host = between(text, ", server: ", ", request: \"")?;
    text.contains(", upstream: \"").then_some(host).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::server;

    #[test]
    fn the_host_stands_in_an_error_about_an_upstream() {
        let upstream = r#"upstream timed out (110: Operation timed out) while connecting to upstream, client: 192.0.2.1, server: shop.example, request: "GET / HTTP/2.0", upstream: "http://10.244.1.7:3000/", host: "shop.example""#;
        assert_eq!(server(upstream), Some("shop.example"));
        let own = r#"open() "/x" failed (2: No such file or directory), client: 192.0.2.1, server: shop.example, request: "GET /x HTTP/1.1", host: "shop.example""#;
        assert_eq!(server(own), None);
        let nameless = r#"connect() failed (111: Connection refused) while connecting to upstream, client: 10.244.0.4, server: , request: "GET / HTTP/1.1", upstream: "http://10.244.1.7:3000/", host: "x""#;
        assert_eq!(server(nameless), None);
    }
}
