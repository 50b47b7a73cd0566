//! Whether network policies let one pod reach another, in both directions, as far as they were seen.

use super::Case;
use super::touching::{toucher, written_last};
use crate::finding::Cite;
use crate::policy::{self, Called, End, Says, Way};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::Selector;
use evidence::fact::network::NetworkPolicy;
use evidence::fact::policy::Namespace;
use std::collections::BTreeMap;
use std::net::IpAddr;

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

impl Case {
    /// What network policies make of a connection to a pod's port, `TCP` or `UDP`.
    pub fn passage(&self, from: End<'_>, to: End<'_>, protocol: &str, port: u16) -> Passage<'_> {
        let from = End { namespace_labels: self.labels_of(from.namespace), ..from };
        let to = End { namespace_labels: self.labels_of(to.namespace), ..to };
        let called = Called { protocol, port };
        let out = self.one_way(Way::Out, from, to, called);
        if let Passage::Closed(_) = out {
            return out;
        }
        match (out, self.one_way(Way::In, to, from, called)) {
            (_, Passage::Closed(barrier)) => Passage::Closed(barrier),
            (Passage::Open, Passage::Open) => Passage::Open,
            _ => Passage::Unknown,
        }
    }

    /// What network policies make of a connection from a pod to an address outside of the cluster.
    pub fn way_out(&self, from: End<'_>, address: IpAddr, port: u16) -> Passage<'_> {
        let from = End { namespace_labels: self.labels_of(from.namespace), ..from };
        let (labels, addresses) = (BTreeMap::new(), [address]);
        let outside = End { addresses: &addresses, ..End::labelled("", &labels) };
        self.one_way(Way::Out, from, outside, Called { protocol: "TCP", port })
    }

    /// The policy of a barrier that was touched last: it closed the way. Of those touched at the same time it is one that
    /// lets somebody in or out for these pods by name, and was meant to; then the first by name.
    pub fn latest_of(&self, barrier: &Barrier<'_>) -> Option<Entity> {
        let way = if barrier.outward { Way::Out } else { Way::In };
        let means = |it: &NetworkPolicy| {
            let Selector { labels, requirements } = &it.pods;
            let some = !labels.is_empty() || !requirements.is_empty();
            some && !policy::rules(it, way).is_empty()
        };
        let policies = barrier.policies.iter().rev();
        let latest = policies.max_by_key(|it| (written_last(&it.it.meta), means(it.it)))?;
        Some(latest.meta.entity("NetworkPolicy"))
    }

    /// The namespace of a caller that the policies of a barrier would admit by its pods and ports, and whose labels were
    /// written after all of these policies: then the labels closed the way.
    pub fn relabelled_by<'a>(
        &'a self,
        barrier: &Barrier<'a>,
        from: &End<'_>,
    ) -> Option<Seen<'a, Namespace>> {
        let from = End { namespace_labels: self.labels_of(from.namespace), ..*from };
        let namespace = self.namespaces().find(|it| it.it.meta.name == from.namespace)?;
        let meta = &namespace.it.meta;
        let at = toucher(meta, "metadata.labels")?.at?;
        let made = meta.created.is_none_or(|made| at > made);
        let written = |it: &Seen<'_, NetworkPolicy>| written_last(&it.it.meta);
        let later = barrier.policies.iter().all(|it| written(it).is_some_and(|it| at > it));
        // Labels that the namespace no longer has are not told; that a rule asks for some is.
        let asks = barrier.policies.iter().any(|policy| {
            policy.it.ingress.iter().flat_map(|it| &it.peers).any(|peer| {
                let pods = peer.pods.as_ref().is_none_or(|it| it.matches(from.labels));
                let wanted = peer.namespaces.as_ref();
                pods && wanted.is_some_and(|it| policy::namespace_says(it, from) == Says::No)
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
    fn one_way(&self, way: Way, own: End<'_>, peer: End<'_>, called: Called<'_>) -> Passage<'_> {
        if !self.looked("NetworkPolicy", own.namespace) {
            return Passage::Unknown; // One that was not seen may allow it, as well as forbid.
        }
        let policies: Vec<Seen<'_, NetworkPolicy>> = self
            .network_policies()
            .filter(|it| it.meta.deleted.is_none() && policy::isolates(it.it, way, own))
            .collect();
        let isolating: Vec<&NetworkPolicy> = policies.iter().map(|it| it.it).collect();
        match policy::passes(&isolating, way, own, peer, called) {
            Says::Yes => Passage::Open,
            Says::Maybe(_) => Passage::Unknown,
            Says::No => Passage::Closed(Barrier { policies, outward: way == Way::Out }),
        }
    }

    /// The labels of a namespace that was seen.
    fn labels_of(&self, namespace: &str) -> Option<&BTreeMap<String, String>> {
        let seen = self.namespaces().find(|it| it.it.meta.name == namespace);
        seen.map(|it| &it.it.meta.labels)
    }
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
    fn both_directions_count() {
        let out = "- network_policy: {meta: {namespace: shop, name: out}, isolates_egress: true, \
                   egress: [{ports: [UDP/53]}]}\n";
        assert_eq!(verdict(out, FRONT), "closed outward");
        assert_eq!(verdict(out, ("other", "job")), "open");
    }
}
