//! Nodes that somebody tries to empty now and cannot. A budget that allows none is no symptom by itself.

use super::{Gravity, Symptom};
use crate::case::Case;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for blocked in case.blocked_drains() {
        symptoms.push(Symptom {
            entity: blocked.node,
            what: "it cannot be emptied".to_owned(),
            since: blocked.event.and_then(|it| it.first),
            gravity: Gravity::Partial,
            cites: vec![blocked.cite],
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    const FACTS: &str = r#"
- node: {meta: {name: node-1, uid: n1}, unschedulable: true}
- event: {subject: {kind: Node, name: node-1}, uid: n1, reason: Drain, message: "Eviction blocked by Too Many Requests (usually a pdb): db-0", last: "2026-11-21T11:59:00Z"}
"#;

    #[test]
    fn a_drain_that_waits_is_a_symptom() {
        assert_eq!(seen(FACTS, None), ["Node node-1"]);
    }

    #[test]
    fn a_node_that_nobody_empties_shows_none() {
        assert!(seen(&FACTS.replace(", unschedulable: true", ""), None).is_empty());
    }
}
