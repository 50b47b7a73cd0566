//! Nodes that nothing has made ready since they joined, who waits for them, and who should have done it.

use super::Case;
use super::constraints::{Constraint, says_uninitialised};
use crate::engine::symptoms::is_ready;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::node::Node;
use evidence::fact::spec::Container;
use evidence::fact::workload::Workload;
use evidence::question::Question;
use jiff::SignedDuration;

/// How long a node may take: images of agents are pulled, and a cloud is asked. Karpenter gives a node up after 15 minutes.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// The taint with which a kubelet registers that has `--cloud-provider=external`.
const OF_CLOUD: &str = "node.cloudprovider.kubernetes.io/uninitialized";

/// The programs that take that away: each cloud's controller manager, and Azure's part of it on each node.
const CLOUD: [&str; 2] = ["cloud-controller-manager", "cloud-node-manager"];

/// A node that is not ready for pods, and that some wait for.
#[derive(Clone, Debug)]
pub struct Raw<'a> {
    /// The node.
    pub node: Seen<'a, Node>,
    /// The key of its taint.
    pub key: String,
    /// Whose pods wait for it.
    pub waiting: Vec<Entity>,
    /// Where that was seen.
    pub cites: Vec<Cite>,
}

impl Case {
    /// Whether a node has been there for so long that it should be ready.
    pub(super) fn is_late(&self, node: &Node) -> bool {
        node.meta.created.is_some_and(|it| self.as_of.duration_since(it) >= PATIENCE)
    }

    /// Nodes that pods wait for and that nothing has made ready, by name and taint.
    pub fn raw_nodes(&self) -> Vec<Raw<'_>> {
        let mut all: Vec<Raw<'_>> = Vec::new();
        for unplaced in self.unplaced() {
            let Constraint::Taint(key) = &unplaced.binding else { continue };
            if !says_uninitialised(key) {
                continue;
            }
            let nodes = self.nodes_but_for(&unplaced);
            for node in nodes.into_iter().filter(|it| self.is_late(it.it)) {
                let same = all
                    .iter_mut()
                    .find(|it| it.key == *key && it.node.it.meta.name == node.it.meta.name);
                match same {
                    Some(known) => known.waiting.push(unplaced.root.clone()),
                    None => all.push(Raw {
                        node,
                        key: key.clone(),
                        waiting: vec![unplaced.root.clone()],
                        cites: unplaced.cites.clone(),
                    }),
                }
            }
        }
        all
    }

    /// The workloads that should make a node ready, and do not run: nobody of them is ready, or the pod on that node is not.
    pub fn initialisers_down(&self, raw: &Raw<'_>) -> Vec<Seen<'_, Workload>> {
        let node = &raw.node.it.meta.name;
        let should = self.workloads().filter(|it| takes_away(it, &raw.key));
        let down = should.filter(|it| {
            let root = it.meta.entity(&it.kind);
            let mut here = self.pods_of(&root).filter(|pod| pod.spec.node_name == *node);
            it.ready == 0 || it.kind == "DaemonSet" && here.any(|pod| !is_ready(pod.it))
        });
        down.collect()
    }

    /// The workloads that do not run and should have made the node ready that an object waits for.
    pub fn initialisers_missed_by(&self, entity: &Entity) -> Vec<Entity> {
        let raw = self.raw_nodes();
        let mine = raw.iter().filter(|it| it.waiting.contains(entity));
        let down = mine.flat_map(|it| self.initialisers_down(it));
        down.map(|it| it.meta.entity(&it.kind)).collect()
    }

    /// What would tell why a node is not made ready: who should do that, which may live in any namespace, their pods, and
    /// the last words of those.
    pub fn ask_about_raw_nodes(&self) -> Vec<Question> {
        let raw = self.raw_nodes();
        if raw.is_empty() {
            return Vec::new();
        }
        let all = |kind: &str, namespace: &str| {
            let (kind, namespace) = (kind.to_owned(), namespace.to_owned());
            Question::Objects { kind, namespace }
        };
        let kinds = ["Deployment", "DaemonSet"];
        let mut questions: Vec<Question> = kinds.into_iter().map(|it| all(it, "")).collect();
        let mut should = self.workloads().filter(|it| {
            it.ready < it.desired.max(1) && raw.iter().any(|raw| takes_away(it.it, &raw.key))
        });
        if let Some(part) = should.next() {
            // With its revisions, for what changed.
            let kinds = ["Pod", "ReplicaSet"].into_iter();
            questions.extend(kinds.map(|it| all(it, &part.meta.namespace)));
            questions.extend(self.last_words_of(&part.meta.entity(&part.kind)));
        }
        questions
    }
}

/// Whether a workload takes a taint away: the cloud's by its program, others by the domain of the taint.
fn takes_away(workload: &Workload, key: &str) -> bool {
    let containers = &workload.template.containers;
    let (domain, _) = key.split_once('/').unwrap_or((key, ""));
    let tolerates = workload.template.tolerations.iter().any(|it| it.key == key);
    if key == OF_CLOUD {
        let named = |it: &str| CLOUD.iter().any(|sign| it.contains(sign));
        // Autoscalers are told their cloud too, and wait for such nodes rather than go there.
        let told = |it: &Container| {
            it.args.iter().chain(&it.command).any(|it| it.starts_with("--cloud-provider="))
        };
        let runs = |it: &Container| named(&it.image) || it.command.iter().any(|it| named(it));
        return named(&workload.meta.name)
            || containers.iter().any(|it| runs(it) || tolerates && told(it));
    }
    let says = |it: &Container| {
        let env = it.env.iter().filter_map(|it| it.value.as_ref());
        it.command
            .iter()
            .chain(&it.args)
            .chain(env)
            .any(|it| it.contains(key) || it.contains(domain))
    };
    let of_autoscaler = domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io");
    if of_autoscaler {
        return tolerates
            || containers
                .iter()
                .any(|it| it.command.iter().chain(&it.args).any(|it| it.contains(key)));
    }
    // `node.cilium.io` is Cilium's; a driver's name says no more than whose cloud it is for.
    let maker = domain.rsplit('.').nth(1).unwrap_or_default();
    let named = !domain.contains(".csi.") && maker.len() > 3 && workload.meta.name.contains(maker);
    named || containers.iter().any(says)
}
