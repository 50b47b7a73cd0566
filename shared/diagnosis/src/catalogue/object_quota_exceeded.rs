//! A namespace's quota leaves no room for an object that a workload needs: a claim, a Service.

use super::{claim_missing, service_missing};
use crate::case::Case;
use crate::case::denials::{Denial, Exceeded, exceeded_quota, is_about_objects};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::kubectl;
use crate::quantity::less;
use evidence::entity::Entity;
use evidence::fact::policy::Quota;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-03",
    title: "the namespace's quota leaves no room for an object that it needs",
    category: Category::Admission,
    proves: "creating the object is refused with `exceeded quota`; or it is missing, and a quota for its kind is used up",
    refutes: "the object exists, or the quota has room for it",
    confused_with: &["ADM-01", "NET-05", "SCH-12"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let told = case.denials().into_iter().filter_map(|denial| refused(case, &denial));
    // Whoever applied the Service or the claim was told; here only their absence shows.
    let absent = (service_missing::MODE.judge)(case)
        .into_iter()
        .chain((claim_missing::MODE.judge)(case))
        .filter_map(|judgement| match judgement {
            Judgement::Proven(finding) => silent(case, finding),
            Judgement::Refuted(_) => None,
        });
    joined(told.chain(absent))
}

fn refused(case: &Case, denial: &Denial) -> Option<Finding> {
    let Exceeded { quota, requested, used, limited, resource, most } =
        exceeded_quota(&denial.said).filter(|it| is_about_objects(it.resource))?;
    let subject = Entity::new("ResourceQuota", &denial.root.namespace, quota);
    let mut proofs = denial.cites.clone();
    proofs.extend(case.exhibit_of(&subject).map(|it| Cite::new(it, format!("{subject} exists"))));
    Some(Finding {
        field: Some(format!("spec.hard.{resource}")),
        value: Some(most.to_owned()),
        statement: format!(
            "{} because {subject} has no room for what is needed: it asks for {requested} with {used} used of {limited}.",
            denial.lack()
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![denial.root.clone()],
        subject,
    })
}

fn silent(case: &Case, missing: Finding) -> Option<Finding> {
    let object = missing.subject;
    let counted: &[&str] = match object.kind.as_str() {
        "Service" => &["services", "count/services"],
        "PersistentVolumeClaim" => {
            &["persistentvolumeclaims", "count/persistentvolumeclaims", "requests.storage"]
        }
        _ => return None,
    };
    let quotas = case.quotas().filter(|it| it.meta.namespace == object.namespace);
    let (quota, resource) = quotas
        .into_iter()
        .find_map(|quota| Some((quota, counted.iter().find(|it| is_full(quota.it, it))?)))?;
    let hard = quota.hard.get(*resource)?;
    let subject = quota.meta.entity("ResourceQuota");
    let mut proofs =
        vec![Cite::new(quota.exhibit, format!("{subject}: {hard} of {hard} {resource} used"))];
    proofs.extend(missing.proofs);
    let mut explains = missing.explains;
    if !explains.contains(&object) {
        explains.push(object.clone());
    }
    let first = explains.first()?;
    Some(Finding {
        field: Some(format!("spec.hard.{resource}")),
        value: Some(hard.clone()),
        statement: format!(
            "{first} fails because {object} does not exist, and {subject} has no room for it: all of {hard} {resource} are used."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    })
}

fn is_full(quota: &Quota, resource: &str) -> bool {
    match (quota.used.get(resource), quota.hard.get(resource)) {
        (Some(used), Some(hard)) => less(used, hard) == Some(false),
        _ => false,
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Raise {subject} after asking who set it, or remove objects of that kind that nobody uses; then create what is missing from its source."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The object exists, and the quota has room.".to_owned(),
    }]
}
