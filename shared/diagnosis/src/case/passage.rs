//! Whether network policies let one pod reach another, in both directions.
//!
//! The rules are those of <https://kubernetes.io/docs/concepts/services-networking/network-policies/>: a pod that some
//! policy isolates may do only what some policy allows; what isolates the caller and what isolates the called both count.

use super::Case;
use super::touching::toucher;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::Selector;
use evidence::fact::network::{Allowance, NetworkPolicy, Peer};
use evidence::fact::pod::Pod;
use evidence::fact::policy::Namespace;
use evidence::fact::spec::PodSpec;
use std::collections::BTreeMap;

/// The label that every namespace bears.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// One end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its pod's labels.
    pub labels: &'a BTreeMap<String, String>,
    /// Its pod's spec, where that is known: it resolves the names of ports.
    pub spec: Option<&'a PodSpec>,
}

impl<'a> End<'a> {
    /// A pod as one end.
    pub fn of(pod: &'a Pod) -> Self {
        End { namespace: &pod.meta.namespace, labels: &pod.meta.labels, spec: Some(&pod.spec) }
    }
}

/// What policies make of a connection.
#[derive(Clone, Debug)]
pub enum Passage<'a> {
    /// They let it through, or there are none.
    Open,
    /// They do not.
    Closed(Barrier<'a>),
    /// Nobody can tell: not all was seen, or a rule names addresses.
    Unknown,
}

/// The policies that isolate one end, and which of its ends that is.
#[derive(Clone, Debug)]
pub struct Barrier<'a> {
    /// The policies, by name. None of them allows the connection.
    pub policies: Vec<Seen<'a, NetworkPolicy>>,
    /// They isolate the caller for what goes out; else the called for what comes in.
    pub outward: bool,
}

/// Yes, no, or not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    No,
    Maybe,
    Yes,
}

