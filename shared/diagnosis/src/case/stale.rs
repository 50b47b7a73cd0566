//! Containers that still have what a ConfigMap held before it was changed, for they read it only at their start, and those
//! that have what it holds since.

use super::Case;
use super::complaints::Complaint;
use super::containers::Running;
use super::touching::{MAKING, data_toucher};
use super::words::said::{Said, Tls};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::access::Config;
use evidence::fact::meta::Touch;
use evidence::fact::pod::State;
use evidence::fact::spec::ObjectRef;
use jiff::Timestamp;

/// How files with the certificates of authorities end.
const FILES: [&str; 3] = [".pem", ".crt", ".cer"];
/// Parts of the names of such files, of the folders they lie in, and of the ConfigMaps that hold them.
const BUNDLES: [&str; 9] =
    ["ca", "cas", "cacert", "cacerts", "root", "trust", "truststore", "bundle", "certs"];

/// A ConfigMap that was changed after a container had read it, or before it did.
#[derive(Clone, Debug)]
pub struct Stale<'a> {
    /// The ConfigMap.
    pub config: Seen<'a, Config>,
    /// How the container reads it, as the field of its spec.
    pub how: &'static str,
    /// Who changed it.
    pub touch: &'a Touch,
    /// When it was changed.
    pub at: Timestamp,
    /// When the container had started.
    pub started: Timestamp,
}

impl Case {
    /// What a container that started then still has of before.
    pub fn stale<'a>(
        &'a self,
        container: &Running<'a>,
        started: Timestamp,
    ) -> impl Iterator<Item = Stale<'a>> {
        let namespace = &container.pod.it.meta.namespace;
        reads(container).into_iter().filter(|(object, _)| object.kind == "ConfigMap").filter_map(
            move |(object, how)| {
                let config = self.config("ConfigMap", namespace, &object.name).seen()?;
                let made = config.it.meta.created;
                let touch = data_toucher(&config.it.meta)?;
                let at = touch.at?;
                let later = made.is_none_or(|made| at.duration_since(made) > MAKING);
                (later && at > started).then_some(Stale { config, how, touch, at, started })
            },
        )
    }

    /// The bundle of authorities that whoever complains of an unknown one still has of before.
    pub fn stale_trust<'a>(&'a self, complaint: &Complaint<'a>) -> Option<Stale<'a>> {
        let Said::TlsFailed { why: Tls::UnknownAuthority, .. } = complaint.said else {
            return None;
        };
        let container = &complaint.container;
        let Some(State::Running { since: Some(started) }) = container.status.state else {
            return None;
        };
        self.stale(container, started).find(|it| holds_trust(container, &it.config.it.meta.name))
    }

    /// The bundle of authorities that was changed lately, before the run began in which a container did not accept a
    /// certificate and ended by that.
    pub fn changed_trust<'a>(&'a self, complaint: &Complaint<'a>) -> Option<Stale<'a>> {
        let Said::TlsFailed { why, .. } = complaint.said else { return None };
        let text = &complaint.line.text;
        // OpenSSL's words, where the program does not tell the reason behind them.
        let unverified = || {
            ["certificate verify failed", "CERTIFICATE_VERIFY_FAILED"]
                .iter()
                .any(|it| text.contains(it))
        };
        if why != Tls::UnknownAuthority && !(why == Tls::Other && unverified()) {
            return None;
        }
        let container = &complaint.container;
        let started = self.fails_by_ending(container)?.started?;
        let namespace = &container.pod.it.meta.namespace;
        let mounted = container.mounted().filter(|it| it.kind() == "ConfigMap");
        let mut changed =
            mounted.filter_map(|it| {
                let object = &it.volume?.object;
                let config = self.config("ConfigMap", namespace, &object.name).seen()?;
                let touch = data_toucher(&config.it.meta)?;
                let at = touch.at?;
                let made = config.it.meta.created;
                let later = made.is_some_and(|made| at.duration_since(made) > MAKING);
                let trusted = holds_trust(container, &object.name);
                // One that was there before may have failed before, for whatever reason.
                let new = container.pod.it.meta.created.is_some_and(|made| at < made);
                (later && new && at < started && self.is_news(Some(at)) && trusted)
                    .then_some(Stale { config, how: "volumeMounts", touch, at, started })
            });
        // Of two bundles nobody can tell which one lacks what.
        let first = changed.next()?;
        changed.next().is_none().then_some(first)
    }

    /// Another workload whose pod mounts the same ConfigMap, is ready, and read it before it was changed.
    pub fn reads_from_before(&self, stale: &Stale<'_>) -> Option<Cite> {
        let (meta, config) = (&stale.config.it.meta, stale.config.it);
        self.all_containers().find_map(|it| {
            let pod = &it.pod.it.meta;
            let Some(State::Running { since: Some(started) }) = it.status.state else {
                return None;
            };
            let mut mounted = it.mounted().filter_map(|it| it.volume);
            let same = pod.namespace == meta.namespace
                && mounted.any(|it| it.object.kind == config.kind && it.object.name == meta.name);
            let says = || {
                let name = pod.entity("Pod");
                format!("{name}, which runs since before the change, mounts it too and is ready")
            };
            (same && started < stale.at && it.status.ready)
                .then(|| Cite::new(it.pod.exhibit, says()))
        })
    }

    /// Another workload that mounts the whole of the same ConfigMap: its files follow it.
    pub fn follower(&self, stale: &Stale<'_>) -> Option<Cite> {
        let (meta, config) = (&stale.config.it.meta, stale.config.it);
        let name = meta.entity(&config.kind);
        self.workloads_in(&meta.namespace).find_map(|it| {
            let template = &it.it.template;
            let mut volumes = template.volumes.iter().filter(|volume| {
                volume.object.kind == config.kind && volume.object.name == meta.name
            });
            let whole = volumes.any(|volume| {
                let mounts = template.containers.iter().flat_map(|it| &it.mounts);
                let mut own = mounts.filter(|it| it.volume == volume.volume).peekable();
                own.peek().is_some() && own.all(|it| it.sub_path.is_empty())
            });
            let entity = it.meta.entity(&it.kind);
            let says = || format!("{entity} mounts the whole of {name}, which follows its changes");
            whole.then(|| Cite::new(it.exhibit, says()))
        })
    }
}

