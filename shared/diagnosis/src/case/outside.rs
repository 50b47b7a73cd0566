//! Callers that get no answer from an address outside of the cluster, because policies let them out to other addresses only.

use super::Case;
use super::complaints::Complaint;
use super::passage::{Barrier, Passage};
use super::words::said::Said;
use crate::policy::{Called, End, Says, Way, ports_say, rules};
use crate::seen::Seen;
use evidence::fact::network::NetworkPolicy;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Such a caller.
#[derive(Clone, Debug)]
pub struct ShutIn<'a> {
    /// That it gets no answer.
    pub complaint: Complaint<'a>,
    /// `10.60.9.14:5432`.
    pub called: String,
    /// The policies that isolate it, none of which allows the call.
    pub barrier: Barrier<'a>,
    /// The one of them that lets it out to that port of other addresses.
    pub policy: Seen<'a, NetworkPolicy>,
}

impl Case {
    /// Every one. A policy alone does not show that a call is meant to succeed; that it allows the same port elsewhere does.
    pub fn shut_in(&self) -> Vec<ShutIn<'_>> {
        self.complaints().into_iter().filter_map(|it| self.one_shut_in(it)).collect()
    }

    fn one_shut_in<'a>(&'a self, complaint: Complaint<'a>) -> Option<ShutIn<'a>> {
        let Said::TimedOut { peer: Some(peer) } = &complaint.said else { return None };
        let (address, port) = (peer.address()?, peer.port?);
        let pod = complaint.container.pod.it;
        let inside = address.is_loopback() || is_near(address, &pod.address);
        if inside || self.complained_of(&complaint).is_some() {
            return None;
        }
        let called = peer.to_string();
        let closed = self.way_out(End::of(pod), address, port);
        let Passage::Closed(barrier) = closed else { return None };
        let policy = *barrier.policies.iter().find(|it| means_port(it.it, address, port))?;
        Some(ShutIn { called, policy, barrier, complaint })
    }
}

/// Whether an address may be a pod's, which selectors may mean: it begins as the caller's own does.
fn is_near(address: IpAddr, own: &str) -> bool {
    match (address, own.parse()) {
        (IpAddr::V4(address), Ok(IpAddr::V4(own))) => address.octets()[..2] == own.octets()[..2],
        (IpAddr::V6(address), Ok(IpAddr::V6(own))) => {
            address.segments()[..3] == own.segments()[..3]
        }
        _ => false,
    }
}

/// Whether a policy lets out to this port of some block of addresses.
fn means_port(policy: &NetworkPolicy, address: IpAddr, port: u16) -> bool {
    let (labels, addresses) = (BTreeMap::new(), [address]);
    let outside = End { addresses: &addresses, ..End::labelled("", &labels) };
    let called = Called { protocol: "TCP", port };
    rules(policy, Way::Out).iter().any(|rule| {
        let blocks = rule.peers.iter().any(|it| !it.block.is_empty());
        blocks && !rule.ports.is_empty() && ports_say(rule, outside, called) == Says::Yes
    })
}
