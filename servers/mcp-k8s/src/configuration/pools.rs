//! Nodes by the pool that they are of: how many, how they do, and what they are.

use k8s_openapi::api::core::v1::Node;
use mcp::age::counted;
use std::collections::{BTreeMap, BTreeSet};

/// Where clouds and installers write a node's pool.
const POOL_LABELS: [&str; 9] = [
    "karpenter.sh/nodepool",
    "kubernetes.azure.com/agentpool",
    "agentpool",
    "eks.amazonaws.com/nodegroup",
    "alpha.eksctl.io/nodegroup-name",
    "cloud.google.com/gke-nodepool",
    "doks.digitalocean.com/node-pool",
    "kops.k8s.io/instancegroup",
    "node.cluster.x-k8s.io/pool",
];
/// The role's prefix.
const ROLE: &str = "node-role.kubernetes.io/";
const ZONE: &str = "topology.kubernetes.io/zone";
const TYPE: &str = "node.kubernetes.io/instance-type";
/// Taints of what befell a node, and not of what it is for.
const OF_STATE: &str = "node.kubernetes.io/";
/// Names of nodes that are said.
const MOST_NAMES: usize = 5;

/// All nodes, by pool.
#[derive(Default)]
pub(crate) struct Pools {
    pools: BTreeMap<String, Pool>,
    /// Where they run, as `azure`.
    pub(crate) providers: BTreeSet<String>,
    /// Nodes that are not ready.
    pub(crate) not_ready: Vec<String>,
}

/// What the nodes of one pool have in common, and where they differ.
#[derive(Default)]
struct Pool {
    nodes: usize,
    ready: usize,
    cordoned: usize,
    kubelets: BTreeSet<String>,
    types: BTreeSet<String>,
    zones: BTreeSet<String>,
    sizes: BTreeSet<String>,
    taints: BTreeSet<String>,
    systems: BTreeSet<String>,
}

impl Pools {
    /// Counts one node in.
    pub(crate) fn add(&mut self, node: Node) {
        let labels = node.metadata.labels.unwrap_or_default();
        let name = node.metadata.name.unwrap_or_default();
        let spec = node.spec.unwrap_or_default();
        let status = node.status.unwrap_or_default();
        if let Some((provider, _)) = spec.provider_id.as_deref().and_then(|id| id.split_once("://"))
        {
            self.providers.insert(provider.to_owned());
        }
        let pool = self.pools.entry(pool_of(&labels)).or_default();
        pool.nodes += 1;
        let conditions = status.conditions.unwrap_or_default();
        if conditions.iter().any(|it| it.type_ == "Ready" && it.status == "True") {
            pool.ready += 1;
        } else {
            self.not_ready.push(name);
        }
        if spec.unschedulable == Some(true) {
            pool.cordoned += 1;
        }
        pool.types.extend(labels.get(TYPE).cloned());
        pool.zones.extend(labels.get(ZONE).cloned());
        let taints = spec.taints.unwrap_or_default().into_iter();
        let lasting = taints.filter(|taint| !taint.key.starts_with(OF_STATE));
        pool.taints.extend(lasting.map(|taint| format!("{}:{}", taint.key, taint.effect)));
        let sizes = status.allocatable.unwrap_or_default();
        let size = |name: &str| sizes.get(name).map(|it| it.0.as_str()).unwrap_or("?");
        pool.sizes.insert(format!(
            "{} cpu, {}, {} pods",
            size("cpu"),
            memory(size("memory")),
            size("pods")
        ));
        if let Some(info) = status.node_info {
            pool.kubelets.insert(info.kubelet_version);
            let system = format!("{} {}", info.architecture, info.container_runtime_version);
            let system = Some(system.trim().to_owned()).filter(|it| !it.is_empty());
            pool.systems.extend(system);
        }
    }

    /// How many nodes there are.
    pub(crate) fn nodes(&self) -> usize {
        self.pools.values().map(|pool| pool.nodes).sum()
    }

    /// How many of them are ready.
    pub(crate) fn ready(&self) -> usize {
        self.pools.values().map(|pool| pool.ready).sum()
    }

    /// Each pool in a few words.
    pub(crate) fn described(&self) -> Vec<(String, String)> {
        let name = |name: &String| match name.as_str() {
            "" => "nodes without a pool".to_owned(),
            name => format!("pool {name}"),
        };
        self.pools.iter().map(|(pool, it)| (name(pool), it.described())).collect()
    }

    /// Which nodes are not ready.
    pub(crate) fn trouble(&self) -> Option<String> {
        let shown: Vec<&str> = self.not_ready.iter().take(MOST_NAMES).map(String::as_str).collect();
        let more = self.not_ready.len() - shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!shown.is_empty()).then(|| {
            format!(
                "not ready: {} of {}: {}{more}",
                self.not_ready.len(),
                counted(self.nodes(), "node"),
                shown.join(", ")
            )
        })
    }
}

impl Pool {
    fn described(&self) -> String {
        let mut parts = vec![format!("{}, {} ready", counted(self.nodes, "node"), self.ready)];
        if self.cordoned > 0 {
            parts.push(format!("{} cordoned", self.cordoned));
        }
        for (what, values) in [
            ("", &self.kubelets),
            ("", &self.types),
            ("each ", &self.sizes),
            ("", &self.systems),
            ("zones ", &self.zones),
            ("taints ", &self.taints),
        ] {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            if !values.is_empty() {
                parts.push(format!("{what}{}", values.join(" or ")));
            }
        }
        parts.join("; ")
    }
}

/// The pool by its label, or the role of a node without one.
fn pool_of(labels: &BTreeMap<String, String>) -> String {
    if let Some(pool) = POOL_LABELS.iter().find_map(|label| labels.get(*label)) {
        return pool.clone();
    }
    let role = labels.keys().find_map(|key| key.strip_prefix(ROLE));
    role.unwrap_or_default().to_owned()
}

/// Nodes of one type differ by a few Mi; whole Gi do not.
fn memory(text: &str) -> String {
    let kibi = match (text.strip_suffix("Ki"), text.strip_suffix("Mi")) {
        (Some(number), _) => number.parse::<u64>().ok(),
        (_, Some(number)) => number.parse::<u64>().ok().map(|it| it << 10),
        _ => None,
    };
    kibi.map_or_else(|| text.to_owned(), |it| format!("{}Gi", it >> 20))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(name: &str, ready: &str, memory: &str) -> Node {
        serde_json::from_value(json!({"metadata": {"name": name, "labels": {"agentpool": "blue"}},
            "spec": {"providerID": "azure:///x"},
            "status": {"allocatable": {"cpu": "4", "memory": memory, "pods": "110"},
                "conditions": [{"type": "Ready", "status": ready}]}}))
        .unwrap()
    }

    #[test]
    fn nodes_that_differ_by_a_few_pages_are_alike() {
        let mut pools = Pools::default();
        pools.add(node("a", "True", "16373100Ki"));
        pools.add(node("b", "Unknown", "16373104Ki"));
        let said = "2 nodes, 1 ready; each 4 cpu, 15Gi, 110 pods";
        assert_eq!(pools.described(), [("pool blue".to_owned(), said.to_owned())]);
        assert_eq!(pools.trouble().unwrap(), "not ready: 1 of 2 nodes: b");
        assert!(pools.providers.contains("azure"));
    }
}
