//! Which Service a controller of Ingresses calls by an address that is nobody's any more: pods are replaced, and what it
//! says of the old ones names the host that it calls for.

use super::Case;
use super::complaints::Complaint;
use super::peers::is_of_cluster;
use super::words::names::between;
use crate::seen::{Presence, Seen};
use evidence::fact::network::Service;

impl Case {
    /// The one Service to which the host leads that a line of ingress-nginx names, where the address that it called is that
    /// of nobody who is there. Another Ingress of the host, which nobody looked at, may lead elsewhere.
    pub fn behind_host(&self, complaint: &Complaint<'_>) -> Option<Seen<'_, Service>> {
        let host = server(&complaint.line.text)?;
        let peer = complaint.said.peer()?;
        let gone = peer.address().is_some_and(is_of_cluster)
            && self.looked("Pod", "")
            && !self.pods().any(|it| it.it.address == peer.host);
        if !gone || !self.looked("Ingress", "") || !self.is_of_controller(complaint.log.it) {
            return None;
        }
        let mut called: Option<Seen<'_, Service>> = None;
        for ingress in self.ingresses() {
            for route in ingress.it.routes.iter().filter(|it| it.host == host) {
                let named = self.service(&ingress.meta.namespace, &route.service);
                let Presence::Present(service) = named else { return None };
                if called.is_some_and(|it| it.exhibit != service.exhibit) {
                    return None;
                }
                called = Some(service);
            }
        }
        called
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
