//! What every workload rests on and none is: the name service, and the doors to the cluster. Where nothing fails that
//! Kubernetes shows, and somebody reports a trouble of the whole cluster, their logs tell; of a namespace in which nobody
//! complains, those of the doors.

use super::symptoms::{Gravity, Symptom};
use super::whereabouts;
use crate::case::Case;
use crate::case::containers::Running;
use crate::case::resolving::HOME;
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::question::Question;
use std::collections::{BTreeMap, BTreeSet};

/// Namespaces with a door that are looked into.
const MOST_DOORS: usize = 2;

/// Workloads of them whose logs are read.
const MOST_LOGS: usize = 4;

/// How people speak of a bad certificate, and browsers to them, in small letters.
const WARNINGS: [&str; 11] = [
    "certificate",
    "err_cert",
    "insecure",
    "not private",
    "not secure",
    "not trusted",
    "padlock",
    "security risk",
    "security warning",
    "unsafe",
    "untrusted",
];

/// What to ask of them.
pub(super) fn questions(case: &Case, symptoms: &[Symptom]) -> Vec<Question> {
    if whereabouts::is_astray(case, symptoms) {
        return of_the_cluster(case);
    }
    if is_shut_out(case, symptoms) {
        return of_the_doors(case);
    }
    Vec::new()
}

fn of_the_cluster(case: &Case) -> Vec<Question> {
    let mut questions = Vec::new();
    for kind in ["Pod", "ConfigMap"] {
        questions.push(objects(kind, case.name_home().namespace));
    }
    let doors = doors(case);
    questions.extend(doors.iter().map(|it| objects("Pod", it)));
    if !doors.is_empty() {
        questions.push(objects("Ingress", ""));
    }
    questions.extend(logs(case, &doors));
    questions
}

/// Whether a trouble of a namespace is reported that people enter by a door, nothing in it is down and nobody in it complains;
/// of a warning that browsers show nobody behind the door knows.
fn is_shut_out(case: &Case, symptoms: &[Symptom]) -> bool {
    let of_ours = |namespace: &String| case.scope.namespaces.contains(namespace);
    case.reported
        && symptoms.iter().all(|it| it.gravity == Gravity::Light)
        && case.ingresses().any(|it| of_ours(&it.it.meta.namespace))
        && (case.complaints().is_empty() || is_warned(case))
}

/// Whether the question speaks of a certificate, or of what browsers say where it is bad, and there is one to serve with.
fn is_warned(case: &Case) -> bool {
    let question = case.question.to_lowercase();
    let of_ours = |namespace: &String| case.scope.namespaces.contains(namespace);
    WARNINGS.iter().any(|it| question.contains(it))
        && case
            .ingresses()
            .any(|it| of_ours(&it.it.meta.namespace) && !it.it.tls_secrets.is_empty())
}

/// The doors themselves: a survey of a namespace does not tell where they are.
fn of_the_doors(case: &Case) -> Vec<Question> {
    let doors = doors(case);
    let mut questions = vec![objects("Service", "")];
    for namespace in &doors {
        questions.push(objects("Pod", namespace));
        questions.push(objects("ConfigMap", namespace));
    }
    questions.extend(logs(case, &doors));
    questions
}

fn objects(kind: &str, namespace: &str) -> Question {
    Question::Objects { kind: kind.to_owned(), namespace: namespace.to_owned() }
}

/// The namespaces of Services to which traffic for HTTP comes from outside, but for those of single applications: a door
/// leads to other namespaces, and its Service has ports for both HTTP and HTTPS.
fn doors(case: &Case) -> BTreeSet<String> {
    let outside = |it: &Service| matches!(it.kind.as_str(), "LoadBalancer" | "NodePort");
    let listens = |it: &Service, number: u16| it.ports.iter().any(|it| it.port == number);
    let doors = case.services().filter(|it| outside(it) && listens(it, 80) && listens(it, 443));
    let namespaces: BTreeSet<String> = doors.map(|it| it.meta.namespace.clone()).collect();
    namespaces.into_iter().filter(|it| it != HOME).take(MOST_DOORS).collect()
}

/// The log of one pod of each of their workloads.
fn logs(case: &Case, doors: &BTreeSet<String>) -> Vec<Question> {
    let mut first: BTreeMap<&Entity, Running<'_>> = BTreeMap::new();
    for running in case.all_containers() {
        let meta = &running.pod.meta;
        let serves = case.answers_names(meta) || doors.contains(&meta.namespace);
        if serves && running.runs() && !running.spec.init {
            first.entry(running.root).or_insert(running);
        }
    }
    first.into_values().take(MOST_LOGS).map(|it| it.ask_for_log(false)).collect()
}
