//! Calls that fail: who calls which Service, at which port, and in which way it fails for him.
//!
//! The way tells most: silence means that something drops, a refusal that nobody listens, an unknown name that the name
//! is wrong or its service is.

use super::Case;
use super::complaints::Complaint;
use super::peers::{Meant, peers_in};
use super::ports::protocol;
use super::words::peer::Peer;
use super::words::said::Said;
use crate::finding::Cite;
use crate::policy::End;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::{Service, ServicePort};
use evidence::fact::pod::Pod;
use std::mem::discriminant;

/// How lines name calls by UDP: Go's network and its verbs, and URLs.
const BY_UDP: &[&str] = &[
    "dial udp",
    "read udp",
    "write udp",
    "udp://",
    "udp4://",
    "udp6://",
    "java.net.PortUnreachableException",
];

/// A call of a workload that its log says fails.
#[derive(Clone, Debug)]
pub struct FailedCall<'a> {
    /// What the log says.
    pub complaint: Complaint<'a>,
    /// The Service called.
    pub service: Seen<'a, Service>,
    /// The pod behind it that was called by its own address, as proxies do it, or one that is there in the place of that.
    pub pod: Option<Seen<'a, Pod>>,
    /// The line names nobody: it is a Service that the caller is told of.
    pub inferred: bool,
}

impl<'a> FailedCall<'a> {
    /// Nothing came back.
    pub fn is_silent(&self) -> bool {
        matches!(self.complaint.said, Said::TimedOut { .. } | Said::NoRoute { .. })
    }

    /// Nobody listened.
    pub fn is_refused(&self) -> bool {
        matches!(self.complaint.said, Said::Refused { .. })
    }

    /// The pod that calls.
    pub fn caller(&self) -> Seen<'a, Pod> {
        self.complaint.container.pod
    }

    /// The Service's port that it calls, where the line says it: of a pod's own address the one that leads there.
    pub fn called_port(&self) -> Option<u16> {
        if self.pod.is_some() { self.port().map(|it| it.port) } else { self.named_port() }
    }

    /// The Service's port that is called, of the protocol by which it is called: the one that the line names, or the only
    /// one. A number that a URL's scheme alone tells may be none: a registry behind the name knows the port.
    pub fn port(&self) -> Option<&'a ServicePort> {
        let by = self.protocol();
        let mut ports = self.service.it.ports.iter().filter(|it| protocol(&it.protocol) == by);
        match (self.named_port(), self.pod) {
            (Some(number), None)
                if !self.tells(number) && !ports.clone().any(|it| it.port == number) =>
            {
                ports.next().filter(|_| ports.next().is_none())
            }
            (Some(number), Some(pod)) => ports.find(|it| target_in(it, pod.it) == Some(number)),
            (Some(number), None) => ports.find(|it| it.port == number),
            (None, _) => ports.next().filter(|_| ports.next().is_none()),
        }
    }

    /// By which protocol it calls. Who says that nobody answers means a connection, which is TCP's, where he does not say
    /// that it is of UDP.
    pub fn protocol(&self) -> &'static str {
        let text = &self.complaint.line.text;
        if BY_UDP.iter().any(|it| text.contains(it)) { "UDP" } else { "TCP" }
    }

    /// Whether the line has the number, and does not only have it by its scheme.
    pub fn tells(&self, number: u16) -> bool {
        let mut numbers = self.complaint.line.text.split(|it: char| !it.is_ascii_digit());
        numbers.any(|it| it.parse() == Ok(number))
    }

    fn named_port(&self) -> Option<u16> {
        self.complaint.said.peer().and_then(|it| it.port)
    }
}

/// Whether no answer comes, and the line does not say from whom.
pub fn is_unnamed(said: &Said) -> bool {
    matches!(said, Said::TimedOut { peer: None })
}

/// The number of the port of a pod behind it to which a Service's port leads.
pub fn target_in(port: &ServicePort, pod: &Pod) -> Option<u16> {
    if port.target.is_empty() {
        return Some(port.port);
    }
    if let Ok(number) = port.target.parse() {
        return Some(number);
    }
    let declared = pod.spec.containers.iter().flat_map(|it| &it.ports);
    declared.filter(|it| it.name == port.target).map(|it| it.number).next()
}

