//! A pod wants to stand beside pods that are nowhere that it may go.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::pod_spec_path;
use crate::case::selecting::words;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement};
use crate::kubectl;
use evidence::fact::spec::PodTerm;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-08",
    title: "its pod affinity leaves no node",
    category: Category::Scheduling,
    proves: "the scheduler says `didn't match pod affinity rules`, and no pod has the labels that the affinity asks for, or the pod's own anti-affinity forbids them",
    refutes: "such a pod runs on a node that the pod may use",
    confused_with: &["SCH-07", "SCH-09"],
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
    let contradiction = unplaced.contradiction();
    let (term, why) = match (&unplaced.binding, contradiction) {
        (Constraint::PodAffinity | Constraint::AntiAffinity, Some(term)) => {
            (term, "which its own anti-affinity forbids")
        }
        (Constraint::PodAffinity, None) => {
            let terms = &unplaced.pod.it.spec.pod_affinity;
            match terms.iter().find(|it| is_met_by_nobody(case, unplaced, it)) {
                Some(term) => (term, "and there is none"),
                None => (terms.first()?, "and none is on a node that it may use"),
            }
        }
        _ => return None,
    };
    let (subject, wanted) = (&unplaced.root, words(&term.selector));
    let mut finding = unplaced.finding(format!(
        "{subject} cannot be scheduled because its affinity wants a pod with {wanted} in the same {}, {why}.",
        term.topology
    ));
    finding.field = Some(format!("{}.affinity.podAffinity", pod_spec_path(&subject.kind)));
    finding.value = Some(wanted.clone());
    let says = format!("{}: wants a pod with {wanted} beside it", unplaced.pod.meta.entity("Pod"));
    finding.proofs.push(Cite::new(unplaced.pod.exhibit, says));
    Some(Judgement::Proven(finding))
}

/// Whether all pods were seen that could be meant, and none of those on a node has the labels.
fn is_met_by_nobody(case: &Case, unplaced: &Unplaced<'_>, term: &PodTerm) -> bool {
    let own = vec![unplaced.root.namespace.clone()];
    let namespaces = if term.namespaces.is_empty() { &own } else { &term.namespaces };
    namespaces.iter().all(|it| it != "*" && case.looked("Pod", it))
        && !case.pods().any(|pod| {
            !pod.spec.node_name.is_empty()
                && namespaces.contains(&pod.meta.namespace)
                && term.selector.matches(&pod.meta.labels)
        })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Correct the pod affinity of {subject}, or run the pods that it wants to stand beside."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
