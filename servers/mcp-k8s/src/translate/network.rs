//! Services, endpoints, Ingresses and network policies.

use super::meta::{as_written, meta, port, selector, unless};
use evidence::fact::meta::Meta;
use evidence::fact::network::{
    Allowance, Endpoints, Ingress, NetworkPolicy, Peer, Route, Service, ServicePort,
};
use evidence::fact::spec::Port;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointPort, EndpointSlice};
use k8s_openapi::api::networking::v1 as api;
use std::collections::{BTreeMap, BTreeSet};

/// The label by which a slice belongs to its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// How many pods behind a Service are named.
const MOST_PODS: usize = 50;

/// A Service.
pub fn service(from: core::Service) -> Service {
    let spec = from.spec.unwrap_or_default();
    let balancer = from.status.and_then(|status| status.load_balancer).and_then(|it| it.ingress);
    let addresses = balancer.unwrap_or_default().into_iter();
    let ports: Vec<ServicePort> =
        spec.ports.unwrap_or_default().into_iter().map(service_port).collect();
    Service {
        meta: named_by_port(meta(from.metadata), &ports),
        kind: spec.type_.unwrap_or_else(|| "ClusterIP".to_owned()),
        headless: spec.cluster_ip.as_deref() == Some("None"),
        addresses: addresses_of(spec.cluster_ips, spec.cluster_ip),
        external_name: spec.external_name.unwrap_or_default(),
        selector: spec.selector.unwrap_or_default(),
        ports,
        publishes_not_ready: spec.publish_not_ready_addresses.unwrap_or(false),
        sticky: spec.session_affinity.as_deref() == Some("ClientIP"),
        internal_local: spec.internal_traffic_policy.as_deref() == Some("Local"),
        external_local: spec.external_traffic_policy.as_deref() == Some("Local"),
        balancer: addresses.filter_map(|it| it.ip.or(it.hostname)).collect(),
    }
}

/// Who set what, with a port's name where the API server knows it by its number: `spec.ports[http]`.
fn named_by_port(mut meta: Meta, ports: &[ServicePort]) -> Meta {
    let named: Vec<(String, String)> = ports
        .iter()
        .filter(|port| !port.name.is_empty())
        .map(|port| (format!("spec.ports[{}]", port.port), format!("spec.ports[{}]", port.name)))
        .collect();
    for field in meta.touches.iter_mut().flat_map(|touch| &mut touch.fields) {
        let known = named.iter().find(|(number, _)| field.starts_with(number.as_str()));
        if let Some((number, name)) = known {
            *field = field.replacen(number, name, 1);
        }
    }
    meta
}

/// A headless Service says `None` where others have an address.
fn addresses_of(all: Option<Vec<String>>, one: Option<String>) -> Vec<String> {
    let all = all.unwrap_or_else(|| one.into_iter().collect());
    all.into_iter().filter(|it| !it.is_empty() && it != "None").collect()
}

fn service_port(from: core::ServicePort) -> ServicePort {
    let same = from.port.to_string();
    ServicePort {
        name: from.name.unwrap_or_default(),
        port: port(from.port),
        // A target that nobody wrote is the port itself.
        target: from.target_port.map(|target| as_written(Some(target))).unwrap_or(same),
        protocol: unless("TCP", from.protocol),
        app_protocol: from.app_protocol.unwrap_or_default(),
        node_port: from.node_port.and_then(|it| u16::try_from(it).ok()),
    }
}

/// EndpointSlices that were seen, by the Service that they belong to. A pod in several slices, as with two address
/// families, counts once, and is ready if one of them says so.
#[derive(Debug, Default)]
pub struct Slices {
    services: BTreeMap<(String, String), Backends>,
}

impl Slices {
    /// Takes in one more slice; one without the label belongs to no Service and is passed over.
    pub fn add(&mut self, mut slice: EndpointSlice) {
        let labels = slice.metadata.labels.take().unwrap_or_default();
        if let Some(service) = labels.get(SERVICE_NAME) {
            let namespace = slice.metadata.namespace.take().unwrap_or_default();
            self.services.entry((namespace, service.clone())).or_default().add(slice);
        }
    }

