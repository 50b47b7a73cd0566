//! Services, endpoints, Ingresses and network policies in cells.

use super::{Cell, cell, labels, selector, wide};
use evidence::fact::network::{Endpoints, Ingress, NetworkPolicy, Service};

pub(super) fn service(it: &Service) -> Vec<Cell> {
    let ports: Vec<String> =
        it.ports.iter().map(|port| format!("{}->{}", port.port, port.target)).collect();
    let kind = if it.headless { "Headless" } else { &it.kind };
    vec![
        cell("TYPE", kind),
        cell("PORTS", ports.join(",")),
        cell(
            "SELECTOR",
            if it.external_name.is_empty() {
                labels(&it.selector)
            } else {
                it.external_name.clone()
            },
        ),
        wide("BALANCER", it.balancer.join(",")),
    ]
}

pub(super) fn endpoints(it: &Endpoints) -> Vec<Cell> {
    let ports: Vec<String> = it.ports.iter().map(|port| port.number.to_string()).collect();
    vec![
        cell("READY", it.ready),
        cell("NOT-READY", it.not_ready),
        cell("PORTS", ports.join(",")),
        wide("PODS", it.pods.join(",")),
    ]
}

pub(super) fn ingress(it: &Ingress) -> Vec<Cell> {
    let routes = it.routes.iter();
    let routes = routes.map(|it| format!("{}{} -> {}:{}", it.host, it.path, it.service, it.port));
    vec![
        cell("CLASS", &it.class),
        cell("ROUTES", routes.collect::<Vec<_>>().join(", ")),
        cell("ADDRESSES", it.addresses.join(",")),
        wide("TLS-SECRETS", it.tls_secrets.join(",")),
    ]
}

pub(super) fn network_policy(it: &NetworkPolicy) -> Vec<Cell> {
    let isolates = [(it.isolates_ingress, "ingress"), (it.isolates_egress, "egress")];
    let isolates: Vec<&str> =
        isolates.into_iter().filter_map(|(does, what)| does.then_some(what)).collect();
    let pods = match selector(&it.pods) {
        all if all.is_empty() => "all".to_owned(),
        pods => pods,
    };
    vec![
        cell("PODS", pods),
        cell("ISOLATES", isolates.join(",")),
        cell("RULES", format!("{} in, {} out", it.ingress.len(), it.egress.len())),
    ]
}
