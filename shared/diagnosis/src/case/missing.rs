//! ConfigMaps and Secrets, and keys of them, that a kubelet looks for and does not find.

use super::Case;
use super::containers::{all_read_by, pod_spec_path};
use super::touching::{MAKING, data_toucher};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::seen::{Presence, Seen};
use evidence::entity::Entity;
use evidence::fact::pod::Pod;
use evidence::fact::spec::{ObjectRef, PodSpec};
use evidence::fact::workload::{Revision, Workload};
use std::collections::BTreeMap;
use std::slice;

/// Something that a pod needs and that is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The ConfigMap or Secret.
    pub object: Entity,
    /// The key that it lacks; empty where all of it is missing.
    pub key: String,
}

/// What is missing for one workload, and where that was seen.
#[derive(Clone, Debug)]
pub struct Lack {
    /// What is missing.
    pub missing: Missing,
    /// The object at the top of the pod's owners.
    pub root: Entity,
    /// Where it was said or seen.
    pub cite: Cite,
    /// How much that carries.
    pub strength: Strength,
}

impl Case {
    /// What these lacks come to: one finding for each missing object, or for each workload that began to name one.
    pub fn blame(&self, lacks: Vec<Lack>) -> Vec<Judgement> {
        let mut groups: BTreeMap<(Entity, Missing), Vec<Lack>> = BTreeMap::new();
        for lack in lacks {
            let begun = self.began_to_name(&lack.root, &lack.missing).is_some();
            let namespaces = slice::from_ref(&lack.root.namespace);
            // Who asks for a key may ask for the wrong one: nobody tells who never saw him.
            if !lack.missing.key.is_empty() && self.failed_to_look(&lack.root.kind, namespaces) {
                continue;
            }
            let subject = if begun || self.misnames(&lack.root, &lack.missing).is_some() {
                lack.root.clone()
            } else {
                lack.missing.object.clone()
            };
            let group = groups.entry((subject, lack.missing.clone())).or_default();
            if !group.iter().any(|it| it.root == lack.root) {
                group.push(lack);
            }
        }
        groups.into_iter().filter_map(|((subject, _), lacks)| self.charge(subject, lacks)).collect()
    }

    fn charge(&self, subject: Entity, lacks: Vec<Lack>) -> Option<Judgement> {
        let first = lacks.first()?;
        let Missing { object, key } = first.missing.clone();
        let mut proofs: Vec<Cite> = lacks.iter().take(2).map(|it| it.cite.clone()).collect();
        if let Presence::Present(config) =
            self.config(&object.kind, &object.namespace, &object.name)
        {
            let has = config.keys.as_ref().is_none_or(|keys| keys.contains(&key));
            if key.is_empty() || (has && config.keys.is_some()) {
                let why = format!("{object} has what is looked for by now");
                proofs.push(Cite::new(config.exhibit, format!("{object} is there")));
                return Some(Judgement::Refuted(Refutation { subject: object, why, proofs }));
            }
            proofs.push(Cite::new(config.exhibit, format!("{object} is there")));
        }
        let what = match key.as_str() {
            "" => format!("{object} does not exist"),
            key => format!("{object} has no key {key}"),
        };
        let whom = match lacks.len() {
            1 => first.root.to_string(),
            count => format!("{} and {} more", first.root, count - 1),
        };
        let begun = self.began_to_name(&first.root, &first.missing).filter(|_| subject != object);
        let since = match &begun {
            Some((revision, _)) => {
                let says = format!("revision {} first names it", number(revision));
                proofs.push(Cite::new(revision.exhibit, says));
                format!(", which its revision {} first names", number(revision))
            }
            None => String::new(),
        };
        let misnamed = self.misnames(&first.root, &first.missing).filter(|_| subject != object);
        let path = match (begun, misnamed) {
            (Some((_, path)), _) => Some(path),
            (None, Some((path, other))) => {
                proofs.push(other);
                Some(path)
            }
            (None, None) => None,
        };
        let (field, value) = match path {
            Some(path) if key.is_empty() => (Some(path), Some(object.name)),
            Some(path) => (Some(path), Some(key)),
            None if key.is_empty() => (None, None),
            None => (Some(format!("data.{key}")), None),
        };
        let strength = lacks.iter().map(|it| it.strength).max()?;
        Some(Judgement::Proven(Finding {
            field,
            value,
            statement: format!("{whom} cannot start because {what}{since}."),
            proofs,
            doubts: Vec::new(),
            strength,
            explains: lacks.into_iter().map(|it| it.root).collect(),
            subject,
        }))
    }

