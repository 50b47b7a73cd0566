//! A pod of higher priority took the room of another one, which finds none.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::pod_spec_path;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement};
use crate::seen::Seen;
use evidence::fact::pod::Pod;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-18",
    title: "a pod of higher priority took its room",
    category: Category::Scheduling,
    proves: "a pod of the workload was `Preempted by` another one within the window, and its successor finds no node with room",
    refutes: "the successor was placed: preemption worked as it is meant to",
    confused_with: &["SCH-01", "NODE-03", "NODE-08"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    let Constraint::Preempted(by) = &unplaced.binding else { return None };
    let victim = &unplaced.root;
    let own = unplaced.pod.it.spec.priority.unwrap_or(0);
    let Some(taker) = taker(case, by) else {
        let mut finding = unplaced.finding(format!(
            "{victim} cannot be scheduled because a pod of higher priority than its {own} took its room, and there is no other."
        ));
        finding.field = Some(format!("{}.priorityClassName", pod_spec_path(&victim.kind)));
        finding.value = Some(unplaced.pod.it.spec.priority_class.clone());
        return Some(Judgement::Proven(finding));
    };
    let subject = case.root_of(&taker.meta, "Pod");
    let priority = taker.it.spec.priority.unwrap_or(0);
    if priority <= own {
        return None; // It was so for a pod before this one: what its priority was is not known any more.
    }
    let mut finding = unplaced.finding(format!(
        "{victim} cannot be scheduled because {subject}, whose priority {priority} is above its {own}, took its room, and there is no other."
    ));
    let says = format!(
        "{}: priority {priority} of class {}",
        taker.meta.entity("Pod"),
        taker.it.spec.priority_class
    );
    finding.proofs.push(Cite::new(taker.exhibit, says));
    finding.field = Some(format!("{}.priorityClassName", pod_spec_path(&subject.kind)));
    finding.value = Some(taker.it.spec.priority_class.clone());
    finding.subject = subject;
    Some(Judgement::Proven(finding))
}

/// The pod that took the room, by its uid or, as older schedulers say it, by its name.
fn taker<'a>(case: &'a Case, by: &str) -> Option<Seen<'a, Pod>> {
    case.pods().find(|pod| {
        (!by.is_empty() && pod.meta.uid == by)
            || by == format!("{}/{}", pod.meta.namespace, pod.meta.name)
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Decide which of them matters more: correct the priority class of {subject}, or add a node so that both fit."
        ),
        command: "kubectl get priorityclasses".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pods that were preempted are scheduled.".to_owned(),
    }]
}
