//! A namespace's quota leaves no room for the pods that a workload wants.

use crate::case::Case;
use crate::case::denials::{Denial, Exceeded, exceeded_quota, is_about_objects};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-01",
    title: "the namespace's quota is exceeded",
    category: Category::Admission,
    proves: "a controller that lacks pods is told `exceeded quota` when it creates them",
    refutes: "the controller has its pods by now, or the quota was raised",
    confused_with: &["ADM-02", "ADM-03", "ADM-04", "SCH-01", "SCH-02"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut findings: Vec<Finding> = Vec::new();
    for denial in case.denials() {
        let Some(finding) = one(case, &denial) else { continue };
        // Several workloads before the same full quota are one fault: rule R6.
        match findings.iter_mut().find(|it| it.subject == finding.subject) {
            Some(known) => {
                known.explains.extend(finding.explains);
                known.proofs.extend(denial.cites.into_iter().take(1));
            }
            None => findings.push(finding),
        }
    }
    findings.into_iter().map(Judgement::Proven).collect()
}

fn one(case: &Case, denial: &Denial) -> Option<Finding> {
    let Exceeded { quota, requested, used, limited, resource, most } =
        exceeded_quota(&denial.said)?;
    if is_about_objects(resource) {
        return None; // ADM-03.
    }
    let subject = Entity::new("ResourceQuota", &denial.root.namespace, quota);
    let mut proofs = denial.cites.clone();
    let quota = case.quotas().find(|it| it.meta.entity("ResourceQuota") == subject);
    if let Some(quota) = quota {
        let used = quota.used.get(resource).map_or("unknown", String::as_str);
        let hard = quota.hard.get(resource).map_or("unknown", String::as_str);
        proofs
            .push(Cite::new(quota.exhibit, format!("{subject}: {used} of {hard} {resource} used")));
    }
    Some(Finding {
        field: Some(format!("spec.hard.{resource}")),
        value: Some(most.to_owned()),
        statement: format!(
            "{} because {subject} is used up: it asks for {requested} with {used} used of {limited}.",
            denial.lack()
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![denial.root.clone()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Raise {subject} after asking who set it, or lower requests and replicas in its namespace."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "No new FailedCreate event says `exceeded quota`.".to_owned(),
    }]
}