    /// The endpoints of each Service, by namespace and name.
    pub fn all(self) -> impl Iterator<Item = Endpoints> {
        let each = self.services.into_iter();
        each.map(|((namespace, service), backends)| backends.count(namespace, service))
    }
}

#[derive(Debug, Default)]
struct Backends {
    ready: BTreeMap<String, bool>,
    ports: Vec<Port>,
    pods: Vec<String>,
    nodes: BTreeSet<String>,
    elsewhere: bool,
}

impl Backends {
    fn add(&mut self, slice: EndpointSlice) {
        for from in slice.ports.unwrap_or_default() {
            let port = slice_port(from);
            if !self.ports.contains(&port) {
                self.ports.push(port);
            }
        }
        for endpoint in slice.endpoints {
            self.add_endpoint(endpoint);
        }
    }

    fn add_endpoint(&mut self, endpoint: Endpoint) {
        // Nobody having said is ready, as the API defines it.
        let ready = endpoint.conditions.and_then(|it| it.ready).unwrap_or(true);
        let pod = endpoint.target_ref.filter(|it| it.kind.as_deref() == Some("Pod"));
        let pod = pod.and_then(|it| it.name);
        let address = endpoint.addresses.into_iter().next().unwrap_or_default();
        match endpoint.node_name {
            Some(node) if ready => drop(self.nodes.insert(node)),
            None if ready => self.elsewhere = true,
            _ => {}
        }
        *self.ready.entry(pod.clone().unwrap_or(address)).or_default() |= ready;
        if let Some(pod) = pod
            && !self.pods.contains(&pod)
            && self.pods.len() < MOST_PODS
        {
            self.pods.push(pod);
        }
    }

    fn count(mut self, namespace: String, service: String) -> Endpoints {
        self.pods.sort();
        self.ports
            .sort_by(|left, right| (left.number, &left.name).cmp(&(right.number, &right.name)));
        let ready = self.ready.values().filter(|ready| **ready).count();
        Endpoints {
            namespace,
            service,
            ready: u32::try_from(ready).unwrap_or(u32::MAX),
            not_ready: u32::try_from(self.ready.len() - ready).unwrap_or(u32::MAX),
            ports: self.ports,
            pods: self.pods,
            nodes: if self.elsewhere { Vec::new() } else { self.nodes.into_iter().collect() },
        }
    }
}

fn slice_port(from: EndpointPort) -> Port {
    Port {
        name: from.name.unwrap_or_default(),
        number: port(from.port.unwrap_or(0)),
        protocol: unless("TCP", from.protocol),
        host: None,
    }
}

/// An Ingress. The default backend comes first.
pub fn ingress(from: api::Ingress) -> Ingress {
    let spec = from.spec.unwrap_or_default();
    let meta = meta(from.metadata);
    let by_annotation = meta.annotations.get("kubernetes.io/ingress.class").cloned();
    let balancer = from.status.and_then(|status| status.load_balancer).and_then(|it| it.ingress);
    let addresses = balancer.unwrap_or_default().into_iter();
    let certificates = spec.tls.unwrap_or_default().into_iter();
    let mut routes: Vec<Route> = Vec::new();
    routes.extend(spec.default_backend.and_then(|it| route(String::new(), String::new(), it)));
    for rule in spec.rules.unwrap_or_default() {
        let host = rule.host.unwrap_or_default();
        for path in rule.http.map(|http| http.paths).unwrap_or_default() {
            let exact = path.path_type == "Exact";
            let route = route(host.clone(), path.path.unwrap_or_default(), path.backend);
            routes.extend(route.map(|route| Route { exact, ..route }));
        }
    }
    Ingress {
        class: spec.ingress_class_name.or(by_annotation).unwrap_or_default(),
        meta,
        routes,
        tls_secrets: certificates.filter_map(|it| it.secret_name).collect(),
        addresses: addresses.filter_map(|it| it.ip.or(it.hostname)).collect(),
    }
}

