//! The cluster's name service has nobody ready.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::resolving::home_in;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DNS-01",
    title: "the cluster's name service is down",
    category: Category::Network,
    proves: "workloads' logs say that the resolver does not answer or fails, and no pod of the name service is ready",
    refutes: "pods of the name service are ready: then the pod's own settings, a policy or the node's network keep it away",
    confused_with: &["DNS-02", "DNS-03", "DNS-04", "NET-05", "NET-10"],
    // What ails its pods is the cause, where that shows.
    depth: Depth::Symptom,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    case.ask_about_names()
}

fn judge(case: &Case) -> Vec<Judgement> {
    let victims = case.unanswered();
    let Some(down) = case.name_server_is_down() else {
        // It runs, and what it says is that it failed.
        return case.used_up(&[Signal::DnsErrors], |hurt| {
            format!("Names are not resolved because {} fails: {}.", hurt.entity, hurt.told.says())
        });
    };
    let server = case.name_server();
    let home = case.name_home();
    let subject = case.who_answers_names();
    let subject = subject.unwrap_or_else(|| Entity::new("Service", home.namespace, home.service));
    let mut proofs: Vec<Cite> = victims.iter().take(3).map(Complaint::cite).collect();
    match (server, case.endpoints(home.namespace, home.service).seen()) {
        (Some(it), _) => {
            let says = format!("{subject}: {} of {} pods ready", it.ready, it.desired);
            proofs.push(Cite::new(it.exhibit, says));
        }
        (None, Some(it)) => {
            proofs.push(Cite::new(it.exhibit, format!("{subject}: {} ready endpoints", it.ready)));
        }
        (None, None) => return Vec::new(),
    }
    if victims.is_empty() {
        return Vec::new(); // Nobody misses it; that its pods are not ready is a symptom of its own.
    }
    if !down {
        let why = format!("{subject}, which answers names, has ready pods");
        return vec![Judgement::Refuted(Refutation { subject, why, proofs })];
    }
    let mut roots: Vec<Entity> = victims.iter().map(|it| it.root().clone()).collect();
    roots.sort();
    roots.dedup();
    let whom = match roots.as_slice() {
        [one] => format!("{one} fails"),
        [first, rest @ ..] => format!("{first} and {} more fail", rest.len()),
        [] => return Vec::new(),
    };
    roots.push(subject.clone());
    vec![Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{whom} because no name is resolved: no pod of {subject} is ready."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: roots,
        subject,
    })]
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let home = home_in(&subject.namespace);
    let (key, value) = home.label;
    vec![Remedy {
        action: format!(
            "Bring the pods of {subject} back: see why they are not ready, or scale it up again."
        ),
        command: format!("kubectl -n {} get pods -l {key}={value}", home.namespace),
        risk: "low".to_owned(),
        reversible: true,
        verify: "A lookup of kubernetes.default from any pod is answered.".to_owned(),
    }]
}
