//! No node has a free device, or another resource beside cpu and memory, that a pod asks for.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement};
use crate::quantity;
use evidence::fact::node::Node;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-14",
    title: "no node has a device or other resource free that it asks for",
    category: Category::Scheduling,
    proves: "the scheduler says `Insufficient x` for something that is neither cpu nor memory, such as nvidia.com/gpu",
    refutes: "a rule keeps the pod from nodes that have it: then the rule is the cause",
    confused_with: &["SCH-01", "SCH-03", "SCH-05"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    let Constraint::Resource(resource) = &unplaced.binding else { return None };
    if matches!(resource.as_str(), "cpu" | "memory") {
        return None;
    }
    let root = &unplaced.root;
    let mut full = case.lacking(resource).into_iter().find(|it| it.subject == *root)?;
    let nodes = case.nodes_for(unplaced.pod.it);
    let offered =
        |node: &Node| node.allocatable.get(resource).and_then(|it| quantity::thousandths(it));
    if nodes.is_empty() || nodes.iter().any(|it| offered(it).is_some_and(|it| it > 0)) {
        return Some(Judgement::Proven(full));
    }
    // A kubelet keeps the name of a resource that it once had, with nothing of it, when its device plugin is gone.
    let Some(emptied) = nodes.iter().find(|it| offered(it).is_some()) else {
        full.statement = format!(
            "{root} cannot be scheduled because it asks for {resource}, which no node that it may use offers."
        );
        return Some(Judgement::Proven(full));
    };
    let subject = emptied.meta.entity("Node");
    full.statement = format!(
        "{root} cannot be scheduled because {subject}, which it may use, offers none of its {resource} any more: its device plugin does not serve them."
    );
    full.field = Some(format!("status.allocatable[{resource}]"));
    full.value = Some("0".to_owned());
    let had = emptied.it.capacity.get(resource).map_or("unknown", String::as_str);
    let says = format!("{subject}: 0 {resource} allocatable of {had}");
    full.proofs.push(Cite::new(emptied.exhibit, says));
    full.subject = subject;
    Some(Judgement::Proven(full))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!("Look at {subject}: is there a node with the device, and does its device plugin run there?"),
        command: "kubectl get nodes -o custom-columns=NAME:.metadata.name,ALLOCATABLE:.status.allocatable".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pods are scheduled.".to_owned(),
    }]
}
