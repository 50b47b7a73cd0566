//! Whether a Service's ports lead to something that listens, as far as declarations tell.

use super::Case;
use crate::seen::Seen;
use evidence::fact::network::{Service, ServicePort};
use evidence::fact::pod::Pod;
use evidence::fact::spec::{Container, Port};

/// A Service's port that none of its pods declares.
#[derive(Clone, Debug)]
pub struct Mismatch<'a> {
    /// The port.
    pub port: &'a ServicePort,
    /// A pod behind the Service, ready to serve.
    pub pod: Seen<'a, Pod>,
    /// What that pod declares instead, as `8080/TCP`.
    pub declared: Vec<String>,
}

impl Case {
    /// The first port of a Service that leads to no declared port of its ready pods, where not one of its ports does.
    /// A pod may listen without declaring: a Service of which some port fits is given the benefit of the doubt.
    pub fn mismatch<'a>(&'a self, service: Seen<'a, Service>) -> Option<Mismatch<'a>> {
        let pod = self.selected_by(service.it).find(|pod| is_ready(pod))?;
        let containers = || pod.it.spec.containers.iter().filter(|it| !it.init || it.sidecar);
        let declared: Vec<&Port> = containers().flat_map(|it| &it.ports).collect();
        if declared.is_empty() {
            return None;
        }
        let leads = |port: &ServicePort| {
            declared.iter().any(|it| fits(port, it))
                || containers().any(|it| probes(it, &port.target))
        };
        if service.it.ports.iter().any(leads) {
            return None;
        }
        let port = service.it.ports.first()?;
        let declared = declared.iter().map(|it| written(it)).collect();
        Some(Mismatch { port, pod, declared })
    }
}

fn is_ready(pod: &Pod) -> bool {
    pod.meta.deleted.is_none() && crate::engine::symptoms::is_ready(pod)
}

fn fits(port: &ServicePort, declared: &Port) -> bool {
    let number = declared.number.to_string();
    let target = if port.target.is_empty() { port.port.to_string() } else { port.target.clone() };
    target == number || (!declared.name.is_empty() && target == declared.name)
}

/// A probe that passes shows that something listens there.
fn probes(container: &Container, target: &str) -> bool {
    [&container.readiness, &container.liveness, &container.startup]
        .into_iter()
        .flatten()
        .any(|probe| probe.port == target)
}

fn written(port: &Port) -> String {
    let protocol = if port.protocol.is_empty() { "TCP" } else { &port.protocol };
    if port.name.is_empty() {
        format!("{}/{protocol}", port.number)
    } else {
        format!("{}/{protocol} ({})", port.number, port.name)
    }
}

/// Whether a port is given by name.
pub fn is_named(port: &ServicePort) -> bool {
    !port.target.is_empty() && port.target.parse::<u16>().is_err()
}
