//! An autoscaler lacks what it needs to compute: a request, a target, a metric.

use crate::case::Case;
use crate::case::containers::pod_spec_path;
use crate::case::customs::complaint;
use crate::case::denials::between;
use crate::case::scaling::Blind;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::workload::Autoscaler;
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
            .or_else(|| ambiguous(case, &blind))
            .or_else(|| without_metric(&blind));
        judgements.extend(found);
    }
    // Of two that are in each other's way each says so.
    let mut judgements = one_each(judgements);
    judgements.extend(unborn(case));
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
        if spec.is_none() {
            return injected(case, blind, container, resource);
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

/// A container that no template names: something puts it into the pods.
fn injected(case: &Case, blind: &Blind<'_>, container: &str, resource: &str) -> Option<Judgement> {
    let subject = blind.autoscaler.target.clone();
    let pods = case.pods_of(&subject).filter_map(|pod| {
        let spec = pod.it.spec.containers.iter().find(|it| it.name == container)?;
        Some((pod, spec.requests.contains_key(resource)))
    });
    let pods: Vec<_> = pods.collect();
    let (lacks, _) = pods.iter().find(|(_, requests)| !requests)?;
    let says =
        format!("{}: container {container} requests no {resource}", lacks.meta.entity("Pod"));
    let proofs = vec![blind.cite(), Cite::new(lacks.exhibit, says)];
    Some(proven(
        blind,
        None,
        format!(
            "{} cannot compute how many replicas are needed because container {container}, which is put into the pods of {subject} and is none of its template, requests no {resource}.",
            blind.entity()
        ),
        (subject, proofs, Strength::Strong),
    ))
}

/// What a human would change of an autoscaler: KEDA makes its own from a ScaledObject.
fn source(blind: &Blind<'_>) -> (Entity, &'static str) {
    let owner = blind.autoscaler.meta.owner.clone().filter(|it| it.kind == "ScaledObject");
    owner.map_or_else(|| (blind.entity(), "spec.metrics"), |it| (it, "spec.triggers"))
}

/// `deployments/scale.apps "web" not found`
fn without_target(case: &Case, blind: &Blind<'_>) -> Option<Judgement> {
    let target = &blind.autoscaler.target;
    let missing = format!("\"{}\" not found", target.name);
    if blind.condition.reason != "FailedGetScale" || !blind.condition.message.contains(&missing) {
        return None;
    }
    let (subject, proofs) = (source(blind).0, vec![blind.cite()]);
    if let Some(workload) = case.workload(target).seen() {
        let why = format!("{target} exists by now");
        let proofs = vec![blind.cite(), Cite::new(workload.exhibit, why.clone())];
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    Some(proven(
        blind,
        Some("spec.scaleTargetRef.name".to_owned()),
        format!("{} scales nothing because {target} does not exist.", blind.entity()),
        (subject, proofs, Strength::Conclusive),
    ))
}

/// `pods by selector app=web are controlled by multiple HPAs: [shop/web shop/keda-hpa-web]`: of those the one that came
/// last is in the way.
fn ambiguous(case: &Case, blind: &Blind<'_>) -> Option<Judgement> {
    if blind.condition.reason != "AmbiguousSelector" {
        return None;
    }
    let list = between(&blind.condition.message, "controlled by multiple HPAs: [", "]")?;
    let named = |it: &Seen<'_, Autoscaler>| {
        let name = format!("{}/{}", it.meta.namespace, it.meta.name);
        list.split_whitespace().any(|word| word == name)
    };
    let mut rivals: Vec<Seen<'_, Autoscaler>> = case.autoscalers().filter(named).collect();
    rivals.sort_by_key(|it| (it.it.meta.created, &it.it.meta.name));
    let [first, .., last] = rivals.as_slice() else { return None };
    let name = |it: &Seen<'_, Autoscaler>| it.meta.entity("HorizontalPodAutoscaler");
    let mut proofs = vec![blind.cite()];
    proofs.extend(
        rivals.iter().map(|it| Cite::new(it.exhibit, format!("{} scales {}", name(it), it.target))),
    );
    let (target, count) = (&blind.autoscaler.target, rivals.len());
    // Where they scale different things, the selector of the one that complains picks the pods of the others, too.
    let (subject, field, why) = match rivals.iter().all(|it| it.target == *target) {
        true => {
            let why = format!("{} came after {}", name(last), name(first));
            (name(last), "spec.scaleTargetRef", why)
        }
        false => {
            (target.clone(), "spec.selector", "its selector picks pods of others, too".to_owned())
        }
    };
    Some(Judgement::Proven(Finding {
        field: Some(field.to_owned()),
        value: None,
        statement: format!(
            "{target} is scaled by nobody because {count} autoscalers control the same pods: {why}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: rivals.iter().map(name).collect(),
        subject,
    }))
}

/// `no metrics returned from external metrics API`. What the resource metrics lack, the pods lack.
fn without_metric(blind: &Blind<'_>) -> Option<Judgement> {
    let kinds = ["custom", "external"];
    let message = blind.condition.message.as_str();
    // The second is what an adapter says that knows no such metric, as `the server could not find the metric x for pods`.
    let lacks = |kind: &&str| {
        message.contains(&format!("no metrics returned from {kind} metrics API"))
            || message.contains(&format!("unable to fetch metrics from {kind} metrics API"))
                && message.contains("could not find the metric ")
    };
    let (subject, field) = source(blind);
    // KEDA's adapter passes on why it has none: its trigger asks in vain.
    let asks_in_vain = subject.kind == "ScaledObject"
        && message.contains("unable to fetch metrics from external metrics API")
        && !["currently unable to handle", "connection refused", "requested resource"]
            .iter()
            .any(|it| message.contains(it));
    let (kind, strength) = match kinds.into_iter().find(lacks) {
        Some(kind) => (kind, Strength::Strong),
        None if asks_in_vain => ("external", Strength::Suggestive),
        None => return None,
    };
    let autoscaler = blind.entity();
    Some(proven(
        blind,
        Some(field.to_owned()),
        format!(
            "{autoscaler} cannot compute how many replicas are needed because the {kind} metrics API has no value for its metric."
        ),
        (subject, vec![blind.cite()], strength),
    ))
}

/// What KEDA says where it cannot make an autoscaler of an object's triggers.
const OF_TRIGGERS: &str = "ailed to ensure HPA is correctly created";

/// KEDA makes no autoscaler of a ScaledObject whose triggers it cannot build.
fn unborn(case: &Case) -> Vec<Judgement> {
    let asked = case.asked_object().and_then(|it| case.custom(&it));
    let asked = asked.and_then(|it| Some((it, complaint(it.it)?)));
    let mut objects = case.missed_customs();
    objects.extend(
        asked.filter(|(it, _)| objects.iter().all(|(other, _)| other.exhibit != it.exhibit)),
    );
    objects.retain(|(it, _)| case.is_unborn(it.it));
    let found = objects.into_iter().map(|(object, condition)| {
        let subject = object.it.meta.entity("ScaledObject");
        let says = format!("{subject}: {} is {}", condition.kind, condition.status);
        Judgement::Proven(Finding {
            // Its checks come before its triggers are built, and fail for other fields.
            field: condition.message.contains(OF_TRIGGERS).then(|| "spec.triggers".to_owned()),
            value: None,
            statement: format!(
                "{subject} scales nothing: it is not ready, and no autoscaler was made of it."
            ),
            proofs: vec![
                Cite::quoting(object.exhibit, says, &condition.message),
                Cite::new(object.exhibit, format!("{subject} is there, and owns no autoscaler")),
            ],
            doubts: Vec::new(),
            strength: Strength::Strong,
            explains: vec![subject.clone()],
            subject,
        })
    });
    found.collect()
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
    if subject.kind == "APIService" {
        return vec![Remedy {
            action: format!(
                "Install or mend what registers {subject}: metrics-server, or the adapter behind it."
            ),
            command: "kubectl get apiservices".to_owned(),
            risk: "low".to_owned(),
            reversible: true,
            verify: "The autoscaler's condition ScalingActive is True.".to_owned(),
        }];
    }
    let field = finding.field.as_deref().unwrap_or("what it lacks");
    vec![Remedy {
        action: format!("Set {field} of {subject} in its source to what is right."),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The autoscaler's condition ScalingActive is True.".to_owned(),
    }]
}
