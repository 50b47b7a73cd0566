//! Calls from outside of an Istio mesh to a pod in it, and which PeerAuthentication says how the pod may be called.
//!
//! Of several the nearest counts: one that selects the pod, then that of its namespace, then that of the root namespace.
//! See <https://istio.io/latest/docs/reference/config/security/peer_authentication/>.

use super::Case;
use super::complaints::Complaint;
use super::words::said::Said;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::fact::object::Object;
use evidence::fact::pod::Pod;
use evidence::question::Question;

/// The proxy beside a program of the mesh.
const PROXY: &str = "istio-proxy";
/// The kind of the policy.
const POLICY: &str = "PeerAuthentication";
/// Where a policy counts for the whole mesh, unless the mesh was installed otherwise.
const ROOT: &str = "istio-system";
/// Where labels that a policy selects by stand in its fields.
const SELECTOR: &str = "spec.selector.matchLabels.";
/// The labels of namespaces and pods whose traffic a mesh without sidecars takes in.
const AMBIENT: &str = "istio.io/dataplane-mode";

/// A call without the mesh's TLS, which the called pod's proxy cuts.
#[derive(Clone, Debug)]
pub struct PlainCall<'a> {
    /// The Service called.
    pub service: Seen<'a, Service>,
    /// A pod behind it, with a proxy.
    pub called: Seen<'a, Pod>,
    /// The policy that counts for it, and takes mutual TLS only.
    pub policy: Seen<'a, Object>,
}

impl Case {
    /// The call that a complaint of a cut connection is about, where the mesh explains it.
    pub fn plain_call<'a>(&'a self, complaint: &Complaint<'a>) -> Option<PlainCall<'a>> {
        let (service, called) = self.call_into_mesh(complaint)?;
        if !self.looked(POLICY, "") {
            return None;
        }
        let policy = self.policy_of(called)?;
        let own_ports = policy.it.fields.keys().any(|it| it.starts_with("spec.portLevelMtls."));
        (mode(policy.it) == Some("STRICT") && !own_ports).then_some(PlainCall {
            service,
            called,
            policy,
        })
    }

    /// The policies, where a connection into the mesh is cut for somebody outside of it.
    pub fn ask_about_plain_calls(&self) -> Vec<Question> {
        let asks = self.complaints().iter().any(|it| self.call_into_mesh(it).is_some());
        match asks && !self.looked(POLICY, "") {
            true => vec![Question::Objects { kind: POLICY.to_owned(), namespace: String::new() }],
            false => Vec::new(),
        }
    }

    /// A connection that was cut, of a pod without a proxy to a Service whose pods have one.
    fn call_into_mesh<'a>(
        &'a self,
        complaint: &Complaint<'a>,
    ) -> Option<(Seen<'a, Service>, Seen<'a, Pod>)> {
        let Said::Reset { .. } = complaint.said else { return None };
        let service = self.complained_of(complaint)?;
        let called = self.selected_by(service.it).find(|it| it.meta.deleted.is_none())?;
        let caller = complaint.container.pod;
        let outside = !has_proxy(caller.it) && !self.is_ambient(caller.it);
        (outside && has_proxy(called.it)).then_some((service, called))
    }

    fn is_ambient(&self, pod: &Pod) -> bool {
        let mut namespaces = self.namespaces().filter(|it| it.meta.name == pod.meta.namespace);
        pod.meta.labels.contains_key(AMBIENT)
            || namespaces.any(|it| it.it.meta.labels.contains_key(AMBIENT))
    }

    /// The policy that says how a pod may be called: the nearest that says anything.
    fn policy_of<'a>(&'a self, pod: Seen<'a, Pod>) -> Option<Seen<'a, Object>> {
        let rank = |policy: &Object| {
            let here = policy.meta.namespace == pod.meta.namespace;
            match selects(policy) {
                true if here && meets(policy, pod.it) => Some(0),
                false if here => Some(1),
                false if policy.meta.namespace == ROOT => Some(2),
                _ => None,
            }
        };
        let policies = self.objects().filter(|it| it.it.kind == POLICY && says(it.it));
        // Of two of one rank the older counts.
        let ranked = policies.filter_map(|it| Some((rank(it.it)?, it.it.meta.created, it)));
        ranked.min_by_key(|(rank, created, _)| (*rank, *created)).map(|(.., it)| it)
    }

    /// Another workload with a proxy that is told of the Service and whose pods are ready.
    pub fn caller_in_mesh(&self, service: Seen<'_, Service>) -> Option<(Entity, usize)> {
        let (namespace, name) = (&service.it.meta.namespace, &service.it.meta.name);
        self.clients_of(namespace, name).find_map(|client| {
            let root = client.it.meta.entity(&client.it.kind);
            let within = self.pods_of(&root).any(|pod| has_proxy(pod.it));
            (within && client.it.ready > 0).then_some((root, client.exhibit))
        })
    }
}

/// Beside its program, or as an init container that goes on.
fn has_proxy(pod: &Pod) -> bool {
    pod.spec.containers.iter().any(|it| it.name == PROXY)
}

fn mode(policy: &Object) -> Option<&str> {
    policy.fields.get("spec.mtls.mode").map(String::as_str)
}

/// Whether it sets a mode; without one it leaves that to the next.
fn says(policy: &Object) -> bool {
    mode(policy).is_some_and(|it| it != "UNSET")
        || policy.fields.keys().any(|it| it.starts_with("spec.portLevelMtls."))
}

fn selects(policy: &Object) -> bool {
    policy.fields.keys().any(|it| it.starts_with(SELECTOR))
}

fn meets(policy: &Object, pod: &Pod) -> bool {
    let wanted =
        policy.fields.iter().filter_map(|(key, value)| Some((key.strip_prefix(SELECTOR)?, value)));
    wanted.into_iter().all(|(key, value)| pod.meta.labels.get(key) == Some(value))
}
