//! What NetworkPolicies make of a connection between two ends: yes, no, or not known and why.
//!
//! The rules are those of <https://kubernetes.io/docs/concepts/services-networking/network-policies/>: a pod that some
//! policy isolates may do only what some policy allows. Where the API leaves something to the network plugin, the answer
//! is that nobody can tell.

use crate::case::ports::protocol;
use evidence::fact::meta::Selector;
use evidence::fact::network::{Allowance, NetworkPolicy, Peer};
use evidence::fact::pod::Pod;
use evidence::fact::spec::PodSpec;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The label that every namespace bears.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// One end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// Its namespace; empty for what is outside of the cluster, which only address blocks can mean.
    pub namespace: &'a str,
    /// That namespace's labels, where they were seen.
    pub namespace_labels: Option<&'a BTreeMap<String, String>>,
    /// Its pod's labels.
    pub labels: &'a BTreeMap<String, String>,
    /// Its pod's spec, where that is known: it resolves the names of ports.
    pub spec: Option<&'a PodSpec>,
    /// The addresses under which a policy may see it; empty where they are not known.
    pub addresses: &'a [IpAddr],
}

impl<'a> End<'a> {
    /// A pod as one end, whose addresses and namespace are not looked at.
    pub fn of(pod: &'a Pod) -> Self {
        let namespace = pod.meta.namespace.as_str();
        End { spec: Some(&pod.spec), ..End::labelled(namespace, &pod.meta.labels) }
    }

    /// A pod of which only the labels are known.
    pub fn labelled(namespace: &'a str, labels: &'a BTreeMap<String, String>) -> Self {
        End { namespace, namespace_labels: None, labels, spec: None, addresses: &[] }
    }

    fn is_on_host(&self) -> bool {
        self.spec.is_some_and(|spec| spec.host_network)
    }
}

/// The port that is called.
#[derive(Clone, Copy, Debug)]
pub struct Called<'a> {
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'a str,
    /// The pod's port, which a policy sees whatever the Service's port is.
    pub port: u16,
}

/// Which of a connection's ends a policy isolates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The called, for what comes in.
    In,
    /// The caller, for what goes out.
    Out,
}

/// Whether something is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// It is not.
    No,
    /// Nobody can tell.
    Maybe(Doubt),
    /// It is.
    Yes,
}

/// Why nobody can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// An end is in its node's own network, of which plugins make different things.
    HostNetwork,
    /// A rule names addresses: whether these mean pods is up to the plugin.
    Addresses,
    /// A rule asks for labels of a namespace that was not seen.
    Namespace,
    /// A rule names a port, and the called pod's spec was not seen.
    PortName,
}

/// Whether a policy isolates a pod for one way.
pub fn isolates(policy: &NetworkPolicy, way: Way, pod: End<'_>) -> bool {
    let isolates = match way {
        Way::In => policy.isolates_ingress,
        Way::Out => policy.isolates_egress,
    };
    isolates && policy.meta.namespace == pod.namespace && policy.pods.matches(pod.labels)
}

/// A policy's rules for one way.
pub fn rules(policy: &NetworkPolicy, way: Way) -> &[Allowance] {
    match way {
        Way::In => &policy.ingress,
        Way::Out => &policy.egress,
    }
}

/// What the policies that isolate `own` for a way make of a connection with `peer`. None of them is no isolation.
pub fn passes(
    isolating: &[&NetworkPolicy],
    way: Way,
    own: End<'_>,
    peer: End<'_>,
    called: Called<'_>,
) -> Says {
    if isolating.is_empty() {
        return Says::Yes;
    }
    let target = if way == Way::In { own } else { peer };
    let all = isolating.iter().flat_map(|policy| rules(policy, way));
    let each =
        all.map(|rule| peers_say(rule, own.namespace, peer).min(ports_say(rule, target, called)));
    match each.max().unwrap_or(Says::No) {
        Says::Yes => Says::Yes,
        // Policies may not hold for such a pod at all, and its own node always reaches a pod.
        _ if own.is_on_host() || peer.is_on_host() => Says::Maybe(Doubt::HostNetwork),
        says => says,
    }
}

/// Whether a rule means a peer. `home` is the policy's own namespace.
fn peers_say(rule: &Allowance, home: &str, peer: End<'_>) -> Says {
    let each = rule.peers.iter().map(|it| peer_says(it, home, peer));
    if rule.peers.is_empty() { Says::Yes } else { each.max().unwrap_or(Says::No) }
}

fn peer_says(rule: &Peer, home: &str, peer: End<'_>) -> Says {
    if !rule.block.is_empty() {
        return block_says(&rule.block, peer);
    }
    let is_meant = rule.pods.as_ref().is_none_or(|it| it.matches(peer.labels));
    if peer.namespace.is_empty() || !is_meant {
        return Says::No;
    }
    let says = match &rule.namespaces {
        None if peer.namespace == home => Says::Yes,
        None => Says::No,
        Some(selector) => namespace_says(selector, peer),
    };
    // In its node's network a pod may be taken for the node.
    if peer.is_on_host() { says.min(Says::Maybe(Doubt::HostNetwork)) } else { says }
}

