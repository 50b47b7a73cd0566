//! A Service's selector picks the pods of another workload too.

use crate::case::Case;
use crate::case::ports::{Stranger, is_named};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::network::Service;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-06",
    title: "the Service's selector picks the pods of another workload too",
    category: Category::Network,
    proves: "ready pods of two workloads are behind the Service, and those of one declare ports of which none is the Service's, or are another program that has a port of the same name and a Service of its own; callers that are refused now and then prove it whole; or, where a trouble is reported, a workload with another image was made lately and is picked beside the one before",
    refutes: "all pods behind the Service serve its ports, as those of a canary do",
    confused_with: &["NET-01", "NET-02"],
    depth: Depth::Object,
    stands_alone: true,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.services().filter_map(|it| one(case, it).or_else(|| intruded(case, it))).collect()
}

/// A workload of another program that came lately, behind a Service that was there before: who is answered by whom changes from call
/// to call. It may be meant so, and where nobody reports a trouble it is.
fn intruded(case: &Case, service: Seen<'_, Service>) -> Option<Judgement> {
    if !case.reported {
        return None;
    }
    let (intruder, meant) = case.intruder(service)?;
    let entity = service.meta.entity("Service");
    let (subject, meant) = (intruder.meta.entity(&intruder.kind), meant.meta.entity(&meant.kind));
    let made = intruder.meta.created?;
    let proofs = vec![
        Cite::new(service.exhibit, format!("{entity} picks the pods of {subject} and {meant}")),
        Cite::new(intruder.exhibit, format!("{subject} was made at {made}, with another image")),
    ];
    Some(Judgement::Proven(Finding {
        field: Some("spec.template.metadata.labels".to_owned()),
        value: None,
        statement: format!(
            "{entity} is answered now and then by {subject}, made at {made}, which is another program than {meant} and bears its labels."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Suggestive,
        explains: vec![entity],
        subject,
    }))
}

fn one(case: &Case, service: Seen<'_, Service>) -> Option<Judgement> {
    let stranger = case.stranger(service)?;
    let entity = service.meta.entity("Service");
    let odd = &stranger.stranger;
    let declared = stranger.declared.join(", ");
    let (target, pod) = (&stranger.target, stranger.pod.meta.entity("Pod"));
    let selector: Vec<String> =
        service.selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let selector = selector.join(",");
    let mut proofs = vec![
        Cite::new(
            service.exhibit,
            format!("{entity} selects {selector} and sends to port {target}"),
        ),
        Cite::new(stranger.pod.exhibit, format!("{pod} of {odd} is ready and declares {declared}")),
    ];
    let refused = case.refused_by(service);
    let strength = if refused.is_empty() { Strength::Strong } else { Strength::Conclusive };
    let mut explains = vec![entity.clone()];
    for (caller, cite) in refused {
        explains.push(caller);
        proofs.push(cite);
    }
    let (subject, field, value) = match relabelled(case, &service, &stranger) {
        Some((exhibit, key)) => {
            proofs.push(Cite::new(
                exhibit,
                format!("the newest revision of {odd} brought the label {key}"),
            ));
            let field = format!("spec.template.metadata.labels.{key}");
            (odd.clone(), field, service.selector.get(&key).cloned())
        }
        None => (entity.clone(), "spec.selector".to_owned(), Some(selector.clone())),
    };
    let meant = &stranger.meant;
    let differ = if service.ports.iter().any(is_named) {
        format!("which are another program: its port is {declared}, not {target}")
    } else {
        format!("and they do not listen on port {target}")
    };
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value,
        statement: format!(
            "{entity} fails now and then because {selector} picks the pods of {odd} beside those of {meant}, {differ}."
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains,
        subject,
    }))
}

/// The label that the stranger's newest revision brought and by which the Service began to pick it.
fn relabelled(case: &Case, service: &Service, stranger: &Stranger<'_>) -> Option<(usize, String)> {
    let (newest, before) = case.two_newest(&stranger.stranger)?;
    let has = |labels: &std::collections::BTreeMap<String, String>,
               key: &String,
               value: &String| { labels.get(key) == Some(value) };
    let (key, _) = service.selector.iter().find(|(key, value)| {
        has(&newest.template_labels, key, value) && !has(&before.template_labels, key, value)
    })?;
    Some((newest.exhibit, key.clone()))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Make the labels by which {subject} and its neighbour are told apart part of the Service's selector, in its source."
        ),
        command: kubectl::within(subject, "get pods --show-labels"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The Service's endpoints are pods of one workload.".to_owned(),
    }]
}
