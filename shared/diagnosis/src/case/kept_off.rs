//! Nodes that a DaemonSet's own template keeps its pods from.

use super::Case;
use super::unplaced::{holds, tolerates};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::fact::node::Node;
use evidence::fact::workload::Workload;
use evidence::question::Question;

/// What of the template keeps them from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeptOff {
    /// `nodeSelector`.
    Selector,
    /// Required node affinity.
    Affinity,
}

impl KeptOff {
    /// The field to change.
    pub fn field(self) -> &'static str {
        match self {
            KeptOff::Selector => "spec.template.spec.nodeSelector",
            KeptOff::Affinity => "spec.template.spec.affinity",
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            KeptOff::Selector => "node selector",
            KeptOff::Affinity => "node affinity",
        }
    }
}

/// Each of them.
const ALL: [KeptOff; 2] = [KeptOff::Selector, KeptOff::Affinity];

/// What keeps a DaemonSet from a node; none where nothing does. A pod that runs where it no longer may is taken away, so
/// that there is none. Of a taint that is not tolerated that is not sure: what ran before it goes on.
pub fn kept_off(daemon: &Workload, node: &Node) -> Option<KeptOff> {
    ALL.into_iter().find(|by| keeps(*by, daemon, node))
}

fn keeps(by: KeptOff, daemon: &Workload, node: &Node) -> bool {
    let spec = &daemon.template;
    let labels = &node.meta.labels;
    match by {
        KeptOff::Selector => {
            spec.node_selector.iter().any(|(key, value)| labels.get(key) != Some(value))
        }
        KeptOff::Affinity => {
            let terms = &spec.node_affinity;
            !terms.is_empty() && !terms.iter().any(|it| holds(it, node))
        }
    }
}

/// What of its template keeps a DaemonSet from every node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutOut {
    by: KeptOff,
    /// It does so alone; else the one keeps it from some nodes and the other from the rest.
    alone: bool,
}

/// Whether a DaemonSet may run on a node by all that its template says; of one known by its name alone nobody can tell.
pub fn admits(daemon: &Workload, node: &Node) -> bool {
    let tolerated = |taint| daemon.template.tolerations.iter().any(|it| tolerates(it, taint));
    !daemon.template.containers.is_empty()
        && kept_off(daemon, node).is_none()
        && node.taints.iter().all(|it| {
            // The controller of DaemonSets tolerates what ails a node.
            it.effect == "PreferNoSchedule"
                || it.key.starts_with("node.kubernetes.io/")
                || tolerated(it)
        })
}

impl Case {
    /// What of its template keeps a DaemonSet from every node, so that it has no pod and nobody complains; of one that was
    /// asked about, for many are there for nodes that may come.
    pub fn shut_out(&self, daemon: Seen<'_, Workload>) -> Option<ShutOut> {
        let asked = self.asks_about(&daemon.kind, &daemon.meta.name)
            || self.is_named(&daemon.meta.namespace, &daemon.meta.name);
        let known = !daemon.template.containers.is_empty() && self.looked("Node", "");
        if daemon.kind != "DaemonSet" || daemon.desired > 0 || daemon.unobserved || !asked || !known
        {
            return None;
        }
        if let Some(by) = self.kept_from_all(daemon.it) {
            return Some(ShutOut { by, alone: true });
        }
        let mut nodes = self.nodes().peekable();
        let together =
            nodes.peek().is_some() && nodes.all(|it| kept_off(daemon.it, it.it).is_some());
        together.then_some(ShutOut { by: KeptOff::Selector, alone: false })
    }

    /// What of its template keeps a DaemonSet by itself from every node that is there.
    pub fn kept_from_all(&self, daemon: &Workload) -> Option<KeptOff> {
        self.nodes().next()?;
        let from_all = |by: &KeptOff| self.nodes().all(|it| keeps(*by, daemon, it.it));
        ALL.into_iter().find(from_all)
    }

    /// The DaemonSets that this keeps from every node. Where it takes the selector and the affinity together, either may be
    /// meant: it is told once, with the selector, and which of them to change is left open.
    pub fn shut_out_by(&self, by: KeptOff) -> Vec<Judgement> {
        let daemons = self.workloads().filter_map(|it| Some((it, self.shut_out(it)?)));
        let judged = daemons.filter(|(_, it)| it.by == by).map(|(daemon, shut_out)| {
            let subject = daemon.meta.entity(&daemon.kind);
            let says = format!("{subject} wants 0 pods");
            let mut proofs = vec![Cite::new(daemon.exhibit, says)];
            let ShutOut { by, alone } = shut_out;
            let nodes = self.nodes().filter_map(|node| {
                let own = if alone { by } else { kept_off(daemon.it, node.it)? };
                let name = node.meta.entity("Node");
                Some(Cite::new(node.exhibit, format!("{name}: {} excludes it", own.words())))
            });
            proofs.extend(nodes.take(3));
            let which = match alone {
                true => format!("its {} excludes every node", by.words()),
                false => {
                    "its node selector and its node affinity together exclude every node".to_owned()
                }
            };
            Judgement::Proven(Finding {
                field: alone.then(|| by.field().to_owned()),
                value: None,
                statement: format!("{subject} runs nowhere because {which}."),
                proofs,
                doubts: Vec::new(),
                strength: if alone { Strength::Conclusive } else { Strength::Strong },
                explains: vec![subject.clone()],
                subject,
            })
        });
        judged.collect()
    }

    /// What asks for all DaemonSets; none where all are known, templates and all. A survey of a cluster keeps no more than the
    /// names of those in namespaces that show nothing.
    pub fn ask_for_daemon_sets(&self) -> Option<Question> {
        let mut daemons = self.workloads().filter(|it| it.kind == "DaemonSet");
        let known = self.looked("DaemonSet", "");
        if known && daemons.all(|it| !it.template.containers.is_empty()) {
            return None;
        }
        let all = Question::Objects { kind: "DaemonSet".to_owned(), namespace: String::new() };
        Some(all).filter(|it| !self.was_asked(it))
    }
}
