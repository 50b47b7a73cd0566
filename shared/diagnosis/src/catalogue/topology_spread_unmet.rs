//! A pod may stand nowhere without making its spread uneven.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::pod_spec_path;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-09",
    title: "its topology spread constraint leaves no node",
    category: Category::Scheduling,
    proves: "the scheduler says `didn't match pod topology spread constraints`, and the constraint says `DoNotSchedule`",
    refutes: "another rule keeps the pod from the places that the spread wants",
    confused_with: &["SCH-07", "SCH-01"],
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
    if unplaced.binding != Constraint::Spread {
        return None;
    }
    let spread = &unplaced.pod.it.spec.spread;
    let nodes = case.nodes_for(unplaced.pod.it);
    // didn't match pod topology spread constraints (missing required label)
    let unlabelled = spread.iter().find(|key| {
        unplaced.said.contains("(missing required label)")
            && !nodes.is_empty()
            && nodes.iter().all(|node| !node.meta.labels.contains_key(*key))
    });
    let key = unlabelled.or_else(|| spread.first()).cloned();
    let place = key.clone().unwrap_or_else(|| "its topology".to_owned());
    let subject = &unplaced.root;
    let why = match unlabelled {
        Some(_) => format!("it spreads its pods over {place}, a label that no node has"),
        None => format!(
            "one more pod on any node that it may use would spread its pods over {place} more unevenly than it allows"
        ),
    };
    let mut finding = unplaced.finding(format!("{subject} cannot be scheduled because {why}."));
    finding.field = Some(format!("{}.topologySpreadConstraints", pod_spec_path(&subject.kind)));
    finding.value.clone_from(&key);
    for node in nodes.iter().take(3) {
        let has = key.as_ref().and_then(|key| node.meta.labels.get(key));
        let has = has.map_or("no such label".to_owned(), |it| format!("{place}={it}"));
        finding
            .proofs
            .push(Cite::new(node.exhibit, format!("{}: {has}", node.meta.entity("Node"))));
    }
    Some(Judgement::Proven(finding))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Add a node where the spread of {subject} lacks one, raise its maxSkew, or make it a preference (ScheduleAnyway)."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
