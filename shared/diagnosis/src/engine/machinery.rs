//! What every workload rests on and none is: the name service, and the doors to the cluster. Where nothing fails that
//! Kubernetes shows, and somebody reports a trouble of the whole cluster, their logs tell.

use super::symptoms::Symptom;
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

/// What to ask of them.
pub(super) fn questions(case: &Case, symptoms: &[Symptom]) -> Vec<Question> {
    if !whereabouts::is_astray(case, symptoms) {
        return Vec::new();
    }
    let mut questions = Vec::new();
    let mut want = |kind: &str, namespace: &str| {
        let (kind, namespace) = (kind.to_owned(), namespace.to_owned());
        questions.push(Question::Objects { kind, namespace });
    };
    for kind in ["Pod", "ConfigMap"] {
        want(kind, case.name_home().namespace);
    }
    let doors = doors(case);
    for namespace in &doors {
        want("Pod", namespace);
    }
    if !doors.is_empty() {
        want("Ingress", "");
    }
    questions.extend(logs(case, &doors));
    questions
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
