//! What a node breaks that does not work: whose pods are on it, and whose it keeps away.

use super::Case;
use super::constraints::{Constraint, says_leaving};
use crate::engine::symptoms::is_ready;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::node::Node;
use evidence::fact::pod::{Pod, State};
use jiff::{SignedDuration, Timestamp};

/// A node that has just joined is not ready until its network and its runtime have come up.
const JOINING: SignedDuration = SignedDuration::from_mins(5);

/// A node that is taken away is gone after so long; one that is still there is broken.
const LEAVING: SignedDuration = SignedDuration::from_mins(10);

/// What the node controller puts on a node that is not ready.
const SICK: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

impl Case {
    /// Whether a node is not ready only for a while, as it has just joined or is being taken away.
    pub fn is_passing(&self, node: &Node) -> bool {
        let within = |at: Option<Timestamp>, most: SignedDuration| {
            at.is_some_and(|at| self.as_of.duration_since(at) < most)
        };
        let ready = condition(&node.conditions, "Ready");
        let leaves = node.meta.deleted.is_some()
            || node.taints.iter().any(|it| says_leaving(&it.key))
            || ready.is_some_and(|it| it.message.contains("node is shutting down"));
        within(node.meta.created, JOINING)
            || leaves && within(ready.and_then(|it| it.since), LEAVING)
    }

    /// The objects that lack pods because of a node that is not ready: their pods that are not ready are on it, or wait
    /// for it to be ready. What fails by itself on other nodes has another cause.
    pub fn stranded_on(&self, node: &Node) -> Vec<Entity> {
        let name = &node.meta.name;
        let here = |pod: &Pod| pod.spec.node_name == *name && pod.phase != "Failed";
        let pods = self.pods().filter(|it| here(it.it) && !is_ready(it.it));
        let roots = pods.map(|pod| self.root_of(&pod.meta, "Pod"));
        let mut stranded: Vec<Entity> =
            roots.filter(|it| !self.fails_elsewhere(it, name)).collect();
        let sick =
            |it: &Constraint| matches!(it, Constraint::Taint(key) if SICK.contains(&key.as_str()));
        for unplaced in self.unplaced().into_iter().filter(|it| sick(&it.binding)) {
            if self.nodes_but_for(&unplaced).iter().any(|it| it.it.meta.name == *name) {
                stranded.push(unplaced.root);
            }
        }
        stranded.sort();
        stranded.dedup();
        stranded
    }

    /// Whether pods of an object fail by themselves on other nodes, which are ready.
    pub fn fails_elsewhere(&self, root: &Entity, node: &str) -> bool {
        self.pods_of(root).any(|pod| {
            let place = &pod.it.spec.node_name;
            pod.it.meta.deleted.is_none()
                && place != node
                && self.is_ready_node(place)
                && fails_by_itself(pod.it)
        })
    }

    /// Whether a node holds or refuses a pod of what was asked about, or was asked about itself.
    pub fn bears_on_scope(&self, node: &Node) -> bool {
        let namespaces = &self.scope.namespaces;
        if namespaces.is_empty() || self.asks_about("Node", &node.meta.name) {
            return true;
        }
        // Healthy pods are not all kept; on a node that is not ready none is healthy.
        let ready = condition(&node.conditions, "Ready").is_none_or(|it| it.status == "True");
        let holds = |pod: &Pod| pod.spec.node_name == node.meta.name || ready && pod.alike > 0;
        let own = |it: &Constraint| matches!(it, Constraint::Taint(key) if key.starts_with("node.kubernetes.io/"));
        let refuses = |pod: &Pod| {
            let failing = self.failing(node, pod);
            pod.spec.node_name.is_empty()
                && pod.phase == "Pending"
                && !failing.is_empty()
                && failing.iter().all(own)
        };
        let mut pods = self.pods().filter(|it| namespaces.contains(&it.meta.namespace));
        pods.any(|pod| holds(pod.it) || refuses(pod.it))
    }
}

/// A container waits for its image or its configuration, or its program ends.
fn fails_by_itself(pod: &Pod) -> bool {
    pod.phase != "Failed"
        && pod.containers.iter().any(|status| match &status.state {
            Some(State::Waiting { reason, .. }) => {
                !matches!(reason.as_str(), "" | "ContainerCreating" | "PodInitializing")
            }
            Some(State::Terminated(ended)) => ended.exit_code != 0,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use crate::case::Case;
    use evidence::fact::{Body, Fact};
    use evidence::scope::{Scope, Window};
    use evidence::testimony::Testimony;

    fn bears(taints: &str) -> bool {
        let facts = format!(
            "[{{node: {{meta: {{name: n}}, taints: [{taints}]}}}}, {{pod: {{meta: {{namespace: shop, name: p}}, phase: Pending}}}}]"
        );
        let at = "2026-11-21T12:00:00Z".parse().unwrap();
        let scope = Scope { namespaces: vec!["shop".to_owned()], ..Scope::default() };
        let mut case = Case::open("", scope, at, Window { start: at, end: at });
        let bodies: Vec<Body> = serde_saphyr::from_str(&facts).unwrap();
        let facts = bodies.into_iter().map(|body| Fact { source: 0, body }).collect();
        case.hear(Testimony { facts, ..Testimony::default() });
        let node = case.nodes().next().unwrap();
        case.bears_on_scope(node.it)
    }

    #[test]
    fn a_node_that_keeps_nothing_from_a_pod_does_not_refuse_it() {
        assert!(bears("{key: node.kubernetes.io/disk-pressure, effect: NoSchedule}"));
        assert!(!bears("{key: team, effect: NoSchedule}"));
        assert!(!bears(""));
    }
}
