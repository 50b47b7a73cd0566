//! Services of which a port leads to another program of their pods than its callers mean, as to an exporter beside a server:
//! something listens there, and answers in a protocol of its own.

use super::Case;
use super::complaints::Complaint;
use super::peers::is_of_cluster;
use super::ports::{fits, is_ready};
use super::words::said::{Said, Tls};
use crate::seen::Seen;
use evidence::fact::network::{Service, ServicePort};
use evidence::fact::pod::Pod;
use evidence::fact::spec::{Container, Port};

/// A Service's port whose callers are answered by somebody else.
#[derive(Clone, Debug)]
pub struct Misled<'a> {
    /// The Service.
    pub service: Seen<'a, Service>,
    /// Its port.
    pub port: &'a ServicePort,
    /// A pod behind it, ready to serve.
    pub pod: Seen<'a, Pod>,
    /// The container that the port leads to, and what it declares there.
    pub led: (&'a Container, &'a Port),
    /// The one that is meant, to which no port of the Service leads.
    pub meant: (&'a Container, &'a Port),
    /// Who says so, and who cannot speak with it for that.
    pub complaints: Vec<Complaint<'a>>,
}

impl Case {
    /// All of them.
    pub fn misled(&self) -> Vec<Misled<'_>> {
        let complaints = self.complaints();
        let mut misled: Vec<Misled<'_>> = Vec::new();
        for complaint in &complaints {
            let Said::OtherProtocol { .. } = complaint.said else { continue };
            let Some(service) = self.service_called(complaint) else { continue };
            if misled.iter().any(|it| it.service.exhibit == service.exhibit) {
                continue;
            }
            misled.extend(self.misled_by(service, complaint, &complaints));
        }
        misled
    }

    /// Whether a Service is one of them.
    pub fn misleads(&self, service: Seen<'_, Service>) -> bool {
        self.misled().iter().any(|it| it.service.exhibit == service.exhibit)
    }

    /// The Service that a caller means, by its name or by its port alone.
    fn service_called(&self, complaint: &Complaint<'_>) -> Option<Seen<'_, Service>> {
        self.complained_of(complaint).or_else(|| self.only_one_at(complaint))
    }

    /// The one Service of the caller's namespace that has the port which it called by an address that is nobody's: proxies
    /// keep the address of a Service that was made anew.
    fn only_one_at(&self, complaint: &Complaint<'_>) -> Option<Seen<'_, Service>> {
        let peer = complaint.said.peer().filter(|it| it.address().is_some_and(is_of_cluster))?;
        let is_pod = self.pods().any(|it| it.it.address == peer.host);
        if is_pod || !self.looked("Service", complaint.namespace()) {
            return None;
        }
        let port = peer.port?;
        let mut with = self
            .services_in(complaint.namespace())
            .filter(|it| it.it.ports.iter().any(|it| it.port == port));
        let first = with.next()?;
        with.next().is_none().then_some(first)
    }

    fn misled_by<'a>(
        &'a self,
        service: Seen<'a, Service>,
        complaint: &Complaint<'a>,
        complaints: &[Complaint<'a>],
    ) -> Option<Misled<'a>> {
        // Of a headless one only the addresses are asked for: nothing is sent to its ports.
        if service.it.headless {
            return None;
        }
        let ports = &service.it.ports;
        let usual = complaint.store.map(|it| it.usual_port());
        let called = complaint.said.peer().and_then(|it| it.port).or(usual);
        let port = ports.iter().find(|it| Some(it.port) == called)?;
        let pod = self.selected_by(service.it).find(|pod| is_ready(pod))?;
        let containers = || pod.it.spec.containers.iter().filter(|it| !it.init || it.sidecar);
        let declared = || containers().flat_map(|own| own.ports.iter().map(move |it| (own, it)));
        let led = declared().find(|(_, it)| fits(port, it))?;
        let is_led = |it: &Port| ports.iter().any(|port| fits(port, it));
        let mut unled = declared().filter(|(own, it)| own.name != led.0.name && !is_led(it));
        let meant = unled.next()?;
        // Of two nobody can tell which is meant. And who calls a port that leads where it should has a wrong address.
        let shared = ports.iter().filter(|it| fits(it, led.1)).count() > 1;
        let same_name = !port.name.is_empty() && port.name == meant.1.name;
        let is_meant =
            shared || same_name || port.port == meant.1.number || usual == Some(port.port);
        if unled.next().is_some() || !is_meant {
            return None;
        }
        let about = |it: &&Complaint<'a>| {
            let unlike = matches!(
                it.said,
                Said::OtherProtocol { .. } | Said::TlsFailed { why: Tls::NotSpoken, .. }
            );
            let of_port = it.said.peer().and_then(|it| it.port).is_none_or(|it| it == port.port);
            let called = self.service_called(it);
            unlike && of_port && called.is_some_and(|it| it.exhibit == service.exhibit)
        };
        let complaints = complaints.iter().filter(about).cloned().collect();
        Some(Misled { service, port, pod, led, meant, complaints })
    }
}