/// A route to a Service; one to a custom resource leads nowhere that we can follow.
fn route(host: String, path: String, backend: api::IngressBackend) -> Option<Route> {
    let service = backend.service?;
    let number = service.port.as_ref().and_then(|it| it.number).map(|it| it.to_string());
    let name = service.port.and_then(|it| it.name);
    let port = number.or(name).unwrap_or_default();
    Some(Route { host, path, exact: false, service: service.name, port })
}

/// A NetworkPolicy.
pub fn network_policy(from: api::NetworkPolicy) -> NetworkPolicy {
    let spec = from.spec.unwrap_or_default();
    let ingress = spec.ingress.unwrap_or_default();
    let egress = spec.egress.unwrap_or_default();
    let types = spec.policy_types.unwrap_or_default();
    let names = |kind: &str| types.iter().any(|it| it == kind);
    NetworkPolicy {
        meta: meta(from.metadata),
        pods: spec.pod_selector.map(selector).unwrap_or_default(),
        // Where no types are written, Ingress holds, and Egress if there is a rule for it.
        isolates_ingress: types.is_empty() || names("Ingress"),
        isolates_egress: names("Egress") || (types.is_empty() && !egress.is_empty()),
        ingress: ingress.into_iter().map(|it| allowance(it.from, it.ports)).collect(),
        egress: egress.into_iter().map(|it| allowance(it.to, it.ports)).collect(),
    }
}

fn allowance(
    peers: Option<Vec<api::NetworkPolicyPeer>>,
    ports: Option<Vec<api::NetworkPolicyPort>>,
) -> Allowance {
    Allowance {
        peers: peers.unwrap_or_default().into_iter().map(peer).collect(),
        ports: ports.unwrap_or_default().into_iter().map(policy_port).collect(),
    }
}

fn peer(from: api::NetworkPolicyPeer) -> Peer {
    let block = from.ip_block.map(|it| match it.except {
        Some(except) if !except.is_empty() => format!("{} except {}", it.cidr, except.join(" ")),
        _ => it.cidr,
    });
    Peer {
        pods: from.pod_selector.map(selector),
        namespaces: from.namespace_selector.map(selector),
        block: block.unwrap_or_default(),
    }
}

