//! Services, Ingresses and network policies.

use super::meta::{as_written, meta, port, selector, unless};
use evidence::fact::meta::Meta;
use evidence::fact::network::{
    Allowance, Ingress, NetworkPolicy, Peer, Route, Service, ServicePort,
};
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::networking::v1 as api;

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