    /// The field by which a workload that has not run yet names a key that an object lacks, where others run that read it as
    /// well, or it finds another key of it: it asks for the wrong one.
    fn misnames(&self, workload: &Entity, missing: &Missing) -> Option<(String, Cite)> {
        let own = self.workload(workload).seen().filter(|_| !missing.key.is_empty())?;
        let made = own.it.meta.created?;
        let mut pods = self.pods_of(workload);
        // Pods that are younger than their workload came after others.
        let is_first = |pod: Seen<'_, Pod>| {
            let with_it = pod.it.meta.created.is_some_and(|at| at.duration_since(made) <= MAKING);
            with_it && pod.it.containers.iter().all(|it| it.restarts == 0 && it.last.is_none())
        };
        let Missing { object, .. } = missing;
        let config = self.config(&object.kind, &object.namespace, &object.name).seen();
        let written = config.and_then(|it| data_toucher(&it.it.meta)).and_then(|it| it.at);
        let changed = written.is_some_and(|at| at > made + MAKING);
        if own.it.ready > 0 || changed || !pods.all(is_first) {
            return None;
        }
        let named = path_to(&own.it.template, missing)?;
        let path = format!("{}.{named}", pod_spec_path(&workload.kind));
        if let Some(key) = found_before(&own.it.template, missing) {
            let says = format!("{workload} reads the key {key} of {object} first, which is there");
            return Some((path, Cite::new(own.exhibit, says)));
        }
        let runs = |it: &Seen<'_, Workload>| it.ready > 0 && it.meta.entity(&it.kind) != *workload;
        let others: Vec<Seen<'_, Workload>> =
            self.workloads_in(&workload.namespace).filter(runs).collect();
        // Who runs with that very key found it once: then it has gone.
        if others.iter().any(|it| path_to(&it.it.template, missing).is_some()) {
            return None;
        }
        let reads = |from: &ObjectRef| from.kind == object.kind && from.name == object.name;
        let other = others.iter().find(|it| all_read_by(&it.it.template).any(reads))?;
        let runs = other.it.meta.entity(&other.it.kind);
        let cite = Cite::new(other.exhibit, format!("{runs} runs with what it reads of {object}"));
        Some((path, cite))
    }

    /// The newest revision of a workload, and the field by which it names an object that the one before did not.
    fn began_to_name(
        &self,
        workload: &Entity,
        missing: &Missing,
    ) -> Option<(Seen<'_, Revision>, String)> {
        let (newest, before) = self.two_newest(workload)?;
        let named = path_to(&newest.template, missing)?;
        match path_to(&before.template, missing) {
            Some(_) => None,
            None => Some((newest, format!("{}.{named}", pod_spec_path(&workload.kind)))),
        }
    }
}

fn number(revision: &Revision) -> u64 {
    revision.number.unwrap_or_default()
}

/// What a kubelet says is missing. The words of `makeEnvironmentVariables` in pkg/kubelet/kubelet_pods.go, of the API
/// server, and of `MakePayload` in pkg/volume/{configmap,secret}, which names no object.
pub fn said_missing(said: &str, namespace: &str) -> Option<Missing> {
    for (kind, word) in [("Secret", "secret"), ("ConfigMap", "configmap")] {
        for plural in ["", "s"] {
            let Some((_, rest)) = said.split_once(&format!("{word}{plural} \"")) else { continue };
            let Some((name, after)) = rest.split_once('"') else { continue };
            if after.starts_with(" not found") && is_name(name) {
                let object = Entity::new(kind, namespace, name);
                return Some(Missing { object, key: String::new() });
            }
        }
        let lowered = said.split_once("ouldn't find key ");
        let Some((key, rest)) = lowered.and_then(|(_, rest)| rest.split_once(" in ")) else {
            continue;
        };
        let Some(path) = rest.strip_prefix(kind) else { continue };
        let Some((_, name)) = path.trim().split_once('/') else { continue };
        let name = name.split(|c: char| !is_name_character(c)).next().unwrap_or_default();
        if is_name(name) && is_key(key) {
            let object = Entity::new(kind, namespace, name);
            return Some(Missing { object, key: key.to_owned() });
        }
    }
    None
}

