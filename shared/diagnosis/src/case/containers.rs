//! Containers together with what they are meant to be and the object that a human would change.

use super::{Case, looking};
use crate::finding::Cite;
use crate::quantity;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::pod::{ContainerStatus, Ended, Pod, State};
use evidence::fact::spec::{Container, ObjectRef, PodSpec};
use evidence::question::Question;
use std::collections::BTreeSet;

/// A container of a pod that is there now.
#[derive(Clone, Copy, Debug)]
pub struct Running<'a> {
    /// The object at the top of the pod's owners: the one to change.
    pub root: &'a Entity,
    /// The pod.
    pub pod: Seen<'a, Pod>,
    /// What the container is meant to be.
    pub spec: &'a Container,
    /// How it does.
    pub status: &'a ContainerStatus,
}

impl Case {
    /// Every container of every pod that is there and not on its way out, by owner, pod and position.
    pub fn all_containers(&self) -> impl Iterator<Item = Running<'_>> {
        let pods = self.pods_by_root.iter().flat_map(move |(root, pods)| {
            pods.iter().filter_map(move |at| Some((root, self.typed(*at, looking::pod)?)))
        });
        pods.flat_map(|(root, pod)| containers(root, pod))
    }

    /// The same of the pods that show something: one that is ready, was never started again and wrote nothing that was
    /// read has nothing to tell, and most are so.
    pub fn containers(&self) -> impl Iterator<Item = Running<'_>> {
        let pods = self.telling_pods.iter();
        let pods = pods.filter_map(|(root, at)| Some((root, self.typed(*at, looking::pod)?)));
        pods.flat_map(|(root, pod)| containers(root, pod))
    }

    /// The pods that show something, by owner.
    pub(super) fn pods_that_tell(&self) -> Vec<(Entity, usize)> {
        let logged: BTreeSet<(&str, &str)> =
            self.logs().map(|log| (log.it.namespace.as_str(), log.it.pod.as_str())).collect();
        let mut telling = Vec::new();
        for (root, pods) in &self.pods_by_root {
            for at in pods {
                let Some(pod) = self.typed(*at, looking::pod) else { continue };
                let name = (pod.it.meta.namespace.as_str(), pod.it.meta.name.as_str());
                if logged.contains(&name) || !is_plain(pod.it) {
                    telling.push((root.clone(), *at));
                }
            }
        }
        telling
    }
}

/// It runs, passes its checks, and was never started again.
fn is_plain(pod: &Pod) -> bool {
    let runs = |it: &ContainerStatus| {
        it.restarts == 0
            && it.last.is_none()
            && match &it.state {
                Some(State::Running { .. }) => it.ready || it.init,
                Some(State::Terminated(ended)) => it.init && ended.exit_code == 0,
                _ => false,
            }
    };
    pod.phase == "Running" && pod.containers.iter().all(runs)
}

fn containers<'a>(root: &'a Entity, pod: Seen<'a, Pod>) -> impl Iterator<Item = Running<'a>> {
    let there = pod.it.meta.deleted.is_none();
    pod.it.containers.iter().filter(move |_| there).filter_map(move |status| {
        let spec = pod.it.spec.containers.iter().find(|it| it.name == status.name)?;
        Some(Running { root, pod, spec, status })
    })
}

impl Case {
    /// How a container's last run ended, where that keeps its pod from working: it is started again and again, or it is
    /// a Job's pod that failed and the Job has not succeeded otherwise.
    pub fn fails_by_ending<'a>(&self, container: &Running<'a>) -> Option<&'a Ended> {
        let ended = container.ended()?;
        let owner = container.pod.it.meta.owner.as_ref();
        if let Some(job) = owner.filter(|owner| owner.kind == "Job") {
            let succeeded = self.job(job).seen().is_some_and(|job| job.succeeded > 0);
            return Some(ended).filter(|_| !succeeded);
        }
        let recent =
            !self.rules.baseline || ended.finished.is_none_or(|at| at >= self.window.start);
        let again = container.is_crash_looping() || container.status.restarts >= 3;
        let for_good = container.pod.it.phase == "Failed";
        Some(ended).filter(|_| recent && (again || for_good))
    }
}

impl<'a> Running<'a> {
    /// Cites how its last run ended.
    pub fn cite_end(&self, ended: &Ended) -> Cite {
        let says = format!(
            "{}: container {} ended with exit code {}, reason {}, after {} restarts",
            self.pod.meta.entity("Pod"),
            self.spec.name,
            ended.exit_code,
            ended.reason,
            self.status.restarts
        );
        Cite::quoting(self.pod.exhibit, says, &ended.message)
    }

