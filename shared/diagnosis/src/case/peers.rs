//! Which object of the cluster a peer is: the Service of that name or address, or one that is not there.

use super::Case;
use super::complaints::Complaint;
use super::containers::Running;
use super::selecting::selects;
use super::words::peer::{FIRST_OF_CALLERS, Peer};
use super::words::store::Store;
use crate::seen::{Presence, Seen};
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::fact::spec::PodSpec;
use std::net::{IpAddr, Ipv4Addr};

/// What a peer is.
#[derive(Clone, Debug)]
pub enum Meant<'a> {
    /// A Service that is there.
    Service(Seen<'a, Service>),
    /// A Service's name, and there is no such Service.
    Absent(Entity),
    /// The pod itself.
    Itself,
    /// A name or an address of something that is no Service: outside of the cluster, or a pod's.
    Elsewhere,
    /// It could be a Service, and nobody looked.
    Unknown,
}

impl Case {
    /// What a pod of namespace `from` means by a peer.
    pub fn meant(&self, peer: &Peer, from: &str) -> Meant<'_> {
        if peer.is_loopback() {
            return Meant::Itself;
        }
        if let Some(address) = peer.address() {
            let service = self.services().find(|it| it.it.addresses.contains(&peer.host));
            return match service.or_else(|| self.before_address(&peer.host)) {
                Some(service) => Meant::Service(service),
                None if is_public(address) || self.looked("Service", "") => Meant::Elsewhere,
                None => Meant::Unknown,
            };
        }
        if let Some(service) = self.headless_of(&peer.host, from) {
            return Meant::Service(service);
        }
        let Some(name) = service_name(&peer.host, from) else { return Meant::Elsewhere };
        let known = self.namespaces().any(|it| it.meta.name == name.namespace);
        match self.service(&name.namespace, &name.name) {
            Presence::Present(service) => Meant::Service(service),
            // `api.stripe` is a namespace's only where that is one.
            Presence::Absent if name.sure || known => Meant::Absent(name.entity()),
            Presence::Absent => Meant::Elsewhere,
            Presence::Unknown if name.sure => Meant::Unknown,
            Presence::Unknown => Meant::Elsewhere,
        }
    }

    /// The Service that a pod of namespace `from` means by a peer, where it is there.
    pub fn service_of(&self, peer: &Peer, from: &str) -> Option<Seen<'_, Service>> {
        match self.meant(peer, from) {
            Meant::Service(service) => Some(service),
            _ => None,
        }
    }

    /// The Services that a container is told of.
    pub fn called_by(&self, container: &Running<'_>) -> Vec<Seen<'_, Service>> {
        let pod = container.pod.it;
        let namespace = pod.meta.namespace.as_str();
        let told = self.destinations(&pod.spec, namespace).into_iter().flat_map(peers_in);
        told.filter_map(|it| self.service_of(&it, namespace)).collect()
    }

    /// Whether a line names who called the program that wrote it, and not whom that one called: an address that is nobody's,
    /// with a port that systems give to callers.
    pub fn is_caller(&self, peer: &Peer, from: &str) -> bool {
        peer.address().is_some()
            && peer.port.is_some_and(|it| it >= FIRST_OF_CALLERS)
            && matches!(self.meant(peer, from), Meant::Elsewhere | Meant::Unknown)
    }

    /// The Service before a StatefulSet's pod of that name: `db-0.db` beside it, `db-0.db.shop` elsewhere.
    fn headless_of(&self, host: &str, from: &str) -> Option<Seen<'_, Service>> {
        let member = member(host, from)?;
        self.service(member.namespace, member.service).seen()
    }

    /// The one Service before the pod of that address.
    fn before_address(&self, address: &str) -> Option<Seen<'_, Service>> {
        let pod = self.pods().find(|pod| pod.it.address == address && !pod.it.spec.host_network)?;
        let services = self.services_in(&pod.meta.namespace);
        let mut before = services.filter(|it| selects(it.it, &pod.meta.labels));
        let first = before.next()?;
        before.next().is_none().then_some(first)
    }

    /// The Service before a store of a kind that a workload is told of, if there is just one. Where none is known by its
    /// image, what listens at such a store's port, as a pooler, is one.
    pub fn store_named_by(
        &self,
        template: &PodSpec,
        from: &str,
        store: Store,
    ) -> Option<Seen<'_, Service>> {
        let (mut known, mut likely): (Vec<Seen<'_, Service>>, Vec<_>) = (Vec::new(), Vec::new());
        for value in self.destinations(template, from) {
            for peer in peers_in(value) {
                let Some(service) = self.service_of(&peer, from) else { continue };
                let found = if self.is_store(&service, store) { &mut known } else { &mut likely };
                if found.iter().all(|it| it.exhibit != service.exhibit) {
                    found.push(service);
                }
            }
        }
        likely.retain(|it| self.may_be_store(it.it, store));
        let found = if known.is_empty() { likely } else { known };
        let [only] = found.as_slice() else { return None };
        Some(*only)
    }

    /// The Service of the store that a complaint is about: the one before the store that complains itself, the one that is
    /// complained of, or the only relational database that the caller is told of.
    pub fn database_of<'a>(&'a self, complaint: &Complaint<'_>) -> Option<Seen<'a, Service>> {
        let pod = complaint.container.pod;
        if Store::of_image(&complaint.container.spec.image).is_some() {
            return self.services_in(&pod.it.meta.namespace).find(|service| {
                let mut pods = self.selected_by(service.it);
                pods.any(|it| it.exhibit == pod.exhibit)
            });
        }
        let named = |store| self.store_named_by(&pod.it.spec, complaint.namespace(), store);
        let known = self.complained_of(complaint);
        known.or_else(|| named(Store::Postgres)).or_else(|| named(Store::Mysql))
    }

    /// The Service that is meant by an address of the Services' range which is none's any more: clients keep the address
    /// of a Service that was made anew. It is the only store of the port's kind that workloads of the namespace name.
    pub fn store_of_old_address(&self, peer: &Peer, from: &str) -> Option<Seen<'_, Service>> {
        let store = Store::of_port(peer.port?)?;
        let Some(IpAddr::V4(address)) = peer.address() else { return None };
        let ranges = |it: &Service| {
            let mut known = it.addresses.iter().filter_map(|it| it.parse::<Ipv4Addr>().ok());
            known.any(|it| it.octets().get(..2) == address.octets().get(..2))
        };
        let elsewhere = matches!(self.meant(peer, from), Meant::Elsewhere | Meant::Unknown);
        if !elsewhere || !self.services().any(|it| ranges(it.it)) {
            return None;
        }
        let here = self.workloads().filter(|it| it.meta.namespace == from);
        let mut named = here.filter_map(|it| self.store_named_by(&it.it.template, from, store));
        let first = named.next()?;
        named.all(|it| it.exhibit == first.exhibit).then_some(first)
    }

    /// The object to change behind a Service: its one workload, or itself where there is none.
    pub fn behind(&self, service: Seen<'_, Service>) -> Entity {
        let workload = self.workloads_behind(service.it).next();
        workload.map_or_else(|| service.meta.entity("Service"), |it| it.meta.entity(&it.kind))
    }
}