/// Whether a ConfigMap is one of certificates of authorities, by its name and the paths where a container has it.
fn holds_trust(container: &Running<'_>, name: &str) -> bool {
    let volumes = container.pod.it.spec.volumes.iter().filter(|it| it.object.name == name);
    let mounts = volumes
        .flat_map(|volume| container.spec.mounts.iter().filter(|it| it.volume == volume.volume));
    mounts.map(|it| it.path.as_str()).chain([name]).any(names_trust)
}

fn names_trust(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut parts = name.split(['-', '.', '_', '/']);
    FILES.iter().any(|end| name.ends_with(end)) || parts.any(|part| BUNDLES.contains(&part))
}

/// What a container reads only at its start, and how.
pub fn reads<'a>(container: &Running<'a>) -> Vec<(&'a ObjectRef, &'static str)> {
    let spec = container.spec;
    let variables = spec.env.iter().filter_map(|it| it.from.as_ref()).map(|it| (it, "env"));
    let whole = spec.env_from.iter().map(|it| (it, "envFrom"));
    // A file mounted by its sub path does not follow its object.
    let files = spec.mounts.iter().filter(|it| !it.sub_path.is_empty()).filter_map(|mount| {
        let volumes = &container.pod.it.spec.volumes;
        volumes.iter().find(|it| it.volume == mount.volume).map(|it| (&it.object, "volumeMounts"))
    });
    variables.chain(whole).chain(files).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_told_by_whole_parts_of_its_name() {
        for name in ["company-ca", "root-certs", "ca.crt", "trust-bundle", "/etc/ssl/certs/x.pem"] {
            assert!(names_trust(name), "{name}");
        }
        for name in ["shop-cart-config", "catalog", "my-cache", "web-canary", "replica-config"] {
            assert!(!names_trust(name), "{name}");
        }
    }
}
