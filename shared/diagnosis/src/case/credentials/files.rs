//! The Secret that a client has its credentials from in a file: one that it mounts.

use super::about::About;
use crate::case::Case;
use crate::case::containers::Running;
use crate::case::words::names::path;
use evidence::fact::spec::{EnvVar, Mount, VolumeRef};
use std::collections::BTreeSet;

/// Parts of names of what proves somebody's identity or lets images be pulled, and is no password.
const OTHERS: [&str; 15] = [
    "tls",
    "ssl",
    "cert",
    "certs",
    "certificate",
    "certificates",
    "ca",
    "pki",
    "keystore",
    "truststore",
    "jks",
    "ssh",
    "dockerconfigjson",
    "regcred",
    "pull",
];
/// How files of certificates and their keys end.
const CERTIFICATES: [&str; 8] = [".crt", ".pem", ".key", ".cer", ".jks", ".p12", ".pfx", ".der"];
/// How variables begin that name a file for somebody's cloud or tools, and not for what a program calls.
const VENDORS: [&str; 7] = ["GOOGLE_", "GCP_", "AWS_", "AZURE_", "GITHUB_", "KUBE", "NPM_"];
/// Where the kubelet mounts the token of the pod's account, and everything else that is told of it.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io";

/// A Secret, and its key where a file of it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OfFile<'a> {
    pub(super) name: &'a str,
    pub(super) key: Option<String>,
    /// Where it is mounted.
    pub(super) at: &'a str,
    /// The variable that names the file.
    pub(super) variable: Option<&'a str>,
}

/// The one mounted Secret that a client may have a password from: that in which a file lies that a variable names, the one
/// for the password before others; else the only one. None where several may hold it, or a variable itself does.
pub(super) fn of_file<'a>(
    case: &Case,
    container: &Running<'a>,
    about: &About,
    best: Option<&'a EnvVar>,
) -> Option<OfFile<'a>> {
    let own = best.filter(|it| about.tells(&it.name) == Some(true));
    let shown = mounted(case, container);
    let variables = own.map_or(container.spec.env.as_slice(), std::slice::from_ref);
    let mut named: Vec<OfFile<'a>> = Vec::new();
    for variable in variables {
        let value = variable.value.as_deref().unwrap_or_default();
        let Some(file) = path(value).filter(|it| it == value) else { continue };
        for (mount, volume) in shown.iter().filter(|(mount, _)| rest(&file, mount).is_some()) {
            named.push(OfFile {
                name: &volume.object.name,
                key: key(mount, volume, &file),
                at: &mount.path,
                variable: Some(&variable.name),
            });
        }
    }
    // A Secret that is there for somebody else's cloud is not there for this.
    let is_vendors = |it: &OfFile<'_>| {
        it.variable.is_some_and(|it| VENDORS.iter().any(|vendor| it.starts_with(vendor)))
    };
    let vendors: Vec<&str> = named.iter().filter(|it| is_vendors(it)).map(|it| it.name).collect();
    let is_foreign = |it: &OfFile<'_>| {
        let variable = it.variable.and_then(|it| about.tells(it));
        vendors.contains(&it.name)
            || variable.or_else(|| about.tells(it.name)) == Some(false)
            || it.key.as_deref().is_some_and(is_certificate)
    };
    let of_named: Vec<OfFile<'a>> = named.iter().filter(|it| !is_foreign(it)).cloned().collect();
    if !of_named.is_empty() {
        return only(about, of_named);
    }
    // What holds a value of its own needs no file.
    let names_file = |it: &EnvVar| {
        let name = it.name.to_ascii_uppercase();
        name.ends_with("FILE") || name.ends_with("PATH") || name.ends_with("DIR")
    };
    if !best.is_none_or(names_file) {
        return None;
    }
    let all = shown.iter().map(|(mount, volume)| OfFile {
        name: volume.object.name.as_str(),
        key: None,
        at: mount.path.as_str(),
        variable: None,
    });
    only(about, all.filter(|it| !is_foreign(it)).collect())
}

/// The Secrets that a container mounts, but for those that hold no password.
fn mounted<'a>(case: &Case, container: &Running<'a>) -> Vec<(&'a Mount, &'a VolumeRef)> {
    let pod = container.pod.it;
    let mounts = container.spec.mounts.iter().filter(|it| !it.path.starts_with(ACCOUNT));
    let shown = mounts.flat_map(|mount| {
        let volumes = pod.spec.volumes.iter();
        volumes.filter(|it| it.volume == mount.volume).map(move |volume| (mount, volume))
    });
    let may_hold = |(mount, volume): &(&Mount, &VolumeRef)| {
        let (object, namespace) = (&volume.object, &pod.meta.namespace);
        let secret = case.config("Secret", namespace, &object.name).seen();
        let known = secret.and_then(|it| it.it.keys.as_ref()).unwrap_or(&volume.keys);
        object.kind == "Secret"
            && !pod.spec.pull_secrets.contains(&object.name)
            && !is_other(&object.name)
            && !is_other(&mount.path)
            && (known.is_empty() || !known.iter().all(|it| is_certificate(it) || is_other(it)))
    };
    shown.filter(may_hold).collect()
}

/// The one that they all are, or else the one whose name is about who refused; its key where only one is named.
fn only<'a>(about: &About, all: Vec<OfFile<'a>>) -> Option<OfFile<'a>> {
    let names: BTreeSet<&str> = all.iter().map(|it| it.name).collect();
    let is_near = |it: &OfFile<'_>| {
        let by_variable = it.variable.and_then(|it| about.tells(it));
        by_variable.or_else(|| about.tells(it.name)) == Some(true)
    };
    let several = names.len() > 1;
    let mut left = all.into_iter().filter(|it| !several || is_near(it));
    let mut first = left.next()?;
    for other in left {
        if other.name != first.name {
            return None;
        }
        if other.key != first.key {
            first.key = None;
        }
    }
    Some(first)
}

/// What of a path lies below a mount; nothing where that shows the one file.
fn rest<'a>(file: &'a str, mount: &Mount) -> Option<&'a str> {
    let rest = file.strip_prefix(mount.path.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
}

/// The key that becomes a file, where the spec does not rename it.
fn key(mount: &Mount, volume: &VolumeRef, file: &str) -> Option<String> {
    let below = rest(file, mount)?;
    let name = match (below.is_empty(), mount.sub_path.is_empty()) {
        (true, false) => mount.sub_path.as_str(),
        (false, true) if !below.contains('/') => below,
        _ => return None,
    };
    let same = volume.keys.is_empty() || volume.keys.iter().any(|it| it == name);
    same.then(|| name.to_owned())
}

fn is_other(name: &str) -> bool {
    let lowered = name.to_ascii_lowercase();
    lowered.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| OTHERS.contains(&part))
}

fn is_certificate(file: &str) -> bool {
    CERTIFICATES.iter().any(|end| file.ends_with(end))
}