/// Whether an address may be one of a Service or a pod: of networks that nobody outside uses, as private ones, those of
/// RFC 6598, which providers use, and 34.118.224.0/20, which GKE gives Services where nothing else is said.
pub fn is_of_cluster(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => {
            it.is_private() || matches!(it.octets(), [100, 64..=127, ..] | [34, 118, 224..=239, _])
        }
        IpAddr::V6(it) => it.is_unique_local(),
    }
}

/// Whether an address is one that the whole world reaches.
pub fn is_public(address: IpAddr) -> bool {
    let link_local = match address {
        IpAddr::V4(it) => it.is_link_local(),
        IpAddr::V6(it) => it.is_unicast_link_local(),
    };
    !is_of_cluster(address) && !link_local && !address.is_loopback()
}

/// The peers that a setting's value names: itself, or the parts of a URL or of a list.
pub fn peers_in(value: &str) -> Vec<Peer> {
    if let Some(peer) = Peer::parse(value.trim()) {
        return vec![peer];
    }
    if value.contains("://") {
        return peers_of_urls(value);
    }
    // Go's driver of MySQL: `user:password@tcp(db:3306)/shop`.
    if let Some((_, rest)) = value.split_once("@tcp(") {
        return rest.split(')').next().and_then(Peer::parse).into_iter().collect();
    }
    // `host=db port=5432`, `a:9092,b:9092`, `Server=db;Port=5432`.
    value
        .split([',', ';', ' '])
        .map(|it| it.rsplit('=').next().unwrap_or(it).trim())
        .filter_map(Peer::parse)
        .collect()
}

/// The hosts of a URL, of which it may name several, or of a list of URLs.
fn peers_of_urls(value: &str) -> Vec<Peer> {
    let mut peers = Vec::new();
    let mut goes_on = false;
    for part in value.split(',') {
        let hosts = match part.split_once("://") {
            Some((_, hosts)) => hosts,
            None if goes_on => part,
            None => continue,
        };
        let authority = hosts.split(['/', '?', ' ', ';']).next().unwrap_or_default();
        // A path ends the hosts of one URL; another one may follow.
        goes_on = authority.len() == hosts.len();
        peers.extend(Peer::parse(authority.rsplit('@').next().unwrap_or_default()));
    }
    peers
}

struct ServiceName {
    namespace: String,
    name: String,
    /// It can be nothing but a Service's.
    sure: bool,
}

impl ServiceName {
    fn entity(&self) -> Entity {
        Entity::new("Service", &self.namespace, &self.name)
    }
}