impl Case {
    /// The calls that fail in a way that a log tells, whether or not the called Service has anybody ready.
    pub fn failed_calls(&self) -> Vec<FailedCall<'_>> {
        let (mut calls, mut nameless) = (Vec::new(), Vec::new());
        for complaint in self.complaints() {
            let connects = matches!(
                complaint.said,
                Said::Refused { .. }
                    | Said::TimedOut { .. }
                    | Said::NoRoute { .. }
                    | Said::Unreached { .. }
            );
            if !connects {
                continue;
            }
            match self.complained_of(&complaint) {
                Some(service) => {
                    let pod = self.called_itself(&complaint).or_else(|| {
                        self.behind_host(&complaint)?;
                        self.end_behind(service).map(|(_, pod)| pod)
                    });
                    calls.push(FailedCall { complaint, service, pod, inferred: false });
                }
                None => nameless.push(complaint),
            }
        }
        let told = calls.len();
        for complaint in nameless {
            let named = calls.get(..told).unwrap_or_default();
            if let Some(service) = self.called_by_others(&complaint, named) {
                calls.push(FailedCall { complaint, service, pod: None, inferred: false });
            }
        }
        calls
    }

    /// Of each silence that names nobody, the calls that it may mean: those to the Services that its container is told of.
    pub fn unnamed_calls(&self) -> Vec<Vec<FailedCall<'_>>> {
        let complaints = self.complaints().into_iter();
        let nameless = complaints.filter(|it| is_unnamed(&it.said) && it.store.is_none());
        nameless
            .map(|complaint| {
                let (spec, namespace) = (&complaint.container.pod.it.spec, complaint.namespace());
                let mut peers: Vec<Peer> =
                    self.destinations(spec, namespace).into_iter().flat_map(peers_in).collect();
                peers.sort();
                peers.dedup();
                let calls = peers.into_iter().filter_map(|peer| {
                    let service = self.service_of(&peer, namespace)?;
                    let said = Said::TimedOut { peer: Some(peer) };
                    let complaint = Complaint { said, ..complaint.clone() };
                    Some(FailedCall { complaint, service, pod: None, inferred: true })
                });
                calls.collect()
            })
            .collect()
    }

    /// The pod whose own address a complaint names.
    fn called_itself(&self, complaint: &Complaint<'_>) -> Option<Seen<'_, Pod>> {
        let peer = complaint.said.peer().filter(|it| it.address().is_some())?;
        self.pods().find(|it| it.it.address == peer.host && !it.it.spec.host_network)
    }

    /// The store that a line means which names none: the one of its kind that others of the namespace call in the same vain
    /// way, and say so.
    fn called_by_others<'a>(
        &'a self,
        complaint: &Complaint<'_>,
        named: &[FailedCall<'a>],
    ) -> Option<Seen<'a, Service>> {
        let store = complaint.store.filter(|_| complaint.said.peer().is_none())?;
        // One that names stores of its kind by itself has no need of others' words.
        let told = self.destinations(&complaint.container.pod.it.spec, complaint.namespace());
        let mut peers = told.into_iter().flat_map(peers_in);
        if peers.any(|it| {
            let service = self.service_of(&it, complaint.namespace());
            service.is_some_and(|it| self.is_store(it.it, store))
        }) {
            return None;
        }
        let mut called = named.iter().filter(|it| {
            it.complaint.namespace() == complaint.namespace()
                && discriminant(&it.complaint.said) == discriminant(&complaint.said)
                && self.is_store(it.service.it, store)
        });
        let first = called.next()?.service;
        called.all(|it| it.service.exhibit == first.exhibit).then_some(first)
    }

    /// The calls to a Service that somebody refused, as a pod without a listener does; a policy keeps silent.
    pub fn refused_by(&self, service: Seen<'_, Service>) -> Vec<(Entity, Cite)> {
        let calls = self.failed_calls().into_iter();
        let refused = calls.filter(|it| it.is_refused() && it.service.exhibit == service.exhibit);
        refused.map(|it| (it.complaint.root().clone(), it.complaint.cite())).collect()
    }

    /// A pod behind a Service, as one end of a connection.
    pub fn end_behind<'a>(
        &'a self,
        service: Seen<'a, Service>,
    ) -> Option<(End<'a>, Seen<'a, Pod>)> {
        let pod = self.selected_by(service.it).find(|pod| pod.meta.deleted.is_none())?;
        Some((End::of(pod.it), pod))
    }

    /// Namespaces that calls lead to and that nobody has looked at.
    pub fn unseen_namespaces(&self) -> Vec<String> {
        let mut unseen = Vec::new();
        for complaint in self.complaints() {
            let Some(peer) = complaint.said.peer() else { continue };
            if !matches!(self.meant(peer, complaint.namespace()), Meant::Unknown) {
                continue;
            }
            let labels: Vec<&str> = peer.host.split('.').collect();
            let svc = labels.iter().position(|it| *it == "svc");
            let namespace = svc.and_then(|at| at.checked_sub(1)).and_then(|at| labels.get(at));
            if let Some(namespace) = namespace
                && !unseen.iter().any(|it| it == namespace)
            {
                unseen.push((*namespace).to_owned());
            }
        }
        unseen
    }
}
