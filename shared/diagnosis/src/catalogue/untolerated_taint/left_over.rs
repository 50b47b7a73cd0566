//! A taint by which the cluster autoscaler said that a node goes, long ago: the node is still there, and nobody takes either away.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::repository;
use crate::case::unplaced::Unplaced;
use crate::finding::{Cite, Finding};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::workload::Workload;
use evidence::question::Question;

/// Where the autoscaler runs, and as what.
const HOME: &str = "kube-system";
const KIND: &str = "Deployment";

/// Whether the autoscaler runs that ought to take the node or the taint away.
pub(super) fn ask(case: &Case) -> Vec<Question> {
    let left = case.unplaced().iter().any(|it| case.kept_by_left_over(&it.binding));
    // A survey of the whole cluster keeps no workload that wants no pods.
    if !left || autoscaler(case).is_some() {
        return Vec::new();
    }
    vec![Question::Objects { kind: KIND.to_owned(), namespace: HOME.to_owned() }]
}

/// The autoscaler that does not run, else the first node.
pub(super) fn find(case: &Case, unplaced: &Unplaced<'_>) -> Option<Finding> {
    let Constraint::Taint(key) = &unplaced.binding else { return None };
    if !case.kept_by_left_over(&unplaced.binding) {
        return None;
    }
    let nodes = case.nodes_but_for(unplaced);
    let first = nodes.first()?;
    let (root, node) = (&unplaced.root, first.meta.entity("Node"));
    let since = case.tainted_since(*first, key)?;
    let mut proofs = unplaced.cites.clone();
    for node in nodes.iter().take(3) {
        let says = format!("{}: taint {key} since {since}", node.meta.entity("Node"));
        proofs.push(Cite::new(node.exhibit, says));
    }
    let bear = match nodes.len() - 1 {
        0 => ", which it could use, has".to_owned(),
        1 => " and one other node that it could use have".to_owned(),
        more => format!(" and {more} other nodes that it could use have"),
    };
    let (subject, field, value, why) = match autoscaler(case).filter(|it| it.ready == 0) {
        Some(it) => {
            let entity = it.meta.entity(KIND);
            let says = format!("{entity}: {} of {} pods ready", it.ready, it.desired);
            proofs.push(Cite::new(it.exhibit, says));
            let (field, value) = match it.desired {
                0 => (Some("spec.replicas"), Some("0".to_owned())),
                _ => (None, None),
            };
            let why = format!("{entity}, which takes either away, runs no pods");
            (entity, field, value, why)
        }
        None => {
            let why = "it was neither taken away nor given back".to_owned();
            (node.clone(), Some("spec.taints"), None, why)
        }
    };
    let mut explains: Vec<Entity> = vec![root.clone()];
    explains.extend((subject != node).then(|| subject.clone()));
    Some(Finding {
        field: field.map(str::to_owned),
        value,
        statement: format!(
            "{root} cannot be scheduled because {node}{bear} the taint {key} since {since}, and {why}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: unplaced.strength(),
        explains,
        subject,
    })
}

/// The cluster autoscaler, where it was seen.
fn autoscaler(case: &Case) -> Option<Seen<'_, Workload>> {
    case.workloads_in(HOME).find(|it| {
        let mut images = it.it.template.containers.iter().map(|it| repository(&it.image));
        let scales =
            images.any(|it| it.rsplit('/').next().is_some_and(|it| it == "cluster-autoscaler"));
        it.it.kind == KIND && scales
    })
}