/// The parts of the name of a StatefulSet's pod: `db-0.db`, `db-0.db.shop`, `db-0.db.shop.svc.cluster.local`.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The pod.
    pub pod: &'a str,
    /// Its StatefulSet.
    pub set: &'a str,
    /// Its ordinal.
    pub number: u32,
    /// The Service below which the name is.
    pub service: &'a str,
    /// The namespace.
    pub namespace: &'a str,
}

/// The StatefulSet's pod that a pod of namespace `from` can mean by a name.
pub fn member<'a>(host: &'a str, from: &'a str) -> Option<Member<'a>> {
    let labels: Vec<&str> = host.split('.').collect();
    let (pod, service, namespace) = match labels.as_slice() {
        [pod, service] => (*pod, *service, from),
        [pod, service, namespace] | [pod, service, namespace, "svc", ..] => {
            (*pod, *service, *namespace)
        }
        _ => return None,
    };
    let (set, number) = pod.rsplit_once('-')?;
    Some(Member { pod, set, number: number.parse().ok()?, service, namespace })
}

/// The Service that a DNS name can mean: `db`, `db.shop`, `db.shop.svc`, `db-0.db.shop.svc.cluster.local`.
fn service_name(host: &str, from: &str) -> Option<ServiceName> {
    let labels: Vec<&str> = host.split('.').collect();
    let named = |namespace: &str, name: &str, sure: bool| {
        Some(ServiceName { namespace: namespace.to_owned(), name: name.to_owned(), sure })
    };
    if let Some(at) = labels.iter().position(|it| *it == "svc") {
        return match labels.get(..at)? {
            [name, namespace] | [_, name, namespace] => named(namespace, name, true),
            _ => None,
        };
    }
    match labels.as_slice() {
        [name] => named(from, name, true),
        [name, namespace] => named(namespace, name, false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_of_cluster, is_public, member, peers_in, service_name};
    use std::net::IpAddr;

    #[test]
    fn addresses_of_services_are_of_networks_that_nobody_outside_uses() {
        let of = |hosts: &[&str]| -> Vec<IpAddr> {
            hosts.iter().filter_map(|it| it.parse().ok()).collect()
        };
        let inside = of(&["10.96.0.10", "100.64.1.2", "34.118.224.9", "fd00:10::7"]);
        assert!(inside.len() == 4 && inside.iter().all(|it| is_of_cluster(*it) && !is_public(*it)));
        let outside = of(&["34.118.240.9", "100.128.0.1", "8.8.8.8", "2001:db8::1"]);
        assert!(outside.len() == 4 && outside.iter().all(|it| is_public(*it)));
        assert!(
            of(&["127.0.0.1", "169.254.20.10", "fe80::1", "::1"]).iter().all(|it| !is_public(*it))
        );
    }

    #[test]
    fn knows_which_service_a_name_means() {
        for (host, expected) in [
            ("db", Some("Service web/db")),
            ("db.shop", Some("Service shop/db")),
            ("db.shop.svc.cluster.local", Some("Service shop/db")),
            ("db-0.db.shop.svc", Some("Service shop/db")),
            ("api.example.com", None),
        ] {
            let name = service_name(host, "web").map(|it| it.entity().to_string());
            assert_eq!(name.as_deref(), expected, "{host}");
        }
    }

    #[test]
    fn knows_which_pod_of_a_stateful_set_a_name_means() {
        for (host, expected) in [
            ("db-1.db-peers", Some("web db-peers db 1")),
            ("db-1.db-peers.shop", Some("shop db-peers db 1")),
            ("my-db-10.peers.shop.svc", Some("shop peers my-db 10")),
            ("db-1.db-peers.shop.svc.cluster.local", Some("shop db-peers db 1")),
            ("db.shop", None),
            ("db-1", None),
            ("db-1.db.example.com", None),
        ] {
            let told = member(host, "web")
                .map(|it| format!("{} {} {} {}", it.namespace, it.service, it.set, it.number));
            assert_eq!(told.as_deref(), expected, "{host}");
        }
    }

    #[test]
    fn reads_the_peers_of_settings() {
        for (value, expected) in [
            ("db", vec!["db"]),
            ("jdbc:postgresql://db:5432/shop", vec!["db:5432"]),
            ("mongodb://u:p@m0:27017,m1:27017/x", vec!["m0:27017", "m1:27017"]),
            ("k0:9092,k1:9092", vec!["k0:9092", "k1:9092"]),
            ("host=db port=x", vec!["db", "x"]),
            ("u:p@tcp(mysql:3306)/shop", vec!["mysql:3306"]),
            ("jdbc:sqlserver://mssql:1433;databaseName=x", vec!["mssql:1433"]),
            ("PLAINTEXT://a:9092,PLAINTEXT://b:9092", vec!["a:9092", "b:9092"]),
            ("mongodb://m0:27017/x?tags=a,b", vec!["m0:27017"]),
        ] {
            let peers: Vec<String> = peers_in(value).iter().map(ToString::to_string).collect();
            assert_eq!(peers, expected, "{value}");
        }
    }
}
