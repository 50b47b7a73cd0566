//! Nodes that run out of something, and the pods that their kubelets evict for it.

use super::Case;
use super::constraints::Constraint;
use super::denials::between;
use crate::finding::{Cite, Finding, Strength};
use crate::quantity;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::{Condition, condition};
use evidence::fact::node::Node;

/// A kind of pressure: the condition, the taint that goes with it, and what the kubelet calls what is scarce.
/// See <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/eviction/helpers.go>.
#[derive(Debug)]
pub struct Kind {
    /// The condition's type.
    pub condition: &'static str,
    /// The taint's key.
    pub taint: &'static str,
    /// The resources in `The node was low on resource: x.`
    pub resources: &'static [&'static str],
    /// In plain words.
    pub words: &'static str,
}

/// Memory.
pub const MEMORY: Kind = Kind {
    condition: "MemoryPressure",
    taint: "node.kubernetes.io/memory-pressure",
    resources: &["memory"],
    words: "memory",
};
/// Disks, of bytes or of inodes.
pub const DISK: Kind = Kind {
    condition: "DiskPressure",
    taint: "node.kubernetes.io/disk-pressure",
    resources: &["ephemeral-storage", "inodes"],
    words: "disk",
};
/// Process ids.
pub const PIDS: Kind = Kind {
    condition: "PIDPressure",
    taint: "node.kubernetes.io/pid-pressure",
    resources: &["pids"],
    words: "process ids",
};

/// A node that is under pressure now.
#[derive(Clone, Debug)]
pub struct Pressure<'a> {
    /// The node.
    pub node: Seen<'a, Node>,
    /// What its kubelet says.
    pub condition: &'a Condition,
    /// What its kubelet evicts below, where it told.
    pub threshold: Option<Threshold>,
    /// Objects that lost pods, or whose pods wait because of it.
    pub explains: Vec<Entity>,
    /// Where that was seen.
    pub proofs: Vec<Cite>,
}

/// `Threshold quantity: 100Mi, available: 80Mi.`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Below this the kubelet evicts.
    pub quantity: String,
    /// What there was.
    pub available: String,
    /// What the machine has.
    pub capacity: String,
}

impl Threshold {
    /// Whether the kubelet evicts while half of the machine is free: the defaults are 100Mi of memory, and 10 or 15 % of
    /// a disk.
    pub fn is_absurd(&self) -> bool {
        let quantities = (
            quantity::thousandths(&self.quantity),
            quantity::thousandths(&self.available),
            quantity::thousandths(&self.capacity),
        );
        match quantities {
            (Some(quantity), Some(available), Some(capacity)) => {
                quantity > available && quantity * 2 >= capacity && available * 4 >= capacity
            }
            _ => false,
        }
    }
}

impl Case {
    /// Nodes under a kind of pressure now.
    pub fn pressures(&self, kind: &Kind) -> Vec<Pressure<'_>> {
        self.nodes().filter_map(|node| self.pressure(node, kind)).collect()
    }

    fn pressure<'a>(&'a self, node: Seen<'a, Node>, kind: &Kind) -> Option<Pressure<'a>> {
        let condition =
            condition(&node.it.conditions, kind.condition).filter(|it| it.status == "True")?;
        let name = node.meta.entity("Node");
        let says = format!("{name}: {} is True", kind.condition);
        let mut proofs = vec![Cite::quoting(node.exhibit, says, &condition.message)];
        let mut explains = vec![name];
        let mut threshold = None;
        for pod in self.pods().filter(|pod| {
            pod.spec.node_name == node.meta.name && is_evicted_for(&pod.reason, &pod.message, kind)
        }) {
            threshold = threshold.or_else(|| told(&pod.message, &node, kind));
            let root = self.root_of(&pod.meta, "Pod");
            if !explains.contains(&root) {
                explains.push(root);
                let says = format!("{} was evicted", pod.meta.entity("Pod"));
                proofs.push(Cite::quoting(pod.exhibit, says, &pod.message));
            }
        }
        let kept_away = self
            .unplaced()
            .into_iter()
            .filter(|it| matches!(&it.binding, Constraint::Taint(key) if key == kind.taint));
        for unplaced in kept_away {
            if !explains.contains(&unplaced.root) {
                explains.push(unplaced.root);
            }
        }
        Some(Pressure { node, condition, threshold, explains, proofs })
    }

    /// What a kind of pressure comes to, node by node, where the kubelet's threshold is one that somebody could mean.
    pub fn pressed(&self, kind: &Kind) -> Vec<Finding> {
        let real = |it: &Pressure<'_>| !it.threshold.as_ref().is_some_and(Threshold::is_absurd);
        self.pressures(kind).into_iter().filter(real).map(|it| it.finding(kind)).collect()
    }
}

impl Pressure<'_> {
    fn finding(self, kind: &Kind) -> Finding {
        let subject = self.node.meta.entity("Node");
        let then = if self.proofs.len() > 1 { "evicts pods" } else { "takes no new pods" };
        Finding {
            field: Some(format!("status.conditions[{}]", kind.condition)),
            value: Some("True".to_owned()),
            statement: format!("{subject} runs out of {} and {then}.", kind.words),
            proofs: self.proofs,
            doubts: Vec::new(),
            strength: Strength::Conclusive,
            explains: self.explains,
            subject,
        }
    }
}

/// Whether a node evicted a pod for its own sake. A pod that went beyond its own limits is evicted with other words.
fn is_evicted_for(reason: &str, message: &str, kind: &Kind) -> bool {
    let names =
        |resource: &str| between(message, "The node was low on resource: ", ".") == Some(resource);
    reason == "Evicted" && (message.is_empty() || kind.resources.iter().any(|it| names(it)))
}

fn told(message: &str, node: &Node, kind: &Kind) -> Option<Threshold> {
    let quantity = between(message, "Threshold quantity: ", ",")?.to_owned();
    let available = between(message, ", available: ", ".")?.to_owned();
    let resource = kind.resources.first()?;
    let capacity = node.capacity.get(*resource)?.clone();
    Some(Threshold { quantity, available, capacity })
}

#[cfg(test)]
mod tests {
    use super::Threshold;

    #[test]
    fn a_threshold_is_absurd_where_much_is_free() {
        let is_absurd = |quantity: &str, available: &str| {
            let (quantity, available) = (quantity.to_owned(), available.to_owned());
            Threshold { quantity, available, capacity: "100Gi".to_owned() }.is_absurd()
        };
        assert!(is_absurd("90Gi", "70Gi"));
        assert!(!is_absurd("10Gi", "9Gi"));
        assert!(!is_absurd("60Gi", "3Gi"), "it is full whatever the threshold");
    }
}
