//! Nodes that somebody tries to empty and cannot, as events say now.

use super::Case;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::fact::node::Node;
use evidence::fact::pod::Pod;
use evidence::fact::workload::Budget;
use evidence::question::Question;
use std::collections::BTreeSet;

/// A node whose pods may not go.
#[derive(Clone, Debug)]
pub struct Blocked<'a> {
    /// The node.
    pub node: Entity,
    /// What says so; none where whoever asks about the node is the one who says it.
    pub event: Option<Seen<'a, Event>>,
    /// What shows it.
    pub cite: Cite,
}

impl Blocked<'_> {
    /// Whether the event says that a pod may not go because more than one budget guards it.
    fn is_doubly_guarded(&self) -> bool {
        self.event.is_some_and(|it| it.it.message.contains(TWO_BUDGETS))
    }
}

/// What the eviction API answers, and how those who drain pass it on. The first three say it of a drain that goes on;
/// the last one is also said of a node that would merely be worth saving.
const SIGNS: [&str; 4] = [
    "Cannot evict pod as it would violate the pod's disruption budget",
    TWO_BUDGETS,
    "Eviction blocked by Too",
    "prevents pod evictions",
];

const TWO_BUDGETS: &str = "This pod has more than one PodDisruptionBudget";

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
        let blocked = self.blocked_drains();
        let open = |it: &Blocked<'_>| self.budgets_over(it).iter().all(|it| it.allowed > 0);
        let asked = self.nodes().any(|it| self.is_missed_empty(it.it));
        if !asked && !blocked.iter().any(open) {
            return questions;
        }
        if !self.looked("PodDisruptionBudget", "") {
            questions.push(objects("PodDisruptionBudget", ""));
        }
        // A survey tells of one healthy pod for many; which are on the node, only all of them tell.
        let doubly = blocked.iter().any(Blocked::is_doubly_guarded);
        let counts = |it: &Seen<'_, Budget>| {
            let place = &it.meta.namespace;
            let beside = || self.budgets().filter(|it| it.it.meta.namespace == *place).count() > 1;
            it.expected > 0 && (it.allowed == 0 || doubly && beside())
        };
        let full = self.budgets().filter(counts);
        let places: BTreeSet<&str> = full.map(|it| it.it.meta.namespace.as_str()).collect();
        questions.extend(places.into_iter().take(MOST_NAMESPACES).map(|it| objects("Pod", it)));
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
                blocked.push(Blocked { node: entity, event: Some(event), cite });
            } else if self.is_missed_empty(node.it) {
                let cite = Cite::new(node.exhibit, format!("{entity} takes no more pods"));
                let asked = Blocked { node: entity, event: None, cite };
                if self.budgets_over(&asked).iter().any(|it| it.allowed == 0) {
                    blocked.push(asked);
                }
            }
        }
        blocked
    }

    /// Whether somebody reports a trouble with this very node, which is to be emptied: `kubectl drain` says what it
    /// waits for to nobody else.
    fn is_missed_empty(&self, node: &Node) -> bool {
        self.reported && self.asks_about("Node", &node.meta.name) && node.unschedulable
    }

    /// Budgets that guard the same pod of the node, the newest last: the API server then evicts it for none of them.
    pub fn overlapping_budgets(&self, blocked: &Blocked<'_>) -> Vec<Seen<'_, Budget>> {
        if !blocked.is_doubly_guarded() {
            return Vec::new();
        }
        let guards = |pod: &Pod| {
            let over = self.budgets().filter(|it| {
                it.meta.namespace == pod.meta.namespace && it.selector.matches(&pod.meta.labels)
            });
            over.collect::<Vec<_>>()
        };
        let pods = self.pods_held(blocked).into_iter();
        let mut budgets = pods.map(|it| guards(it.it)).find(|it| it.len() > 1).unwrap_or_default();
        budgets.sort_by_key(|it| (it.it.meta.created, &it.it.meta.name));
        budgets
    }

    /// The budgets over what holds the node: over the pod or by the name that the event has, else over all its pods.
    pub fn budgets_over(&self, blocked: &Blocked<'_>) -> Vec<Seen<'_, Budget>> {
        let message = blocked.event.map_or("", |it| it.it.message.as_str());
        let named = self.budgets().find(|budget| {
            let name = format!("{}/{}", budget.meta.namespace, budget.meta.name);
            message.split(['[', ']', '=', ' ', ',', '(', ')', '"', '\'']).any(|word| word == name)
        });
        if let Some(budget) = named {
            return vec![budget];
        }
        let pods = self.pods_held(blocked);
        self.budgets()
            .filter(|budget| {
                pods.iter().any(|pod| {
                    pod.meta.namespace == budget.meta.namespace
                        && budget.selector.matches(&pod.meta.labels)
                })
            })
            .collect()
    }

    /// The pods that hold the node: those of it that the event names, else all of it.
    fn pods_held(&self, blocked: &Blocked<'_>) -> Vec<Seen<'_, Pod>> {
        let message = blocked.event.map_or("", |it| it.it.message.as_str());
        let of_event = |name: &str| {
            blocked.event.is_some_and(|it| it.subject.name == name)
                || message.split([' ', ':', '/', '"']).any(|word| word == name)
        };
        let on_node: Vec<Seen<'_, Pod>> =
            self.pods().filter(|it| it.spec.node_name == blocked.node.name).collect();
        let named: Vec<Seen<'_, Pod>> =
            on_node.iter().filter(|it| of_event(&it.meta.name)).copied().collect();
        if named.is_empty() { on_node } else { named }
    }
}

#[cfg(test)]
mod tests {
    use super::Case;
    use evidence::fact::{Body, Fact};
    use evidence::question::Question;
    use evidence::scope::{Scope, Window};
    use evidence::testimony::Testimony;

    const FACTS: &str = r#"
- node: {meta: {name: node-1, uid: n1}, unschedulable: true}
- pod: {meta: {namespace: shop, name: db-0, labels: {app: db}}, phase: Running, spec: {node_name: node-1}}
- budget: {meta: {namespace: shop, name: db}, selector: {labels: {app: db}}, min_available: "1", allowed: 0, healthy: 1, desired: 1, expected: 1}
"#;

    fn case(facts: &str, reported: bool) -> Case {
        let at = "2026-11-21T12:00:00Z".parse().unwrap();
        let scope = Scope { workload: Some("Node/node-1".to_owned()), ..Scope::default() };
        let start = "2026-11-21T11:00:00Z".parse().unwrap();
        let mut case = Case::open("", scope, at, Window { start, end: at });
        case.reported = reported;
        let bodies: Vec<Body> = serde_saphyr::from_str(facts).unwrap();
        let facts = bodies.into_iter().map(|body| Fact { source: 0, body }).collect();
        case.hear(Testimony { facts, ..Testimony::default() });
        case
    }

    fn blocked(facts: &str, reported: bool) -> usize {
        case(facts, reported).blocked_drains().len()
    }

    #[test]
    fn which_pods_two_budgets_guard_all_pods_tell() {
        let facts = r#"
- node: {meta: {name: node-1, uid: n1}, unschedulable: true}
- event: {subject: {kind: Node, name: node-1}, uid: n1, warning: true, reason: Drain, message: "This pod has more than one PodDisruptionBudget", last: "2026-11-21T11:59:00Z"}
- budget: {meta: {namespace: shop, name: db}, allowed: 1, expected: 2}
- budget: {meta: {namespace: shop, name: all}, allowed: 1, expected: 2}
- budget: {meta: {namespace: pay, name: pay}, allowed: 1, expected: 2}
"#;
        let questions = case(facts, false).ask_about_drains();
        let pods = |namespace: &str| Question::Objects {
            kind: "Pod".to_owned(),
            namespace: namespace.to_owned(),
        };
        assert!(questions.contains(&pods("shop")), "{questions:?}");
        assert!(!questions.contains(&pods("pay")), "{questions:?}");
    }

    #[test]
    fn a_drain_that_no_event_tells_of_is_told_by_whoever_reports_it() {
        assert_eq!(blocked(FACTS, true), 1);
        assert_eq!(blocked(FACTS, false), 0);
        assert_eq!(blocked(&FACTS.replace("allowed: 0", "allowed: 1"), true), 0);
        assert_eq!(blocked(&FACTS.replace(", unschedulable: true", ""), true), 0);
    }
}
