//! Whether a Service's ports lead to something that listens, as far as declarations tell.

use super::Case;
use super::containers::repository;
use super::selecting::selects;
use crate::seen::Seen;
use evidence::entity::Entity;
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
    /// What that pod declares instead, as `8080/TCP`; where it declares nothing, at what it is probed.
    pub declared: Vec<String>,
    /// It declares nothing.
    pub is_probed: bool,
}

/// A Service's port of another protocol than the one that its pods declare.
#[derive(Clone, Debug)]
pub struct OtherProtocol<'a> {
    /// The Service's port.
    pub port: &'a ServicePort,
    /// A pod behind the Service, ready to serve.
    pub pod: Seen<'a, Pod>,
    /// What that pod declares instead.
    pub declared: &'a Port,
    /// What shows that the pod means it.
    pub sign: String,
}

/// A workload behind a Service that serves none of its ports, beside one that serves them all.
#[derive(Clone, Debug)]
pub struct Stranger<'a> {
    /// The workload that is meant.
    pub meant: Entity,
    /// The one that is not.
    pub stranger: Entity,
    /// A ready pod of it.
    pub pod: Seen<'a, Pod>,
    /// What that pod declares, as `8080/TCP`.
    pub declared: Vec<String>,
    /// The Service's target port, which it does not serve, or serves at a number of its own.
    pub target: String,
}

impl Case {
    /// The first port of a Service that differs from its pods' declaration by its protocol alone. Programs write `8125`
    /// for a UDP port and never say so: a number needs a sign that the pod means TCP.
    pub fn other_protocol<'a>(&'a self, service: Seen<'a, Service>) -> Option<OtherProtocol<'a>> {
        let pod = self.selected_by(service.it).find(|pod| is_ready(pod))?;
        let containers: Vec<&Container> =
            pod.it.spec.containers.iter().filter(|it| !it.init || it.sidecar).collect();
        for port in &service.it.ports {
            let mut alike = containers.iter().flat_map(|it| &it.ports).filter(|it| fits(port, it));
            let Some(declared) = alike.next() else { continue };
            let same = |it: &Port| protocol(&it.protocol) == protocol(&port.protocol);
            let served = service.it.ports.iter().any(|it| {
                it.target == port.target && protocol(&it.protocol) == protocol(&declared.protocol)
            });
            if same(declared) || alike.any(same) || served {
                continue;
            }
            let sign = if is_named(port) {
                Some("the name is looked up together with its protocol".to_owned())
            } else if protocol(&declared.protocol) == "TCP" {
                means_tcp(&containers, port, declared)
            } else {
                None
            };
            if let Some(sign) = sign {
                return Some(OtherProtocol { port, pod, declared, sign });
            }
        }
        None
    }

    /// A workload that a Service's selector picks although it serves none of its ports, while another serves them all. One that
    /// declares none serves none where a caller is refused and nobody probes it.
    /// Ports that are given by name find nothing in such a pod, and send it nothing.
    pub fn stranger<'a>(&'a self, service: Seen<'a, Service>) -> Option<Stranger<'a>> {
        if service.headless || service.it.ports.is_empty() {
            return None;
        }
        if service.it.ports.iter().any(is_named) {
            return self.namesake(service);
        }
        let (mut meant, mut odd) = (None, None);
        let behind =
            || self.selected_by(service.it).filter(|pod| is_ready(pod) && pod.phase == "Running");
        // Nearly always they are alike.
        if behind().all(|pod| service.it.ports.iter().any(|port| serves(pod.it, port))) {
            return None;
        }
        for pod in behind() {
            let root = self.root_of(&pod.meta, "Pod");
            if matches!(root.kind.as_str(), "Job" | "CronJob") {
                continue;
            }
            let serving = service.it.ports.iter().filter(|port| serves(pod.it, port)).count();
            let mut declared: Vec<String> =
                pod.it.spec.containers.iter().flat_map(|it| &it.ports).map(written).collect();
            // One that declares none may listen all the same, but where somebody is refused.
            if declared.is_empty() && is_unprobed(pod.it) && !self.refused_by(service).is_empty() {
                declared.push("no port".to_owned());
            }
            if serving == service.it.ports.len() {
                meant = meant.or(Some((root, pod)));
            } else if serving == 0 && !declared.is_empty() {
                odd = odd.or(Some((root, pod, declared)));
            }
        }
        let ((meant, serving), (stranger, pod, declared)) = (meant?, odd?);
        let silent = pod.it.spec.containers.iter().all(|it| it.ports.is_empty());
        if silent && images(pod.it) == images(serving.it) {
            return None; // The same program, whichever way it is told.
        }
        let first = service.it.ports.first()?;
        let target =
            if first.target.is_empty() { first.port.to_string() } else { first.target.clone() };
        (meant != stranger).then_some(Stranger { meant, stranger, pod, declared, target })
    }