/// The key that a volume's source lacks, where a kubelet says so.
pub fn said_missing_key(said: &str) -> Option<&str> {
    let signs = ["references non-existent secret key: ", "references non-existent config key: "];
    let (_, key) = signs.iter().find_map(|sign| said.split_once(sign))?;
    Some(key.trim()).filter(|key| is_key(key))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 253 && text.chars().all(is_name_character)
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.')
}

fn is_key(text: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    !text.is_empty() && text.len() <= 253 && text.chars().all(good)
}

/// A key that a container finds in an object before it misses one: the kubelet makes variables in their order, and stops at
/// the first that it cannot make (`makeEnvironmentVariables`).
fn found_before<'a>(spec: &'a PodSpec, missing: &Missing) -> Option<&'a str> {
    spec.containers.iter().find_map(|container| {
        let of_object = |it: &&ObjectRef| {
            it.kind == missing.object.kind && it.name == missing.object.name && !it.optional
        };
        let mut keys = container.env.iter().filter_map(|it| it.from.as_ref()).filter(of_object);
        let first = keys.next().filter(|it| it.key != missing.key)?;
        keys.any(|it| it.key == missing.key).then_some(first.key.as_str())
    })
}

/// Where a pod's spec names an object, and the key where one is missing.
fn path_to(spec: &PodSpec, missing: &Missing) -> Option<String> {
    let names = |it: &ObjectRef| {
        it.kind == missing.object.kind && it.name == missing.object.name && !it.optional
    };
    for container in &spec.containers {
        let list = if container.init { "initContainers" } else { "containers" };
        let path = format!("{list}[{}]", container.name);
        for variable in &container.env {
            let Some(from) = variable.from.as_ref().filter(|it| names(it)) else { continue };
            if missing.key.is_empty() || from.key == missing.key {
                return Some(format!("{path}.env[{}].valueFrom", variable.name));
            }
        }
        if missing.key.is_empty() && container.env_from.iter().any(names) {
            return Some(format!("{path}.envFrom"));
        }
    }
    let volume = spec.volumes.iter().find(|it| {
        names(&it.object) && (missing.key.is_empty() || it.keys.contains(&missing.key))
    })?;
    Some(format!("volumes[{}]", volume.volume))
}

#[cfg(test)]
mod tests {
    use super::{said_missing, said_missing_key};

    #[test]
    fn reads_the_kubelets_words() {
        for (said, expected) in [
            ("secret \"db\" not found", "Secret shop/db "),
            ("configmap \"web.conf\" not found", "ConfigMap shop/web.conf "),
            ("couldn't find key url in Secret shop/db", "Secret shop/db url"),
            ("Couldn't find key url in ConfigMap shop/web", "ConfigMap shop/web url"),
            (
                "MountVolume.SetUp failed for volume \"c\" : secrets \"db\" not found",
                "Secret shop/db ",
            ),
        ] {
            let missing = said_missing(said, "shop").unwrap();
            assert_eq!(format!("{} {}", missing.object, missing.key), expected, "{said}");
        }
    }

    #[test]
    fn takes_no_name_that_is_none() {
        for said in ["secret \"a b\" not found", "secret \"\" not found", "secret \"db\" is bad"] {
            assert_eq!(said_missing(said, "shop"), None, "{said}");
        }
    }

    #[test]
    fn reads_a_volumes_key() {
        assert_eq!(said_missing_key("references non-existent config key: a.yaml"), Some("a.yaml"));
        assert_eq!(said_missing_key("configmap \"x\" not found"), None);
    }
}
