//! A pod asks for a scheduler that does not look at it.

use crate::case::Case;
use crate::case::containers::pod_spec_path;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::report::Remedy;
use std::collections::BTreeSet;

/// What the facts say of the schedulers that pods name.
pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let schedulers: BTreeSet<&str> = case
        .pods()
        .map(|pod| pod.it.spec.scheduler.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    let mut judgements = Vec::new();
    for scheduler in schedulers {
        for (subject, pod) in case.unnoticed(scheduler) {
            let says = format!(
                "{}: waits for scheduler {scheduler}, which has said nothing about it",
                pod.meta.entity("Pod")
            );
            judgements.push(Judgement::Proven(Finding {
                field: Some(format!("{}.schedulerName", pod_spec_path(&subject.kind))),
                value: Some(scheduler.to_owned()),
                statement: format!(
                    "{subject} cannot be scheduled because it names the scheduler {scheduler}, and no such scheduler looks at its pods."
                ),
                proofs: vec![Cite::new(pod.exhibit, says)],
                doubts: Vec::new(),
                strength: Strength::Strong,
                explains: vec![subject.clone()],
                subject,
            }));
        }
    }
    judgements
}

/// What a human might do where a workload names a scheduler.
pub(super) fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!("Correct schedulerName in the source of {subject}, or run that scheduler."),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
