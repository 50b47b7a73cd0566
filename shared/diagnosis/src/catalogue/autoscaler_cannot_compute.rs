//! An autoscaler lacks what it needs to compute: a request, a target, a metric.

use crate::case::Case;
use crate::case::containers::pod_spec_path;
use crate::case::denials::between;
use crate::case::scaling::Blind;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-04",
    title: "its autoscaler cannot compute how many replicas are needed",
    category: Category::Delivery,
    proves: "the autoscaler's condition names the request, the target or the metric that is missing, and it is missing; or nothing serves its metrics at all",
    refutes: "what it names is there by now",
    confused_with: &["API-03", "CTL-05"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for blind in case.blind_autoscalers() {
        let found = without_request(case, &blind)
            .or_else(|| without_target(case, &blind))
            .or_else(|| without_metric(&blind));
        judgements.extend(found);
    }
    judgements.extend(case.unregistered_apis().into_iter().filter_map(unregistered));
    judgements
}

/// `missing request for cpu in container web of Pod web-5d4f-x`
fn without_request(case: &Case, blind: &Blind<'_>) -> Option<Judgement> {
    let message = blind.condition.message.as_str();
    let resource = between(message, "missing request for ", " ")?;
    let container = between(message, " in container ", " ")?;
    let subject = blind.autoscaler.target.clone();
    let mut proofs = vec![blind.cite()];
    if let Some(workload) = case.workload(&subject).seen() {
        let spec = workload.it.template.containers.iter().find(|it| it.name == container);
        if spec.is_some_and(|it| it.requests.contains_key(resource)) {
            let why = format!("container {container} of {subject} requests {resource} by now");
            proofs.push(Cite::new(workload.exhibit, why.clone()));
            return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
        }
        let says = format!("{subject}: container {container} requests no {resource}");
        proofs.push(Cite::new(workload.exhibit, says));
    }
    let path = pod_spec_path(&subject.kind);
    Some(proven(
        blind,
        Some(format!("{path}.containers[{container}].resources.requests.{resource}")),
        format!(
            "{} cannot compute how many replicas are needed because container {container} of {subject} requests no {resource}.",
            blind.entity()
        ),
        (subject, proofs, Strength::Conclusive),
    ))
}

/// `deployments/scale.apps "web" not found`
fn without_target(case: &Case, blind: &Blind<'_>) -> Option<Judgement> {
    let target = &blind.autoscaler.target;
    let missing = format!("\"{}\" not found", target.name);
    if blind.condition.reason != "FailedGetScale" || !blind.condition.message.contains(&missing) {
        return None;
    }
    let (subject, proofs) = (blind.entity(), vec![blind.cite()]);
    if let Some(workload) = case.workload(target).seen() {
        let why = format!("{target} exists by now");
        let proofs = vec![blind.cite(), Cite::new(workload.exhibit, why.clone())];
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    Some(proven(
        blind,
        Some("spec.scaleTargetRef.name".to_owned()),
        format!("{subject} scales nothing because {target} does not exist."),
        (subject, proofs, Strength::Conclusive),
    ))
}

/// `no metrics returned from external metrics API`. What the resource metrics lack, the pods lack.
fn without_metric(blind: &Blind<'_>) -> Option<Judgement> {
    let kinds = ["custom", "external"];
    let lacks = |kind: &&str| {
        blind.condition.message.contains(&format!("no metrics returned from {kind} metrics API"))
    };
    let kind = kinds.into_iter().find(lacks)?;
    let subject = blind.entity();
    Some(proven(
        blind,
        Some("spec.metrics".to_owned()),
        format!(
            "{subject} cannot compute how many replicas are needed because the {kind} metrics API has no value for its metric."
        ),
        (subject, vec![blind.cite()], Strength::Strong),
    ))
}

/// Nobody installed what should answer.
fn unregistered((subject, broken): (Entity, Vec<(Entity, Cite)>)) -> Option<Judgement> {
    let (first, _) = broken.first()?;
    let statement = format!(
        "{first} cannot compute because nothing serves its metrics: there is no {subject}."
    );
    let mut explains: Vec<Entity> = broken.iter().map(|(entity, _)| entity.clone()).collect();
    explains.push(subject.clone());
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement,
        proofs: broken.into_iter().take(2).map(|(_, cite)| cite).collect(),
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

fn proven(
    blind: &Blind<'_>,
    field: Option<String>,
    statement: String,
    (subject, proofs, strength): (Entity, Vec<Cite>, Strength),
) -> Judgement {
    Judgement::Proven(Finding {
        field,
        value: None,
        statement,
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![blind.entity()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let field = finding.field.as_deref().unwrap_or("what it lacks");
    vec![Remedy {
        action: format!("Set {field} of {subject} in its source to what is right."),
        command: format!("kubectl -n {} get horizontalpodautoscalers", subject.namespace),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The autoscaler's condition ScalingActive is True.".to_owned(),
    }]
}
