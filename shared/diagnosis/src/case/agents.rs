//! The network's own programs on each node, and where one of them is missing while calls fail.

use super::Case;
use super::complaints::Complaint;
use super::kept_off::{KeptOff, admits, kept_off};
use super::resolving::HOME;
use super::words::said::Said;
use crate::engine::symptoms::is_ready;
use crate::seen::Seen;
use evidence::fact::node::Node;
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
    /// Why it does not work there.
    pub lack: Lack<'a>,
    /// The node.
    pub node: String,
    /// What those on the node say.
    pub victims: Vec<Complaint<'a>>,
    /// Pods of other nodes whose logs were read and say nothing of the kind.
    pub spared: usize,
}

/// Why a network program does not work on a node.
#[derive(Clone, Debug)]
pub enum Lack<'a> {
    /// Its pod there is not ready.
    Unready(Seen<'a, Pod>),
    /// Its own template keeps it from there.
    KeptOff {
        /// The node.
        node: Seen<'a, Node>,
        /// What of the template.
        by: KeptOff,
    },
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
        for daemon in self.agents() {
            for node in &nodes {
                let Some(lack) = self.lack_of(daemon, node) else { continue };
                let on_node = |it: &&Complaint<'_>| it.container.pod.it.spec.node_name == *node;
                let victims: Vec<Complaint<'_>> = silent.iter().filter(on_node).cloned().collect();
                let spared = self.spared(&silent, node);
                let node = (*node).to_owned();
                absent.push(AbsentAgent { daemon, lack, node, victims, spared });
            }
        }
        absent
    }

    fn lack_of<'a>(&'a self, daemon: Seen<'a, Workload>, node: &str) -> Option<Lack<'a>> {
        if let Some(pod) = self.pod_on(daemon, node) {
            let down = daemon.ready < daemon.desired && !is_ready(pod.it);
            return down.then_some(Lack::Unready(pod));
        }
        // Healthy pods are not all kept: that none was seen says nothing.
        let node = self.node(node).seen()?;
        let by = self.no_proxy_admits(daemon, node)?;
        Some(Lack::KeptOff { node, by })
    }

    /// A pod of a DaemonSet on a node, as far as it was kept.
    pub fn pod_on<'a>(&'a self, daemon: Seen<'a, Workload>, node: &str) -> Option<Seen<'a, Pod>> {
        let entity = daemon.meta.entity("DaemonSet");
        self.pods_of(&entity).find(|pod| pod.spec.node_name == node)
    }

    /// What keeps the proxy of Services from a node that nobody else serves: it runs on other nodes, no other proxy may
    /// run here, and other DaemonSets may. A node of which all keep off, as those of serverless offers, has its own.
    fn no_proxy_admits(&self, proxy: Seen<'_, Workload>, node: Seen<'_, Node>) -> Option<KeptOff> {
        if !is_proxy(proxy.it) || proxy.ready == 0 || proxy.unobserved {
            return None;
        }
        let daemons = || self.workloads().filter(|it| it.kind == "DaemonSet");
        let served = daemons().any(|it| is_proxy(it.it) && kept_off(it.it, node.it).is_none());
        if served || !daemons().any(|it| admits(it.it, node.it)) {
            return None;
        }
        kept_off(proxy.it, node.it)
    }

    fn agents(&self) -> impl Iterator<Item = Seen<'_, Workload>> {
        self.workloads().filter(|it| {
            let named = AGENTS.contains(&it.meta.name.as_str());
            it.kind == "DaemonSet" && (named || is_proxy(it.it) || brings_plugin(it.it))
        })
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
        let all = |kind: &str, namespace: &str| Question::Objects {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
        };
        // Some networks live in a namespace of their own: calico-system, kube-flannel.
        let mut questions = vec![all("Pod", HOME)];
        questions.extend(self.ask_for_daemon_sets());
        // Who may not see those of the whole cluster may see those of one namespace.
        if self.was_asked(&all("DaemonSet", "")) && !self.looked("DaemonSet", "") {
            questions.push(all("DaemonSet", HOME));
        }
        let homes: BTreeSet<&str> = self.agents().map(|it| it.it.meta.namespace.as_str()).collect();
        questions.extend(homes.into_iter().filter(|it| *it != HOME).map(|it| all("Pod", it)));
        questions
    }
}