    /// A workload that has a port of the Service's name, too, and is another program: another image, another number, and a
    /// Service of its own that leaves out the workload that the first Service is named after.
    fn namesake<'a>(&'a self, service: Seen<'a, Service>) -> Option<Stranger<'a>> {
        let port = service.it.ports.iter().find(|it| is_named(it))?;
        let behind = || self.selected_by(service.it).filter(|it| is_ready(it));
        let named = |pod: &Pod| {
            let root = self.root_of(&pod.meta, "Pod");
            root.name == service.meta.name
        };
        let meant = behind().find(|it| named(it))?;
        let (image, number) = program(meant.it, port)?;
        for pod in behind() {
            let Some((other, declared)) = program(pod.it, port) else { continue };
            if other == image || declared.number == number.number {
                continue;
            }
            let own = self.services_in(&service.meta.namespace).any(|it| {
                let picks = |pod: &Pod| selects(it.it, &pod.meta.labels);
                it.exhibit != service.exhibit && picks(pod.it) && !picks(meant.it)
            });
            if own {
                return Some(Stranger {
                    meant: self.root_of(&meant.meta, "Pod"),
                    stranger: self.root_of(&pod.meta, "Pod"),
                    pod,
                    declared: vec![written(declared)],
                    target: written(number),
                });
            }
        }
        None
    }

    /// The first port of a Service that leads to no declared port of its ready pods, where not one of its ports does.
    /// A pod may listen without declaring: a Service of which some port fits is given the benefit of the doubt.
    pub fn mismatch<'a>(&'a self, service: Seen<'a, Service>) -> Option<Mismatch<'a>> {
        // Of a headless one only the addresses are asked for: nothing is sent to its ports.
        if service.it.headless {
            return None;
        }
        let pod = self.selected_by(service.it).find(|pod| is_ready(pod))?;
        let containers = || pod.it.spec.containers.iter().filter(|it| !it.init || it.sidecar);
        // Where one declares nothing, what its sidecars declare says nothing of it.
        let is_silent = |it: &Container| it.ports.is_empty() && !is_proxy(it);
        let declared: Vec<&Port> = containers().flat_map(|it| &it.ports).collect();
        if declared.is_empty() || containers().any(is_silent) {
            return self.beside_its_probe(service, pod);
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
        Some(Mismatch { port, pod, declared, is_probed: false })
    }

    /// The only port of a Service that refuses its callers, where the only program behind it declares none and answers its
    /// probe at the port by which the Service is called. One that is probed at a port of its own may serve at another.
    fn beside_its_probe<'a>(
        &'a self,
        service: Seen<'a, Service>,
        pod: Seen<'a, Pod>,
    ) -> Option<Mismatch<'a>> {
        let [port] = service.it.ports.as_slice() else { return None };
        let mut programs = pod.it.spec.containers.iter().filter(|it| !it.init && !is_proxy(it));
        let program = programs.next().filter(|it| it.ports.is_empty())?;
        let probed = program.readiness.as_ref()?.port.as_str();
        let called = port.port.to_string();
        let is_other = probed != called || leads_to(port, probed);
        let is_plain = protocol(&port.protocol) == "TCP" && !is_named(port);
        if programs.next().is_some() || !is_plain || is_other {
            return None;
        }
        let declared = vec![format!("{called}/TCP")];
        let mismatch = Mismatch { port, pod, declared, is_probed: true };
        (!self.refused_by(service).is_empty()).then_some(mismatch)
    }
}

