//! The network's own programs on each node, and where one of them is missing while calls fail.

use super::Case;
use super::complaints::Complaint;
use super::words::said::Said;
use crate::engine::symptoms::is_ready;
use crate::seen::Seen;
use evidence::fact::pod::Pod;
use evidence::fact::workload::Workload;
use evidence::question::Question;
use std::collections::BTreeSet;

/// DaemonSets that carry Services and pods' packets, by the names of their own manifests.
const AGENTS: [&str; 14] = [
    "kube-proxy",
    "antrea-agent",
    "aws-node",
    "azure-cns",
    "calico-node",
    "canal",
    "cilium",
    "kindnet",
    "kube-flannel-ds",
    "kube-ovn-cni",
    "kube-router",
    "ovnkube-node",
    "rke2-canal",
    "weave-net",
];

/// A node's network program that is not ready, and who suffers on that node.
#[derive(Clone, Debug)]
pub struct AbsentAgent<'a> {
    /// Its DaemonSet.
    pub daemon: Seen<'a, Workload>,
    /// Its pod on that node; none where there is none.
    pub pod: Option<Seen<'a, Pod>>,
    /// The node.
    pub node: String,
    /// What those on the node say.
    pub victims: Vec<Complaint<'a>>,
    /// Pods of other nodes whose logs were read and say nothing of the kind.
    pub spared: usize,
}

impl Case {
    /// The network programs that are not ready on a node where calls fail.
    pub fn absent_agents(&self) -> Vec<AbsentAgent<'_>> {
        let silent: Vec<Complaint<'_>> =
            self.complaints().into_iter().filter(|it| is_silent(&it.said)).collect();
        let mut nodes: BTreeSet<&str> = BTreeSet::new();
        nodes.extend(silent.iter().map(|it| it.container.pod.it.spec.node_name.as_str()));
        nodes.remove("");
        let mut absent = Vec::new();
        for daemon in self.agents().filter(|it| it.ready < it.desired) {
            let entity = daemon.meta.entity("DaemonSet");
            for node in &nodes {
                let mut here = self.pods_of(&entity).filter(|pod| pod.spec.node_name == *node);
                let pod = here.next();
                let missing = match pod {
                    Some(pod) => !is_ready(pod.it),
                    // Healthy pods are not all kept.
                    None => false,
                };
                if !missing {
                    continue;
                }
                let on_node = |it: &&Complaint<'_>| it.container.pod.it.spec.node_name == *node;
                let victims: Vec<Complaint<'_>> = silent.iter().filter(on_node).cloned().collect();
                let spared = self.spared(&silent, node);
                absent.push(AbsentAgent { daemon, pod, node: (*node).to_owned(), victims, spared });
            }
        }
        absent
    }

    fn agents(&self) -> impl Iterator<Item = Seen<'_, Workload>> {
        self.workloads()
            .filter(|it| it.kind == "DaemonSet" && AGENTS.contains(&it.meta.name.as_str()))
    }

    /// Pods of other nodes whose logs were read and that do not complain.
    fn spared(&self, silent: &[Complaint<'_>], node: &str) -> usize {
        let complains =
            |pod: &Pod| silent.iter().any(|it| it.container.pod.it.meta.name == pod.meta.name);
        let read: BTreeSet<&str> = self.logs().map(|it| it.it.pod.as_str()).collect();
        self.pods()
            .filter(|pod| read.contains(pod.meta.name.as_str()) && !pod.spec.node_name.is_empty())
            .filter(|pod| pod.spec.node_name != node && !complains(pod.it))
            .count()
    }

    /// What would tell whether a node's network is up: worth asking where calls get no answer.
    pub fn ask_about_agents(&self) -> Vec<Question> {
        if !self.complaints().iter().any(|it| is_silent(&it.said)) {
            return Vec::new();
        }
        let kinds = ["DaemonSet", "Pod"];
        let all = |kind: &str| Question::Objects {
            kind: kind.to_owned(),
            namespace: "kube-system".to_owned(),
        };
        kinds.into_iter().map(all).collect()
    }
}

fn is_silent(said: &Said) -> bool {
    matches!(said, Said::TimedOut { .. } | Said::NoRoute { .. } | Said::ResolverFailed { .. })
}