    /// What asks for its log, of the run before where `previous`.
    pub fn ask_for_log(&self, previous: bool) -> Question {
        Question::Logs {
            namespace: self.pod.it.meta.namespace.clone(),
            pod: self.pod.it.meta.name.clone(),
            container: self.spec.name.clone(),
            previous,
        }
    }

    /// Whether it runs.
    pub fn runs(&self) -> bool {
        matches!(self.status.state, Some(State::Running { .. }))
    }

    /// What it waits for: the kubelet's reason and sentence.
    pub fn waiting(&self) -> Option<(&'a str, &'a str)> {
        match &self.status.state {
            Some(State::Waiting { reason, message }) => Some((reason, message)),
            _ => None,
        }
    }

    /// How its last run ended: the present state where it has ended, else the run before.
    pub fn ended(&self) -> Option<&'a Ended> {
        match &self.status.state {
            Some(State::Terminated(ended)) => Some(ended),
            _ => self.status.last.as_ref(),
        }
    }

    /// It is started again and again, and does not stay up.
    pub fn is_crash_looping(&self) -> bool {
        if self.waiting().is_some_and(|(reason, _)| reason == "CrashLoopBackOff") {
            return true;
        }
        let down = !self.status.ready && !matches!(self.status.state, Some(State::Running { .. }));
        down && self.status.restarts > 0 && self.ended().is_some()
    }

    /// Whether the last run that is known, if any, was ended by a signal with which the kubelet ends.
    pub fn was_killed(&self) -> bool {
        self.ended().is_none_or(|it| matches!(it.exit_code, 137 | 143))
    }

    /// Whether it has a CPU limit so small that hardly any program starts with it, in thousandths of a core: 50.
    pub fn is_starved(&self) -> bool {
        let limit = self.spec.limits.get("cpu").and_then(|limit| quantity::thousandths(limit));
        limit.is_some_and(|limit| limit <= 50)
    }

    /// The user that the spec makes it, its own or the pod's.
    pub fn user(&self) -> Option<String> {
        let all = self.spec.security.iter().chain(&self.pod.it.spec.security);
        let mut users = all.filter_map(|it| it.strip_prefix("runAsUser="));
        users.next().map(str::to_owned)
    }

    /// The path of one of its fields in the object to change.
    pub fn field(&self, name: &str) -> String {
        format!("{}.{name}", container_path(&self.root.kind, self.spec))
    }
}

/// An image without its version: `registry:5000/shop/cart` of `registry:5000/shop/cart:1@sha256:...`.
pub fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(image, |(name, _)| name)
}

/// Where an object of this kind keeps the spec of its pods.
pub fn pod_spec_path(kind: &str) -> &'static str {
    match kind {
        "Pod" => "spec",
        "CronJob" => "spec.jobTemplate.spec.template.spec",
        _ => "spec.template.spec",
    }
}

/// Where an object of a kind has a container.
pub fn container_path(kind: &str, container: &Container) -> String {
    let list = if container.init { "initContainers" } else { "containers" };
    format!("{}.{list}[{}]", pod_spec_path(kind), container.name)
}

/// What every pod mounts, and nothing is set by.
pub const EVERYBODYS: &str = "kube-root-ca.crt";

/// All ConfigMaps and Secrets that a template reads, in variables and in files.
pub fn all_read_by(spec: &PodSpec) -> impl Iterator<Item = &ObjectRef> {
    let files = spec.volumes.iter().map(|it| &it.object);
    let all = read_by(spec).chain(files).filter(|it| it.name != EVERYBODYS);
    all.filter(|it| matches!(it.kind.as_str(), "ConfigMap" | "Secret"))
}

/// The ConfigMaps of its own namespace that a controller is told to read from the API server, as those of Ingresses are:
/// `--configmap=$(POD_NAMESPACE)/nginx`.
pub fn named_in_arguments<'a>(spec: &'a PodSpec, namespace: &str) -> impl Iterator<Item = &'a str> {
    let words = spec.containers.iter().flat_map(|it| it.args.iter().chain(&it.command));
    let values = words.filter_map(|it| {
        let (flag, value) = it.split_once('=')?;
        let flag = flag.trim_start_matches('-');
        matches!(flag, "configmap" | "nginx-configmaps").then_some(value)
    });
    values.filter_map(move |it| match it.split_once('/') {
        Some((of, name)) => (of == namespace || of.starts_with("$(")).then_some(name),
        None => Some(it),
    })
}

/// The ConfigMaps and Secrets that the variables of a template's containers come from.
pub fn read_by(spec: &PodSpec) -> impl Iterator<Item = &ObjectRef> {
    spec.containers.iter().flat_map(|it| {
        let each = it.env.iter().filter_map(|it| it.from.as_ref());
        each.chain(&it.env_from)
    })
}
