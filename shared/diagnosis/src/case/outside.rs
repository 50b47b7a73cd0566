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
        if address.is_loopback() || self.complained_of(&complaint).is_some() {
            return None;
        }
        let called = peer.to_string();
        let from = End::of(complaint.container.pod.it);
        let Passage::Closed(barrier) = self.way_out(from, address, port) else { return None };
        let policy = *barrier.policies.iter().find(|it| means_port(it.it, address, port))?;
        Some(ShutIn { called, policy, barrier, complaint })
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