impl Case {
    /// What network policies make of a connection to a pod's port, `TCP` or `UDP`.
    pub fn passage(&self, from: End<'_>, to: End<'_>, protocol: &str, port: u16) -> Passage<'_> {
        if [from, to].iter().any(|end| end.spec.is_some_and(|spec| spec.host_network)) {
            return Passage::Unknown; // The node's own network: plugins differ in what they make of it.
        }
        let out = self.one_way(from, to, to, protocol, port, true);
        if let Passage::Closed(_) = out {
            return out;
        }
        match (out, self.one_way(to, from, to, protocol, port, false)) {
            (_, Passage::Closed(barrier)) => Passage::Closed(barrier),
            (Passage::Open, Passage::Open) => Passage::Open,
            _ => Passage::Unknown,
        }
    }

    /// The policy of a barrier that was touched last: it closed the way.
    pub fn latest_of(&self, barrier: &Barrier<'_>) -> Option<Entity> {
        let touched = |it: &Seen<'_, NetworkPolicy>| {
            let at = it.meta.touches.iter().filter(|it| it.subresource.is_empty());
            at.filter_map(|it| it.at).max().or(it.meta.created)
        };
        // Of those touched at the same time the first by name.
        let latest = barrier.policies.iter().rev().max_by_key(|it| touched(it))?;
        Some(latest.meta.entity("NetworkPolicy"))
    }

    /// The namespace of a caller that the policies of a barrier would admit by its pods and ports, and whose labels were
    /// written after all of these policies: then the labels closed the way.
    pub fn relabelled_by<'a>(
        &'a self,
        barrier: &Barrier<'a>,
        from: &End<'_>,
    ) -> Option<Seen<'a, Namespace>> {
        let namespace = self.namespaces().find(|it| it.it.meta.name == from.namespace)?;
        let meta = &namespace.it.meta;
        let at = toucher(meta, "metadata.labels")?.at?;
        let made = meta.created.is_none_or(|made| at > made);
        let written = |it: &Seen<'_, NetworkPolicy>| {
            let touched = it.meta.touches.iter().filter(|it| it.subresource.is_empty());
            touched.filter_map(|it| it.at).max().or(it.meta.created)
        };
        let later = barrier.policies.iter().all(|it| written(it).is_some_and(|it| at > it));
        // Labels that the namespace no longer has are not told; that a rule asks for some is.
        let asks = barrier.policies.iter().any(|policy| {
            policy.it.ingress.iter().flat_map(|it| &it.peers).any(|peer| {
                let pods = peer.pods.as_ref().is_none_or(|it| it.matches(from.labels));
                let wanted = peer.namespaces.as_ref();
                pods && wanted.is_some_and(|it| self.namespace_says(it, from.namespace) == Says::No)
            })
        });
        (!barrier.outward && made && later && asks).then_some(namespace)
    }

    /// Cites the policies of a barrier.
    pub fn cite_barrier(&self, barrier: &Barrier<'_>, what: &str) -> Vec<Cite> {
        let each = barrier.policies.iter().take(3).map(|it| {
            let rules = if barrier.outward { it.it.egress.len() } else { it.it.ingress.len() };
            let way = if barrier.outward { "egress" } else { "ingress" };
            let name = it.meta.entity("NetworkPolicy");
            let says = format!(
                "{name} isolates the pod for {way}, and none of its {rules} rules allows {what}"
            );
            Cite::new(it.exhibit, says)
        });
        each.collect()
    }

    /// What the policies that isolate `own` say of its peer.
    fn one_way(
        &self,
        own: End<'_>,
        peer: End<'_>,
        called: End<'_>,
        protocol: &str,
        port: u16,
        outward: bool,
    ) -> Passage<'_> {
        if !self.looked("NetworkPolicy", own.namespace) {
            return Passage::Unknown; // One that was not seen may allow it, as well as forbid.
        }
        let policies: Vec<Seen<'_, NetworkPolicy>> = self
            .network_policies()
            .filter(|it| it.meta.namespace == own.namespace && it.meta.deleted.is_none())
            .filter(|it| if outward { it.isolates_egress } else { it.isolates_ingress })
            .filter(|it| it.pods.matches(own.labels))
            .collect();
        let mut best = if policies.is_empty() { Says::Yes } else { Says::No };
        for policy in &policies {
            let rules = if outward { &policy.it.egress } else { &policy.it.ingress };
            for rule in rules {
                let peers = self.peers_say(rule, own.namespace, peer);
                best = best.max(peers.min(ports_say(rule, called, protocol, port)));
            }
        }
        match best {
            Says::Yes => Passage::Open,
            Says::Maybe => Passage::Unknown,
            Says::No => Passage::Closed(Barrier { policies, outward }),
        }
    }

    fn peers_say(&self, rule: &Allowance, home: &str, peer: End<'_>) -> Says {
        let each = rule.peers.iter().map(|it| self.peer_says(it, home, peer));
        if rule.peers.is_empty() { Says::Yes } else { each.max().unwrap_or(Says::No) }
    }

    fn peer_says(&self, rule: &Peer, home: &str, peer: End<'_>) -> Says {
        if !rule.block.is_empty() {
            return Says::Maybe; // Whether blocks hold for pods' addresses is up to the network plugin.
        }
        let pods = rule.pods.as_ref().is_none_or(|it| it.matches(peer.labels));
        if !pods {
            return Says::No;
        }
        match &rule.namespaces {
            None if peer.namespace == home => Says::Yes,
            None => Says::No,
            Some(selector) => self.namespace_says(selector, peer.namespace),
        }
    }

    fn namespace_says(&self, selector: &Selector, namespace: &str) -> Says {
        let entity = Entity::new("Namespace", "", namespace);
        let seen = self.namespaces().find(|it| it.meta.entity("Namespace") == entity);
        let mut labels = seen.map(|it| it.it.meta.labels.clone()).unwrap_or_default();
        labels.insert(NAME_LABEL.to_owned(), namespace.to_owned());
        let mut keys = selector.labels.keys().chain(selector.requirements.iter().map(|it| &it.key));
        if seen.is_none() && keys.any(|key| key != NAME_LABEL) {
            return Says::Maybe;
        }
        if selector.matches(&labels) { Says::Yes } else { Says::No }
    }
}

fn ports_say(rule: &Allowance, called: End<'_>, protocol: &str, port: u16) -> Says {
    let each = rule.ports.iter().map(|it| port_says(it, called, protocol, port));
    if rule.ports.is_empty() { Says::Yes } else { each.max().unwrap_or(Says::No) }
}