fn leads_to(port: &ServicePort, number: &str) -> bool {
    port.target.is_empty() || port.target == number
}

/// The images of a pod's containers, without their versions.
fn images(pod: &Pod) -> Vec<&str> {
    pod.spec.containers.iter().map(|it| repository(&it.image)).collect()
}

/// Whether nobody asks a pod how it does, as far as its containers were seen: of some pods only a row is.
fn is_unprobed(pod: &Pod) -> bool {
    let containers = &pod.spec.containers;
    let mut probes = containers.iter().flat_map(|it| [&it.readiness, &it.liveness, &it.startup]);
    !containers.is_empty() && probes.all(Option::is_none)
}

/// The image, without its version, that declares a Service's port, and that port.
fn program<'a>(pod: &'a Pod, port: &ServicePort) -> Option<(&'a str, &'a Port)> {
    let mut containers = pod.spec.containers.iter().filter(|it| !it.init || it.sidecar);
    containers.find_map(|it| {
        let declared = it.ports.iter().find(|it| it.name == port.target)?;
        Some((repository(&it.image), declared))
    })
}

/// A probe of TCP that passes, or a name of the port that means a protocol over TCP.
fn means_tcp(containers: &[&Container], port: &ServicePort, declared: &Port) -> Option<String> {
    let number = declared.number.to_string();
    let probed = containers.iter().any(|it| {
        let probes = [&it.readiness, &it.liveness, &it.startup].into_iter().flatten();
        probes
            .filter(|it| matches!(it.handler.as_str(), "http" | "https" | "tcp" | "grpc"))
            .any(|it| it.port == number || (!declared.name.is_empty() && it.port == declared.name))
    });
    if probed {
        return Some(format!("a probe passes on {number}/TCP"));
    }
    let names = [&port.app_protocol, &port.name, &declared.name];
    let over_tcp = |name: &str| {
        let word = name.split(['-', '.', '/']).next().unwrap_or_default();
        matches!(
            word,
            "http"
                | "https"
                | "http1"
                | "http2"
                | "grpc"
                | "web"
                | "tcp"
                | "mysql"
                | "postgres"
                | "redis"
                | "mongo"
        )
    };
    let name = names.into_iter().find(|name| over_tcp(name))?;
    Some(format!("the port is called {name}"))
}

/// Whether a pod declares a Service's port, or is probed on it.
fn serves(pod: &Pod, port: &ServicePort) -> bool {
    let mut containers = pod.spec.containers.iter().filter(|it| !it.init || it.sidecar);
    containers.any(|it| it.ports.iter().any(|it| fits(port, it)) || probes(it, &port.target))
}

/// A protocol, as the API means it where nobody wrote it.
pub fn protocol(written: &str) -> &str {
    if written.is_empty() { "TCP" } else { written }
}

pub(super) fn is_ready(pod: &Pod) -> bool {
    pod.meta.deleted.is_none() && crate::engine::symptoms::is_ready(pod)
}

/// Whether a Service's port leads to a declared one.
pub(super) fn fits(port: &ServicePort, declared: &Port) -> bool {
    if port.target.is_empty() {
        return port.port == declared.number;
    }
    port.target == declared.name || port.target.parse() == Ok(declared.number)
}

/// Whether a container is a mesh's proxy, which declares ports of its own or none.
fn is_proxy(container: &Container) -> bool {
    matches!(container.name.as_str(), "istio-proxy" | "linkerd-proxy")
}

/// A probe that passes shows that something listens there.
fn probes(container: &Container, target: &str) -> bool {
    [&container.readiness, &container.liveness, &container.startup]
        .into_iter()
        .flatten()
        .any(|probe| probe.port == target)
}

/// A declared port, as `8080/TCP (http)`.
pub fn written(port: &Port) -> String {
    let protocol = protocol(&port.protocol);
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
