//! Pods on a node for which no sandbox, and so no network, can be made.

use super::Case;
use crate::finding::{Cite, Finding, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::pod::{Pod, State};
use std::collections::BTreeMap;

/// A pod that waits for its sandbox, and what its kubelet said last.
#[derive(Clone, Debug)]
pub struct Sandboxless<'a> {
    /// The object at the top of the pod's owners.
    pub root: Entity,
    /// The pod.
    pub pod: Seen<'a, Pod>,
    /// The kubelet's words.
    pub said: &'a str,
    /// Where they stand.
    pub cite: Cite,
}

impl Case {
    /// Every pod whose sandbox its kubelet could not make lately, and that waits for it still.
    pub fn sandboxless(&self) -> Vec<Sandboxless<'_>> {
        let mut found = Vec::new();
        for pod in self.pods().filter(|pod| is_before_its_containers(pod)) {
            let name = pod.meta.entity("Pod");
            let failures = self.events_of(&name, &["FailedCreatePodSandBox"]);
            let Some(event) = failures.max_by_key(|it| it.last) else { continue };
            let said: &str = &event.it.message;
            let says = format!("{name}: FailedCreatePodSandBox, {} times", event.count.max(1));
            let cite = Cite::quoting(event.exhibit, says, said);
            found.push(Sandboxless { root: self.root_of(&pod.meta, "Pod"), pod, said, cite });
        }
        found
    }

    /// Pods whose sandbox fails with such words, as one finding about the nodes that they are on. A node whose kubelet
    /// itself says that it is not ready is another fault's.
    pub fn sandbox_fault(
        &self,
        shows: impl Fn(&Sandboxless<'_>) -> bool,
        why: fn(&str) -> String,
    ) -> Option<Finding> {
        let mut nodes: BTreeMap<&str, usize> = BTreeMap::new();
        let mut explains: Vec<Entity> = Vec::new();
        let mut proofs = Vec::new();
        let mut reason = None;
        for it in self.sandboxless() {
            let node = it.pod.it.spec.node_name.as_str();
            if !shows(&it) || !self.is_ready_node(node) {
                continue;
            }
            *nodes.entry(node).or_default() += 1;
            reason.get_or_insert_with(|| why(it.said));
            proofs.push(it.cite);
            if !explains.contains(&it.root) {
                explains.push(it.root);
            }
        }
        // The node that shows it most stands for them; of several the first by name.
        let most = nodes.values().max()?;
        let (first, _) = nodes.iter().find(|(_, count)| *count == most)?;
        let subject = Entity::new("Node", "", first);
        let more = match nodes.len() {
            1 => String::new(),
            several => format!(" and {} more", several - 1),
        };
        proofs.truncate(3);
        Some(Finding {
            field: None,
            value: None,
            statement: format!("{subject}{more} cannot start pods because {}.", reason?),
            proofs,
            doubts: Vec::new(),
            strength: Strength::Conclusive,
            explains,
            subject,
        })
    }

    /// Whether a node's kubelet says that it is ready, or nobody knows.
    pub fn is_ready_node(&self, name: &str) -> bool {
        let ready = self.node(name).seen().and_then(|it| condition(&it.it.conditions, "Ready"));
        ready.is_none_or(|it| it.status == "True")
    }
}

/// No container of it was ever made.
pub fn is_before_its_containers(pod: &Pod) -> bool {
    let waits = |state: &Option<State>| match state {
        Some(State::Waiting { reason, .. }) => {
            matches!(reason.as_str(), "ContainerCreating" | "PodInitializing")
        }
        _ => false,
    };
    pod.meta.deleted.is_none()
        && pod.phase == "Pending"
        && pod.containers.iter().all(|it| waits(&it.state))
        && !pod.containers.is_empty()
}

/// Whether a sandbox fails at its network: the words of containerd, CRI-O and the former Docker shim.
pub fn says_no_network(said: &str) -> bool {
    let signs = [
        "failed to setup network for sandbox",
        "failed to set up pod network",
        "networkPlugin cni failed to set up pod",
        "to CNI network",
        "plugin type=\"",
    ];
    signs.iter().any(|sign| said.contains(sign))
}

/// Whether a network plugin has no address left: the words of host-local, AWS, Azure, Cilium and Calico.
pub fn says_no_address(said: &str) -> bool {
    let signs = [
        "no IP addresses available in range set",
        "failed to assign an IP address to container",
        "Failed to allocate address: No available addresses",
        "no IPs currently available on the node",
        "Assigned 0 out of 1 requested IPv4 addresses",
        "range is full",
        "all CIDR ranges are exhausted",
        "all pod CIDR ranges are exhausted",
        "No more IPs available",
    ];
    signs.iter().any(|sign| said.contains(sign))
}
