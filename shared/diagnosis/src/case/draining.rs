//! Nodes that somebody tries to empty and cannot, as events say now.

use super::Case;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::fact::node::Node;
use evidence::fact::workload::Budget;
use evidence::question::Question;
use std::collections::BTreeSet;

/// A node whose pods may not go.
#[derive(Clone, Debug)]
pub struct Blocked<'a> {
    /// The node.
    pub node: Entity,
    /// What says so.
    pub event: Seen<'a, Event>,
    /// The same, to be cited.
    pub cite: Cite,
}

/// What the eviction API answers, and how those who drain pass it on. The first two say it of a drain that goes on; the
/// last one is also said of a node that would merely be worth saving.
const SIGNS: [&str; 3] = [
    "Cannot evict pod as it would violate the pod's disruption budget",
    "Eviction blocked by Too",
    "prevents pod evictions",
];

/// Namespaces that are looked at because a budget in them lets nobody go.
const MOST_NAMESPACES: usize = 2;

impl Case {
    /// What would tell whether somebody tries to empty a node that is to take no more pods. Events about nodes stand in
    /// the namespace `default`, and budgets in those of the pods: a survey of the cluster reads neither.
    pub fn ask_about_drains(&self) -> Vec<Question> {
        let going = |it: &Seen<'_, Node>| it.unschedulable || it.meta.deleted.is_some();
        if !self.nodes().any(|it| going(&it)) {
            return Vec::new();
        }
        let objects = |kind: &str, namespace: &str| Question::Objects {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
        };
        let mut questions = Vec::new();
        if !self.looked("Event", "default") {
            questions.push(objects("Event", "default"));
        }
        if self.blocked_drains().is_empty() {
            return questions;
        }
        if !self.looked("PodDisruptionBudget", "") {
            questions.push(objects("PodDisruptionBudget", ""));
        }
        let full = self.budgets().filter(|it| it.allowed == 0 && it.expected > 0);
        let places: BTreeSet<&str> = full.map(|it| it.it.meta.namespace.as_str()).collect();
        let unseen = places.into_iter().filter(|it| !self.looked("Pod", it));
        questions.extend(
            unseen
                .take(MOST_NAMESPACES)
                .map(|it| Question::Survey { namespaces: vec![it.to_owned()], workload: None }),
        );
        questions
    }

    /// Nodes that somebody tries to empty now and cannot, each with the latest event that says so.
    pub fn blocked_drains(&self) -> Vec<Blocked<'_>> {
        let mut blocked: Vec<Blocked<'_>> = Vec::new();
        for node in self.nodes() {
            let entity = node.meta.entity("Node");
            let pods = self.pods().filter(|pod| pod.spec.node_name == node.meta.name);
            let subjects = pods.map(|pod| pod.meta.entity("Pod")).chain([entity.clone()]);
            let going = node.unschedulable || node.meta.deleted.is_some();
            let events = subjects.flat_map(|it| self.events_about(&it).collect::<Vec<_>>());
            let said =
                events.filter(|event| going && SIGNS.iter().any(|it| event.message.contains(it)));
            if let Some(event) = said.max_by_key(|event| event.last) {
                let says = format!("{entity}: {}, {} times", event.reason, event.count.max(1));
                let cite = Cite::quoting(event.exhibit, says, &event.message);
                blocked.push(Blocked { node: entity, event, cite });
            }
        }
        blocked
    }

    /// The budgets over what holds the node: over the pod or by the name that the event has, else over all its pods.
    pub fn budgets_over(&self, blocked: &Blocked<'_>) -> Vec<Seen<'_, Budget>> {
        let message = blocked.event.message.as_str();
        let named = self.budgets().find(|budget| {
            let name = format!("{}/{}", budget.meta.namespace, budget.meta.name);
            message.split(['[', ']', '=', ' ', ',', '(', ')']).any(|word| word == name)
        });
        if let Some(budget) = named {
            return vec![budget];
        }
        let on_node: Vec<_> =
            self.pods().filter(|it| it.spec.node_name == blocked.node.name).collect();
        let of_event = |name: &str| {
            blocked.event.subject.name == name || message.split([' ', ':']).any(|word| word == name)
        };
        let mut pods: Vec<_> =
            on_node.iter().filter(|it| of_event(&it.meta.name)).copied().collect();
        if pods.is_empty() {
            pods = on_node;
        }
        self.budgets()
            .filter(|budget| {
                pods.iter().any(|pod| {
                    pod.meta.namespace == budget.meta.namespace
                        && budget.selector.matches(&pod.meta.labels)
                })
            })
            .collect()
    }
}