fn namespace_says(selector: &Selector, peer: End<'_>) -> Says {
    let mut labels = peer.namespace_labels.cloned().unwrap_or_default();
    labels.insert(NAME_LABEL.to_owned(), peer.namespace.to_owned());
    let mut keys = selector.labels.keys().chain(selector.requirements.iter().map(|it| &it.key));
    if peer.namespace_labels.is_none() && keys.any(|key| key != NAME_LABEL) {
        return Says::Maybe(Doubt::Namespace);
    }
    if selector.matches(&labels) { Says::Yes } else { Says::No }
}

/// Whether a block as `10.0.0.0/8 except 10.1.0.0/16 10.2.0.0/16` means a peer.
fn block_says(block: &str, peer: End<'_>) -> Says {
    let (whole, except) = block.split_once(" except ").unwrap_or((block, ""));
    let Some(whole) = Block::read(whole) else { return Says::Maybe(Doubt::Addresses) };
    let except: Option<Vec<Block>> = except.split_whitespace().map(Block::read).collect();
    let (Some(except), false) = (except, peer.addresses.is_empty()) else {
        return Says::Maybe(Doubt::Addresses);
    };
    let holds = |it: &&IpAddr| whole.holds(**it) && !except.iter().any(|out| out.holds(**it));
    let inside = peer.addresses.iter().filter(holds).count();
    if inside == 0 {
        return Says::No;
    }
    // Some plugins take blocks for what is outside of the cluster alone.
    let is_outside = peer.namespace.is_empty();
    if is_outside && inside == peer.addresses.len() {
        Says::Yes
    } else {
        Says::Maybe(Doubt::Addresses)
    }
}

/// A block of addresses.
struct Block {
    address: IpAddr,
    bits: u32,
}

impl Block {
    fn read(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        Some(Block { address: address.parse().ok()?, bits: bits.parse().ok()? })
    }

    fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32_u32.saturating_sub(self.bits)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128_u32.saturating_sub(self.bits)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

/// Whether a rule means the port that is called.
pub fn ports_say(rule: &Allowance, target: End<'_>, called: Called<'_>) -> Says {
    let each = rule.ports.iter().map(|it| port_says(it, target, called));
    if rule.ports.is_empty() { Says::Yes } else { each.max().unwrap_or(Says::No) }
}

/// Whether a rule's `TCP/8080`, `TCP/8000-8080`, `TCP/http` or `TCP` means a port.
fn port_says(rule: &str, target: End<'_>, called: Called<'_>) -> Says {
    let (of, wanted) = rule.split_once('/').unwrap_or((rule, ""));
    let says = |holds: bool| if holds { Says::Yes } else { Says::No };
    if of != called.protocol {
        return Says::No;
    }
    if wanted.is_empty() {
        return Says::Yes;
    }
    if let Ok(number) = wanted.parse::<u16>() {
        return says(number == called.port);
    }
    if let Some((first, last)) = wanted.split_once('-')
        && let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>())
    {
        return says((first..=last).contains(&called.port));
    }
    let Some(spec) = target.spec else { return Says::Maybe(Doubt::PortName) };
    let running = spec.containers.iter().filter(|it| !it.init || it.sidecar);
    let mut named = running.flat_map(|it| &it.ports).filter(|it| it.name == wanted);
    says(named.any(|it| it.number == called.port && protocol(&it.protocol) == called.protocol))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a policy of namespace shop says of a pod `app: front` that calls, or is called by, `shop/db` on TCP 5432.
    fn says(policy: &str, way: Way, peer: &str) -> Says {
        let policy: NetworkPolicy = serde_saphyr::from_str(&format!(
            "{{meta: {{namespace: shop, name: p}}, isolates_ingress: true, isolates_egress: true, {policy}}}"
        ))
        .unwrap();
        let db: Pod = serde_saphyr::from_str(
            "{meta: {namespace: shop, name: db, labels: {app: db}}, spec: {containers: [
              {name: set-up, init: true, ports: [{name: up, number: 5432}]},
              {name: db, ports: [{name: pg, number: 5432}, {name: stats, number: 5432, protocol: UDP}]}]}}",
        )
        .unwrap();
        let host = peer == "host";
        let (namespace, address) = match peer {
            "outside" => ("", "203.0.113.9"),
            "other" => ("other", "10.1.0.9"),
            _ => ("shop", "10.0.0.9"),
        };
        let front: Pod = serde_saphyr::from_str(&format!(
            "{{meta: {{namespace: '{namespace}', name: front, labels: {{app: front}}}}, spec: {{host_network: {host}}}}}"
        ))
        .unwrap();
        let team = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
        let addresses: Vec<IpAddr> = vec![address.parse().unwrap()];
        let addresses = if peer == "nowhere" { &[][..] } else { &addresses };
        let seen = (peer != "unseen").then_some(&team);
        let front = End { addresses, namespace_labels: seen, ..End::of(&front) };
        let db = End::of(&db);
        assert!(isolates(&policy, Way::In, db), "it selects all pods");
        match way {
            Way::In => passes(&[&policy], way, db, front, Called { protocol: "TCP", port: 5432 }),
            Way::Out => passes(&[&policy], way, front, db, Called { protocol: "TCP", port: 5432 }),
        }
    }

    #[test]
    fn no_policy_is_no_isolation_and_no_rule_allows_nothing() {
        let labels = BTreeMap::new();
        let end = End::labelled("shop", &labels);
        let called = Called { protocol: "TCP", port: 80 };
        assert_eq!(passes(&[], Way::In, end, end, called), Says::Yes);
        for way in [Way::In, Way::Out] {
            assert_eq!(says("ingress: [], egress: []", way, "near"), Says::No);
            assert_eq!(says("ingress: [{}], egress: [{}]", way, "near"), Says::Yes);
        }
    }

    #[test]
    fn ports() {
        for (ports, expected) in [
            ("TCP", Says::Yes),
            ("TCP/5432", Says::Yes),
            ("TCP/5000-6000", Says::Yes),
            ("TCP/5432-5432", Says::Yes),
            ("TCP/pg", Says::Yes),
            ("TCP/5433", Says::No),
            ("TCP/5433-6000", Says::No),
            ("UDP/5432", Says::No),
            ("UDP", Says::No),
            ("TCP/stats", Says::No),
            ("TCP/up", Says::No),
            ("TCP/http-alt", Says::No),
        ] {
            let rule = format!("ingress: [{{ports: [{ports}]}}], egress: [{{ports: [{ports}]}}]");
            assert_eq!(says(&rule, Way::In, "near"), expected, "{ports}");
            assert_eq!(says(&rule, Way::Out, "near"), expected, "out {ports}");
        }
    }

    #[test]
    fn peers() {
        let maybe = |doubt| Says::Maybe(doubt);
        for (peers, who, expected) in [
            ("{pods: {}}", "near", Says::Yes),
            ("{pods: {}}", "other", Says::No),
            ("{pods: {labels: {app: front}}}", "near", Says::Yes),
            ("{pods: {labels: {app: back}}}", "near", Says::No),
            ("{namespaces: {}}", "other", Says::Yes),
            ("{namespaces: {}}", "outside", Says::No),
            ("{namespaces: {labels: {team: a}}}", "other", Says::Yes),
            ("{namespaces: {labels: {team: b}}}", "other", Says::No),
            ("{namespaces: {labels: {team: a}}}", "unseen", maybe(Doubt::Namespace)),
            ("{namespaces: {labels: {kubernetes.io/metadata.name: shop}}}", "unseen", Says::Yes),
            ("{namespaces: {labels: {team: a}}, pods: {labels: {app: back}}}", "other", Says::No),
            (
                "{pods: {requirements: [{key: app, operator: NotIn, values: [front]}]}}",
                "near",
                Says::No,
            ),
            ("{block: 10.0.0.0/8}", "near", maybe(Doubt::Addresses)),
            ("{block: 10.0.0.0/8}", "nowhere", maybe(Doubt::Addresses)),
            ("{block: 192.168.0.0/16}", "near", Says::No),
            ("{block: 10.0.0.0/8 except 10.0.0.0/24}", "near", Says::No),
            ("{block: 'fd00::/8'}", "near", Says::No),
            ("{block: 203.0.113.0/24}", "outside", Says::Yes),
            ("{block: 0.0.0.0/0}", "outside", Says::Yes),
            ("{block: 0.0.0.0/0 except 10.0.0.0/8 203.0.113.8/29}", "outside", Says::No),
            ("{pods: {labels: {app: front}}}", "host", maybe(Doubt::HostNetwork)),
            ("{pods: {labels: {app: back}}}", "host", maybe(Doubt::HostNetwork)),
        ] {
            let rule = format!("ingress: [{{peers: [{peers}]}}], egress: []");
            assert_eq!(says(&rule, Way::In, who), expected, "{peers} {who}");
        }
        assert_eq!(says("ingress: [{}]", Way::In, "host"), Says::Yes, "all are let in");
    }

    #[test]
    fn peers_and_ports_of_one_rule_count_together() {
        let apart = "ingress: [{peers: [{pods: {labels: {app: front}}}], ports: [TCP/1]}, {peers: [{pods: {labels: {app: x}}}], ports: [TCP/5432]}]";
        assert_eq!(says(apart, Way::In, "near"), Says::No);
    }

    #[test]
    fn only_its_own_namespace_and_its_own_pods_are_isolated() {
        let policy: NetworkPolicy = serde_saphyr::from_str(
            "{meta: {namespace: shop, name: p}, isolates_ingress: true, pods: {labels: {app: db}}}",
        )
        .unwrap();
        let labelled = |app: &str| BTreeMap::from([("app".to_owned(), app.to_owned())]);
        let (db, web) = (labelled("db"), labelled("web"));
        assert!(isolates(&policy, Way::In, End::labelled("shop", &db)));
        assert!(!isolates(&policy, Way::Out, End::labelled("shop", &db)));
        assert!(!isolates(&policy, Way::In, End::labelled("shop", &web)));
        assert!(!isolates(&policy, Way::In, End::labelled("other", &db)));
    }
}
