//! Containers that still have what a ConfigMap held before it was changed, for they read it only at their start.

use super::Case;
use super::complaints::Complaint;
use super::containers::Running;
use super::touching::data_toucher;
use super::words::said::{Said, Tls};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::access::Config;
use evidence::fact::meta::Touch;
use evidence::fact::pod::State;
use evidence::fact::spec::ObjectRef;
use jiff::{SignedDuration, Timestamp};

/// Who makes an object sets its data within this.
const MAKING: SignedDuration = SignedDuration::from_mins(1);

/// How files with the certificates of authorities are called, and the mounts and ConfigMaps that hold them.
const BUNDLES: [&str; 10] =
    [".pem", ".crt", ".cer", "ca-", "-ca", "cacert", "root", "trust", "bundle", "certs"];

/// A ConfigMap that was changed after a container had read it.
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
    pub fn stale<'a>(&'a self, container: &Running<'a>, started: Timestamp) -> Option<Stale<'a>> {
        for (object, how) in reads(container) {
            let namespace = &container.pod.it.meta.namespace;
            if object.kind != "ConfigMap" {
                continue;
            }
            let Some(config) = self.config("ConfigMap", namespace, &object.name).seen() else {
                continue;
            };
            let made = config.it.meta.created;
            let Some(touch) = data_toucher(&config.it.meta) else { continue };
            let Some(at) = touch.at else { continue };
            let later = made.is_none_or(|made| at.duration_since(made) > MAKING);
            if later && at > started {
                return Some(Stale { config, how, touch, at, started });
            }
        }
        None
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
        let stale = self.stale(container, started)?;
        let name = &stale.config.it.meta.name;
        let volumes = container.pod.it.spec.volumes.iter().filter(|it| it.object.name == *name);
        let mounts = volumes.flat_map(|volume| {
            container.spec.mounts.iter().filter(|it| it.volume == volume.volume)
        });
        let mut words: Vec<String> = mounts.map(|it| it.path.to_ascii_lowercase()).collect();
        words.push(name.to_ascii_lowercase());
        let is_bundle = words.iter().any(|word| BUNDLES.iter().any(|sign| word.contains(sign)));
        is_bundle.then_some(stale)
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