fn policy_port(from: api::NetworkPolicyPort) -> String {
    let protocol = from.protocol.unwrap_or_else(|| "TCP".to_owned());
    match (as_written(from.port), from.end_port) {
        (first, Some(last)) => format!("{protocol}/{first}-{last}"),
        (first, None) if first.is_empty() => protocol,
        (first, None) => format!("{protocol}/{first}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn endpoints(slices: impl IntoIterator<Item = EndpointSlice>) -> Vec<Endpoints> {
        let mut all = Slices::default();
        for slice in slices {
            all.add(slice);
        }
        all.all().collect()
    }

    fn slice(service: &str, endpoints: Value) -> EndpointSlice {
        let from = json!({"metadata": {"namespace": "shop", "name": "x", "labels": {SERVICE_NAME: service}},
            "addressType": "IPv4", "endpoints": endpoints, "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]});
        serde_json::from_value(from).unwrap()
    }

    fn pod(name: &str, address: &str, ready: Value) -> Value {
        json!({"addresses": [address], "conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": name}})
    }

    #[test]
    fn who_set_a_port_is_known_by_the_ports_name() {
        let fields = json!({"f:spec": {"f:ports": {
            "k:{\"port\":80,\"protocol\":\"TCP\"}": {"f:targetPort": {}}}}});
        let from = json!({"metadata": {"managedFields": [{"manager": "helm", "fieldsV1": fields}]},
            "spec": {"ports": [{"name": "http", "port": 80, "targetPort": 8080}]}});
        let service = service(serde_json::from_value(from).unwrap());
        let of = service.meta.touches.first().map(|it| it.fields.clone());
        assert_eq!(of, Some(vec!["spec.ports[http].targetPort".to_owned()]));
    }

    #[test]
    fn slices_of_one_service_are_taken_together() {
        let all = endpoints([
            slice("web", json!([pod("a", "10.0.0.1", json!(true))])),
            slice("web", json!([pod("b", "10.0.0.2", json!(false))])),
            slice("db", json!([])),
        ]);
        let said: Vec<(&str, u32, u32)> =
            all.iter().map(|it| (it.service.as_str(), it.ready, it.not_ready)).collect();
        assert_eq!(said, [("db", 0, 0), ("web", 1, 1)]);
        assert_eq!(all[1].pods, ["a", "b"]);
        assert_eq!(all[1].ports.len(), 1);
    }

    #[test]
    fn a_pod_with_two_addresses_counts_once() {
        let all = endpoints([
            slice("web", json!([pod("a", "10.0.0.1", json!(true))])),
            slice("web", json!([pod("a", "fd00::1", json!(true))])),
        ]);
        assert_eq!((all[0].ready, all[0].not_ready), (1, 0));
    }

    #[test]
    fn an_endpoint_that_does_not_say_is_ready() {
        let all = endpoints([slice("web", json!([pod("a", "10.0.0.1", Value::Null)]))]);
        assert_eq!(all[0].ready, 1);
    }

    #[test]
    fn nodes_are_told_where_all_ready_addresses_name_theirs() {
        let on = |name: &str, node: Value, ready: bool| {
            json!({"addresses": [name], "nodeName": node,
            "conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": name}})
        };
        let all = endpoints([slice(
            "web",
            json!([on("a", json!("n1"), true), on("b", json!("n2"), false)]),
        )]);
        assert_eq!(all[0].nodes, ["n1"]);
        let some = endpoints([slice(
            "web",
            json!([on("a", json!("n1"), true), on("b", Value::Null, true)]),
        )]);
        assert!(some[0].nodes.is_empty());
    }

    #[test]
    fn a_target_that_nobody_wrote_is_the_port() {
        let from = json!({"metadata": {"name": "web"}, "spec": {"clusterIP": "None", "selector": {"app": "web"},
            "ports": [{"port": 80}, {"port": 443, "targetPort": "https"}]}});
        let service = service(serde_json::from_value(from).unwrap());
        let targets: Vec<&str> = service.ports.iter().map(|it| it.target.as_str()).collect();
        assert_eq!(targets, ["80", "https"]);
        assert!(service.headless);
    }

    #[test]
    fn an_ingress_leads_to_services() {
        let from = json!({"metadata": {"name": "shop"}, "spec": {"ingressClassName": "nginx",
            "defaultBackend": {"service": {"name": "none", "port": {"number": 80}}},
            "tls": [{"secretName": "cert"}],
            "rules": [{"host": "shop.example", "http": {"paths": [{"path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": "web", "port": {"name": "http"}}}}]}}]}});
        let ingress = ingress(serde_json::from_value(from).unwrap());
        let said: Vec<(&str, &str, &str)> = ingress
            .routes
            .iter()
            .map(|it| (it.host.as_str(), it.service.as_str(), it.port.as_str()))
            .collect();
        assert_eq!(said, [("", "none", "80"), ("shop.example", "web", "http")]);
        assert_eq!(ingress.tls_secrets, ["cert"]);
    }

    #[test]
    fn a_policy_without_types_isolates_what_it_has_rules_for() {
        let read = |spec: Value| {
            let from = json!({"metadata": {"name": "p"}, "spec": spec});
            network_policy(serde_json::from_value(from).unwrap())
        };
        let ingress_only = read(json!({"podSelector": {}}));
        assert!(ingress_only.isolates_ingress && !ingress_only.isolates_egress);
        let both = read(
            json!({"podSelector": {}, "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8",
            "except": ["10.1.0.0/16"]}}], "ports": [{"port": 8000, "endPort": 8080}, {"protocol": "UDP", "port": 53}]}]}),
        );
        assert!(both.isolates_egress);
        assert_eq!(both.egress[0].peers[0].block, "10.0.0.0/8 except 10.1.0.0/16");
        assert_eq!(both.egress[0].ports, ["TCP/8000-8080", "UDP/53"]);
        let egress_only = read(json!({"podSelector": {}, "policyTypes": ["Egress"]}));
        assert!(!egress_only.isolates_ingress && egress_only.isolates_egress);
    }
}
