//! A StatefulSet waits for a pod that will not get ready, or whose name nobody can look up.

mod named_elsewhere;

use crate::case::Case;
use crate::case::touching::toucher;
use crate::case::words::network::says_unreachable;
use crate::engine::symptoms::is_ready;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::workload::Workload;
use evidence::report::Remedy;
use jiff::{SignedDuration, Timestamp};

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-09",
    title: "its StatefulSet does not get on",
    category: Category::Delivery,
    proves: "a pod of an old revision is not ready and blocks the new one, or the Service that gives its pods their names is missing and a log misses such a name, or a log misses a pod's name below a headless Service that its serviceName does not name",
    refutes: "the pod is of the newest revision: then its own fault is the cause; or pods are managed in parallel",
    confused_with: &["CTL-02", "NET-05"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// The controller has this long to replace a pod.
const GRACE: SignedDuration = SignedDuration::from_mins(2);

/// Ordinals whose names are looked for in logs.
const MOST_ORDINALS: u32 = 10;

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let mut sets = case.workloads().filter(|it| it.kind == "StatefulSet").peekable();
    if sets.peek().is_none() {
        return judgements;
    }
    let complaints = case.complaints();
    for workload in sets {
        let found = blocked(case, workload).or_else(|| nameless(case, workload));
        judgements.extend(found.or_else(|| named_elsewhere::judge(case, &complaints, workload)));
    }
    judgements
}

/// With ordered pods the controller waits for each to be ready, an old and broken one too, before it makes a new one.
fn blocked(case: &Case, workload: Seen<'_, Workload>) -> Option<Judgement> {
    let it = workload.it;
    let set = it.meta.entity("StatefulSet");
    if it.parallel || it.strategy == "OnDelete" || it.ready >= it.desired {
        return None;
    }
    let revisions = case.revisions_of(&set);
    let (newest, older) = revisions.split_first()?;
    // Who puts the old template back brings its revision back, which was made long ago.
    let touched = toucher(&it.meta, "spec.template").and_then(|it| it.at);
    let made = newest.meta.created?.max(touched.unwrap_or(Timestamp::MIN));
    if older.is_empty() || case.as_of.duration_since(made) < GRACE {
        return None;
    }
    let label = "controller-revision-hash";
    let pod = case.pods_of(&set).find(|pod| {
        let hash = pod.meta.labels.get(label);
        let old = hash.is_some_and(|hash| *hash != newest.meta.name);
        old && !is_ready(pod) && pod.meta.deleted.is_none() && pod.meta.created < Some(made)
    })?;
    let name = pod.meta.entity("Pod");
    let hash = pod.meta.labels.get(label).cloned().unwrap_or_default();
    let revision = newest.meta.entity(&newest.kind);
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{set} does not take over its newest revision because it waits for {name} of the one before, which does not get ready."
        ),
        proofs: vec![
            Cite::new(pod.exhibit, format!("{name} is of revision {hash} and not ready")),
            Cite::new(newest.exhibit, format!("{revision} is the newest, in force since {made}")),
            Cite::new(
                workload.exhibit,
                format!("{set}: {} of {} pods ready", it.ready, it.desired),
            ),
        ],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![set, name.clone()],
        subject: name,
    }))
}

/// Pods have names of their own only below the Service that the StatefulSet names.
fn nameless(case: &Case, workload: Seen<'_, Workload>) -> Option<Judgement> {
    let it = workload.it;
    let (namespace, service) = (it.meta.namespace.as_str(), it.service.as_str());
    if service.is_empty() || !case.service(namespace, service).is_absent() {
        return None;
    }
    let set = it.meta.entity("StatefulSet");
    let ordinals = 0..it.desired.min(MOST_ORDINALS);
    let names: Vec<String> = ordinals.map(|it| format!("{}-{it}.{service}", set.name)).collect();
    let mut missed: Vec<(Entity, Cite)> = Vec::new();
    for log in case.logs() {
        let pod = Entity::new("Pod", &log.namespace, &log.pod);
        let Some(seen) = case.pod(&pod).seen().filter(|it| !is_ready(it)) else { continue };
        let line = log.it.lines.iter().rev().find(|line| {
            says_unreachable(&line.text)
                && names.iter().any(|name| line.text.contains(name.as_str()))
        });
        if let Some(line) = line {
            let says = format!("{pod} finds no address for a pod of {set}");
            let root = case.root_of(&seen.meta, "Pod");
            missed.push((root, Cite::quoting(log.exhibit, says, &line.text)));
        }
    }
    let (first, _) = missed.first()?;
    let first = first.clone();
    // A headless Service over the same pods under another name is what should have been named.
    let other = case.services_before(it).find(|it| it.headless);
    let (subject, field, value) = match &other {
        Some(other) => {
            (set.clone(), Some("spec.serviceName".to_owned()), Some(other.meta.name.clone()))
        }
        None => (Entity::new("Service", namespace, service), None, None),
    };
    let mut proofs: Vec<Cite> = missed.iter().take(2).map(|(_, cite)| cite.clone()).collect();
    proofs.push(Cite::new(
        workload.exhibit,
        format!("{set} names the Service {service}, which does not exist"),
    ));
    let mut explains: Vec<Entity> = missed.into_iter().map(|(root, _)| root).collect();
    explains.push(subject.clone());
    let value = value.map(|_| service.to_owned());
    Some(Judgement::Proven(Finding {
        field,
        value,
        statement: format!(
            "{first} fails because the pods of {set} have no names: the Service {service} that it names does not exist."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let action = match (subject.kind.as_str(), &finding.field) {
        ("Service", _) => {
            format!("Create {subject} as a headless Service over the StatefulSet's pods.")
        }
        (_, Some(_)) => {
            format!("Make {subject} anew with the right serviceName: it cannot be changed.")
        }
        _ => format!(
            "Once the template of its StatefulSet is right, delete {subject}; the controller makes it anew from the newest revision."
        ),
    };
    vec![Remedy {
        action,
        command: kubectl::within(subject, "get statefulsets,pods,services"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "All pods of the StatefulSet are of its newest revision and ready.".to_owned(),
    }]
}
