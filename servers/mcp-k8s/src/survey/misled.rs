//! Services that send another protocol than the one that the ready pods behind them speak, as workloads' templates tell.

use evidence::fact::Body;
use evidence::fact::network::{Service, ServicePort};
use evidence::fact::spec::{Container, Port};
use evidence::fact::workload::Workload;

/// Those of which no port is of the protocol that a probe over TCP, or a port of that name, shows.
pub(super) fn services<'a>(
    facts: impl Iterator<Item = &'a Body> + Clone,
) -> impl Iterator<Item = &'a Service> {
    let workloads = facts.clone().filter_map(|fact| match fact {
        Body::Workload(it) if it.ready > 0 => Some(it),
        _ => None,
    });
    let services = facts.filter_map(|fact| match fact {
        Body::Service(it) if !it.selector.is_empty() => Some(it),
        _ => None,
    });
    // Nearly all are of TCP alone.
    let odd = services.filter(|it| it.ports.iter().any(|port| protocol(&port.protocol) != "TCP"));
    odd.filter(move |service| {
        let behind = workloads.clone().filter(|it| is_behind(it, service));
        behind.flat_map(|it| &it.template.containers).any(|it| is_misled(service, it))
    })
}

fn is_behind(workload: &Workload, service: &Service) -> bool {
    let labels = &workload.template_labels;
    workload.meta.namespace == service.meta.namespace
        && service.selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

fn is_misled(service: &Service, container: &Container) -> bool {
    let mut ports = service.ports.iter();
    ports.any(|port| {
        let mut alike = container.ports.iter().filter(|it| is_same(port, it)).peekable();
        let same = |it: &Port| protocol(&it.protocol) == protocol(&port.protocol);
        let by_name = port.target.parse::<u16>().is_err();
        let served = service.ports.iter().any(|it| it.target == port.target && it != port);
        alike.peek().is_some()
            && !served
            && (by_name || is_probed(container, &port.target))
            && !alike.any(same)
    })
}

fn is_same(port: &ServicePort, declared: &Port) -> bool {
    port.target == declared.number.to_string()
        || !declared.name.is_empty() && port.target == declared.name
}

/// A number needs a sign that the pod means TCP: many manifests declare a UDP port without its protocol.
fn is_probed(container: &Container, target: &str) -> bool {
    let probes = [&container.readiness, &container.liveness, &container.startup];
    let named = |port: &str| {
        port == target
            || container.ports.iter().any(|it| it.name == port && it.number.to_string() == target)
    };
    probes.into_iter().flatten().any(|it| it.handler != "exec" && named(&it.port))
}

fn protocol(written: &str) -> &str {
    if written.is_empty() { "TCP" } else { written }
}

#[cfg(test)]
mod tests {
    use super::services;
    use evidence::fact::Body;

    const FACTS: &str = r#"[
        {"service": {"meta": {"namespace": "shop", "name": "syslog"}, "selector": {"app": "syslog"},
            "ports": [{"port": 6514, "target": "6514", "protocol": "UDP"}]}},
        {"workload": {"kind": "Deployment", "meta": {"namespace": "shop", "name": "syslog"}, "ready": 2,
            "template_labels": {"app": "syslog"}, "template": {"containers": [
                {"name": "syslog", "ports": [{"number": 6514}], "readiness": {"handler": "tcp", "port": "6514"}}]}}}
    ]"#;

    fn misled(facts: &str) -> usize {
        let facts: Vec<Body> = serde_json::from_str(facts).unwrap();
        services(facts.iter()).count()
    }

    #[test]
    fn a_service_of_another_protocol_is_told() {
        assert_eq!(misled(FACTS), 1);
    }

    #[test]
    fn a_declaration_without_a_protocol_is_no_sign_by_itself() {
        assert_eq!(misled(&FACTS.replace("tcp", "exec")), 0);
        assert_eq!(misled(&FACTS.replace("UDP", "TCP")), 0);
        assert_eq!(misled(&FACTS.replace("\"ready\": 2", "\"ready\": 0")), 0);
    }
}
