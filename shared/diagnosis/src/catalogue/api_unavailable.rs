//! An aggregated API does not answer, and something needs it.

use crate::case::Case;
use crate::case::aggregated::Aggregated;
use crate::case::complaints::Complaint;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, joined};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::workload::Workload;
use evidence::question::Question;
use evidence::report::Remedy;
use std::slice;

pub(super) static MODE: FailureMode = FailureMode {
    id: "API-03",
    title: "an aggregated API that it needs is not available",
    category: Category::Admission,
    proves: "the APIService says Available=False, and an autoscaler or a namespace that goes says that it misses that API; or what answers for it has no ready pod",
    refutes: "the APIService is available",
    confused_with: &["CTL-04", "RBAC-02"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// The APIServices, and then what answers for those that do not.
fn ask(case: &Case) -> Vec<Question> {
    if !case.misses_an_api() && !case.may_silence_an_api() {
        return Vec::new();
    }
    let objects = |kind: &str, namespace: &str| Question::Objects {
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
    };
    let mut questions = vec![objects("APIService", "")];
    for missed in case.missed_apis().iter().filter(|it| it.available.status == "False") {
        let namespace = missed.service.namespace.as_str();
        for kind in ["Deployment", "Pod", "Service"] {
            if !case.looked(kind, namespace) {
                questions.push(objects(kind, namespace));
            }
        }
        // Why its pods are not ready they may say themselves.
        if let Some(down) = case.down_behind(missed) {
            let root = down.meta.entity(&down.kind);
            let mut own = case.all_containers();
            let first = own.find(|it| *it.root == root && !it.spec.init && it.runs());
            questions.extend(first.map(|it| it.ask_for_log(false)));
        }
    }
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> =
        case.missed_apis().iter().filter_map(|it| one(case, it)).collect();
    let mut silent = case.silent_apis();
    silent.retain(|(api, _)| api.broken.is_empty());
    judgements
        .extend(joined(silent.iter().map(|(api, workload)| unanswered(case, api, *workload))));
    judgements
}

/// Nobody says that the API is missed, and what should answer for it has no ready pod: what shows why that is outranks
/// this.
fn unanswered(case: &Case, silent: &Aggregated<'_>, workload: Seen<'_, Workload>) -> Finding {
    let (api, available) = (silent.api.meta.entity("APIService"), silent.available);
    let subject = workload.meta.entity(&workload.kind);
    let says = format!("{api}: Available is {}, {}", available.status, available.reason);
    let none = format!("{subject}: 0 of {} pods ready", workload.desired);
    let mut proofs = vec![
        Cite::quoting(silent.api.exhibit, says, &available.message),
        Cite::new(workload.exhibit, none),
    ];
    let mut complaints = case.complaints();
    complaints.retain(|it| *it.root() == subject);
    proofs.extend(complaints.first().map(Complaint::cite));
    Finding {
        field: None,
        value: None,
        statement: format!(
            "{api} is not available ({}) because no pod of {subject}, which answers for it, is ready.",
            available.reason
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Suggestive,
        explains: vec![subject.clone(), api],
        subject,
    }
}

fn one(case: &Case, missed: &Aggregated<'_>) -> Option<Judgement> {
    let mut subject = missed.api.meta.entity("APIService");
    let available = missed.available;
    let says = format!("{subject}: Available is {}, {}", available.status, available.reason);
    let mut proofs = vec![Cite::quoting(missed.api.exhibit, says, &available.message)];
    if available.status == "True" {
        let why = format!("{subject} is available by now");
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    proofs.extend(missed.broken.iter().take(2).map(|(_, cite)| cite.clone()));
    let (first, _) = missed.broken.first()?;
    let whom = match (first.kind.as_str(), missed.broken.len()) {
        ("Namespace", 1) => format!("{first} does not go"),
        (_, 1) => format!("{first} cannot compute"),
        (_, count) => format!("{first} and {} more cannot do their work", count - 1),
    };
    let service = &missed.service;
    let namespace = slice::from_ref(&service.namespace);
    let down = case.down_behind(missed);
    // What answers for it may have no ready pod: then that is to mend.
    let unseen = case.missed_workloads(namespace) || case.failed_to_look("Service", namespace);
    if down.is_none() && unseen {
        return None;
    }
    let mut explains: Vec<Entity> =
        missed.broken.iter().map(|(entity, _)| entity.clone()).collect();
    explains.push(subject.clone());
    let mut statement = format!(
        "{whom} because {subject}, which {service} answers for, is not available ({}).",
        available.reason
    );
    if let Some(down) = down {
        let workload = down.meta.entity(&down.kind);
        let says = format!("{workload}: 0 of {} pods ready", down.desired);
        proofs.push(Cite::new(down.exhibit, says));
        statement =
            format!("{whom} because no pod of {workload} is ready, which answers for {subject}.");
        explains.push(workload.clone());
        subject = workload;
    }
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement,
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let name = &finding.subject.name;
    vec![Remedy {
        action: "Bring the pods behind its Service back; where its program was removed for good, remove the APIService too.".to_owned(),
        command: format!("kubectl describe apiservice {name}"),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("kubectl get apiservice {name} says True."),
    }]
}