/// Whether a rule's `TCP/8080`, `TCP/8000-8080`, `TCP/http` or `TCP` means a port.
fn port_says(rule: &str, called: End<'_>, protocol: &str, port: u16) -> Says {
    let (of, wanted) = rule.split_once('/').unwrap_or((rule, ""));
    let says = |holds: bool| if holds { Says::Yes } else { Says::No };
    if of != protocol {
        return Says::No;
    }
    if wanted.is_empty() {
        return Says::Yes;
    }
    if let Ok(number) = wanted.parse::<u16>() {
        return says(number == port);
    }
    if let Some((first, last)) = wanted.split_once('-')
        && let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>())
    {
        return says((first..=last).contains(&port));
    }
    let Some(spec) = called.spec else { return Says::Maybe };
    let declared = spec.containers.iter().flat_map(|it| &it.ports);
    says(declared.filter(|it| it.name == wanted).any(|it| it.number == port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::fact::{Body, Fact};
    use evidence::scope::{Scope, Window};
    use evidence::testimony::{Look, Testimony};

    const PODS: &str = "
- namespace: {meta: {name: shop, labels: {team: shop}}}
- pod: {meta: {namespace: shop, name: front, labels: {app: front}}}
- pod:
    meta: {namespace: shop, name: db, labels: {app: db}}
    spec: {containers: [{name: db, ports: [{name: pg, number: 5432}]}]}
- pod: {meta: {namespace: other, name: job, labels: {app: front}}}
";

    /// What policies make of `from` calling `shop/db` on TCP 5432.
    fn verdict(policies: &str, from: (&str, &str)) -> &'static str {
        let bodies: Vec<Body> = serde_saphyr::from_str(&format!("{PODS}{policies}")).unwrap();
        let at = "2026-11-21T12:00:00Z".parse().unwrap();
        let mut case = Case::open("", Scope::default(), at, Window { start: at, end: at });
        let look =
            |kind: &str| Look { kind: kind.into(), namespace: String::new(), complete: true };
        case.hear(Testimony {
            facts: bodies.into_iter().map(|body| Fact { source: 0, body }).collect(),
            looks: vec![look("NetworkPolicy")],
            ..Testimony::default()
        });
        let pod = |(namespace, name): (&str, &str)| {
            case.pod(&Entity::new("Pod", namespace, name)).seen().unwrap().it
        };
        match case.passage(End::of(pod(from)), End::of(pod(("shop", "db"))), "TCP", 5432) {
            Passage::Open => "open",
            Passage::Closed(it) if it.outward => "closed outward",
            Passage::Closed(_) => "closed inward",
            Passage::Unknown => "unknown",
        }
    }

    fn to_db(rules: &str) -> String {
        format!(
            "- network_policy: {{meta: {{namespace: shop, name: db}}, pods: {{labels: {{app: db}}}}, \
             isolates_ingress: true, ingress: {rules}}}\n"
        )
    }

    const FRONT: (&str, &str) = ("shop", "front");

    #[test]
    fn without_policies_all_is_open() {
        assert_eq!(verdict("", FRONT), "open");
    }

    #[test]
    fn what_is_isolated_needs_a_rule() {
        assert_eq!(verdict(&to_db("[]"), FRONT), "closed inward");
        assert_eq!(verdict(&to_db("[{}]"), FRONT), "open");
    }

    #[test]
    fn a_rule_means_peers_and_ports() {
        let rule = |ports: &str| {
            to_db(&format!("[{{peers: [{{pods: {{labels: {{app: front}}}}}}], ports: [{ports}]}}]"))
        };
        for open in ["TCP/5432", "TCP/5000-6000", "TCP/pg", "TCP"] {
            assert_eq!(verdict(&rule(open), FRONT), "open", "{open}");
        }
        for closed in ["TCP/5433", "UDP/5432", "TCP/http"] {
            assert_eq!(verdict(&rule(closed), FRONT), "closed inward", "{closed}");
        }
    }

    #[test]
    fn peers_without_a_namespace_are_of_the_policys_own() {
        let rule = to_db("[{peers: [{pods: {labels: {app: front}}}]}]");
        assert_eq!(verdict(&rule, ("other", "job")), "closed inward");
        let named =
            to_db("[{peers: [{namespaces: {labels: {kubernetes.io/metadata.name: other}}}]}]");
        assert_eq!(verdict(&named, ("other", "job")), "open");
        let team = to_db("[{peers: [{namespaces: {labels: {team: other}}}]}]");
        assert_eq!(verdict(&team, ("other", "job")), "unknown", "its labels were not seen");
        assert_eq!(verdict(&team, FRONT), "closed inward");
    }

    #[test]
    fn addresses_are_up_to_the_network_plugin() {
        assert_eq!(verdict(&to_db("[{peers: [{block: 10.0.0.0/8}]}]"), FRONT), "unknown");
    }

    #[test]
    fn both_directions_count() {
        let out = "- network_policy: {meta: {namespace: shop, name: out}, isolates_egress: true, \
                   egress: [{ports: [UDP/53]}]}\n";
        assert_eq!(verdict(out, FRONT), "closed outward");
        assert_eq!(verdict(out, ("other", "job")), "open");
    }
}