/// Whether a DaemonSet is the proxy of Services, by the program that it runs or its image.
fn is_proxy(daemon: &Workload) -> bool {
    daemon.template.containers.iter().any(|it| {
        let program = it.command.first().and_then(|it| it.rsplit('/').next());
        let image = it.image.rsplit('/').next().and_then(|it| it.split([':', '@']).next());
        program == Some("kube-proxy") || image == Some("kube-proxy")
    })
}

/// Whether a DaemonSet puts a network plugin on its nodes: it mounts where the runtime looks for one.
pub fn brings_plugin(daemon: &Workload) -> bool {
    let paths = daemon.template.volumes.iter().filter(|it| it.object.kind == "hostPath");
    paths
        .map(|it| it.object.name.trim_end_matches('/'))
        .any(|path| ["/cni/net.d", "/cni/bin"].iter().any(|it| path.ends_with(it)))
}

/// Whether a DaemonSet is one of the network's own, by its name.
pub fn is_agent(daemon: &Workload) -> bool {
    AGENTS.contains(&daemon.meta.name.as_str())
}

fn is_silent(said: &Said) -> bool {
    matches!(said, Said::TimedOut { .. } | Said::NoRoute { .. } | Said::ResolverFailed { .. })
}

#[cfg(test)]
mod tests {
    use crate::case::Case;
    use evidence::fact::{Body, Fact};
    use evidence::question::Question;
    use evidence::scope::{Scope, Window};
    use evidence::testimony::{Look, Testimony};

    const SILENT: &str = r#"
- pod:
    meta: {namespace: shop, name: web}
    phase: Running
    spec: {containers: [{name: web}]}
    containers: [{name: web, restarts: 3, state: {waiting: {reason: CrashLoopBackOff}}, last: {exit_code: 1}}]
- log: {namespace: shop, pod: web, container: web, previous: true, lines: [{text: "dial tcp 10.96.0.7:5432: i/o timeout"}]}
"#;

    fn case() -> Case {
        let at = "2026-11-21T12:00:00Z".parse().unwrap();
        let mut case = Case::open("", Scope::default(), at, Window { start: at, end: at });
        let bodies: Vec<Body> = serde_saphyr::from_str(SILENT).unwrap();
        let facts = bodies.into_iter().map(|body| Fact { source: 0, body }).collect();
        case.hear(Testimony { facts, ..Testimony::default() });
        case
    }

    /// Asks, and says of which namespaces' DaemonSets.
    fn asks(case: &mut Case) -> Vec<String> {
        let of_daemons = |it: &Question| match it {
            Question::Objects { kind, namespace } if kind == "DaemonSet" => Some(namespace.clone()),
            _ => None,
        };
        let questions = case.ask_about_agents();
        case.ask(&questions);
        questions.iter().filter_map(of_daemons).collect()
    }

    #[test]
    fn what_is_asked_of_the_whole_cluster_is_not_asked_of_one_namespace_too() {
        let mut case = case();
        assert_eq!(asks(&mut case), [""]);
        let all = Look { kind: "DaemonSet".to_owned(), namespace: String::new(), complete: true };
        case.hear(Testimony { looks: vec![all], ..Testimony::default() });
        assert!(asks(&mut case).is_empty());
    }

    #[test]
    fn what_the_whole_cluster_does_not_tell_one_namespace_may() {
        let mut case = case();
        assert_eq!(asks(&mut case), [""]);
        assert_eq!(asks(&mut case), ["kube-system"]);
    }
}
