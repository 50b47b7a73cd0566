//! A mesh's proxy beside a program is not ready, and so neither is the pod.

use crate::case::Case;
use crate::case::containers::Running;
use crate::engine::symptoms::is_ready;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::pod::State;
use evidence::fact::workload::Workload;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "MESH-09",
    title: "the mesh's proxy beside it is not ready",
    category: Category::Network,
    proves: "the proxy runs and is not ready while all other containers of the pod are; with the mesh's control plane down, that is why",
    refutes: "the proxy is ready: then the program itself is not",
    confused_with: &["RUN-08", "RUN-11"],
    depth: Depth::Symptom,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// The proxies of meshes, by their container's name, and the control plane that each needs: its namespace and name.
const PROXIES: [(&str, &str, &str); 2] = [
    ("istio-proxy", "istio-system", "istiod"),
    ("linkerd-proxy", "linkerd", "linkerd-destination"),
];

fn ask(case: &Case) -> Vec<Question> {
    let mut questions = Vec::new();
    for (proxy, namespace, _) in PROXIES {
        if stuck(case, proxy).next().is_some() {
            for kind in ["Deployment", "Pod"] {
                let namespace = namespace.to_owned();
                questions.push(Question::Objects { kind: kind.to_owned(), namespace });
            }
        }
    }
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for (proxy, namespace, name) in PROXIES {
        let plane = control_plane(case, namespace, name);
        judgements.extend(stuck(case, proxy).map(|it| one(&it, plane)));
    }
    judgements.extend(case.containers().filter_map(|it| refuted(&it)));
    one_each(judgements)
}

/// Proxies that run and are not ready, in pods of which all else is.
fn stuck<'a>(case: &'a Case, proxy: &'a str) -> impl Iterator<Item = Running<'a>> {
    case.containers().filter(move |it| {
        let others = it.pod.it.containers.iter().filter(|other| {
            other.name != proxy && !matches!(other.state, Some(State::Terminated(_)))
        });
        it.spec.name == proxy
            && !it.status.ready
            && matches!(it.status.state, Some(State::Running { .. }))
            && case.is_settled(it.pod.meta.created)
            && others.into_iter().all(|other| other.ready || waits_for_proxy(&other.state))
            && it.pod.it.containers.len() > 1
    })
}

/// Whether a container is not started before those that come first are.
fn waits_for_proxy(state: &Option<State>) -> bool {
    let words = ["PodInitializing", "ContainerCreating"];
    matches!(state, Some(State::Waiting { reason, .. }) if words.contains(&reason.as_str()))
}

/// The workload of the control plane; revisions of istiod bear theirs in the name, as `istiod-1-22`. One that is ready
/// serves the proxies that are meant for it, and what was left at 0 after an upgrade none.
fn control_plane<'a>(case: &'a Case, namespace: &str, name: &str) -> Option<Seen<'a, Workload>> {
    let prefix = format!("{name}-");
    let here = case.workloads().filter(|it| it.meta.namespace == namespace);
    let named = here.filter(|it| it.meta.name == name || it.meta.name.starts_with(&prefix));
    named.max_by_key(|it| (it.ready > 0, it.desired > 0))
}

fn one(running: &Running<'_>, plane: Option<Seen<'_, Workload>>) -> Judgement {
    let root = running.root.clone();
    let pod = running.pod.meta.entity("Pod");
    let proxy = &running.spec.name;
    let says = format!("{pod}: container {proxy} runs and is not ready, all others are");
    let mut proofs = vec![Cite::new(running.pod.exhibit, says)];
    let down = plane.filter(|it| it.ready == 0 && it.desired > 0 || it.desired == 0);
    let (subject, why, strength) = match down {
        Some(plane) => {
            let entity = plane.meta.entity(&plane.kind);
            let says = format!("{entity}: {} of {} pods ready", plane.ready, plane.desired);
            proofs.push(Cite::new(plane.exhibit, says.clone()));
            (entity, format!(", which gets no configuration: {says}"), Strength::Strong)
        }
        None => (root.clone(), String::new(), Strength::Suggestive),
    };
    let mut explains = vec![root.clone()];
    if subject != root {
        explains.push(subject.clone());
    }
    Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{root} is not ready because of {proxy} beside it{why}."),
        proofs,
        doubts: Vec::new(),
        strength,
        explains,
        subject,
    })
}

/// The proxy is ready, and the program beside it is not.
fn refuted(running: &Running<'_>) -> Option<Judgement> {
    let proxy = PROXIES.iter().any(|(name, ..)| *name == running.spec.name);
    if !proxy || !running.status.ready || is_ready(running.pod.it) {
        return None;
    }
    let subject: Entity = running.root.clone();
    let why = format!("{} beside it is ready", running.spec.name);
    let says = format!("{}: {} is ready", running.pod.meta.entity("Pod"), running.spec.name);
    let proofs = vec![Cite::new(running.pod.exhibit, says)];
    Some(Judgement::Refuted(Refutation { subject, why, proofs }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "See what {subject} and the proxy's log say; with the control plane back, proxies become ready by themselves."
        ),
        command: "istioctl proxy-status".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "All containers of the pods are ready.".to_owned(),
    }]
}
