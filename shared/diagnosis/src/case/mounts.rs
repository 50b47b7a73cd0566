//! On which of a pod's volumes a path lies.

use super::containers::Running;
use evidence::fact::spec::{Mount, VolumeRef};

/// Variables by which runtimes are told where temporary files go.
const TEMPORARY: [&str; 3] = ["TMPDIR", "TMP", "TEMP"];

/// A mount of a container, and the volume that it shows.
#[derive(Clone, Copy, Debug)]
pub struct Mounted<'a> {
    /// The mount.
    pub mount: &'a Mount,
    /// The volume; none where the pod's spec does not list it.
    pub volume: Option<&'a VolumeRef>,
}

impl<'a> Mounted<'a> {
    /// The volume's type or the kind of the object that it shows: `emptyDir`, `PersistentVolumeClaim`.
    pub fn kind(&self) -> &'a str {
        self.volume.map_or("", |it| it.object.kind.as_str())
    }

    /// Whether the spec lets a program write there: what comes of a ConfigMap or Secret may only be read.
    pub fn may_be_written(&self) -> bool {
        let by_kind = matches!(self.kind(), "ConfigMap" | "Secret" | "projected" | "downwardAPI");
        !self.mount.read_only && !by_kind
    }

    /// The claim that it shows.
    pub fn claim(&self) -> Option<&'a str> {
        let volume = self.volume.filter(|it| it.object.kind == "PersistentVolumeClaim")?;
        Some(volume.object.name.as_str())
    }
}

impl<'a> Running<'a> {
    /// Every mount of the container.
    pub fn mounted(&self) -> impl Iterator<Item = Mounted<'a>> {
        let volumes = &self.pod.it.spec.volumes;
        self.spec.mounts.iter().map(move |mount| Mounted {
            mount,
            volume: volumes.iter().find(|it| it.volume == mount.volume),
        })
    }

    /// The mount on which a path lies: the longest whose path it begins with. None for the image's own files.
    pub fn mounted_at(&self, path: &str) -> Option<Mounted<'a>> {
        self.mounted()
            .filter(|it| {
                let at = it.mount.path.trim_end_matches('/');
                path == at || path.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'))
            })
            .max_by_key(|it| it.mount.path.len())
    }

    /// Whether its spec makes the file system of its image read-only.
    pub fn has_locked_root(&self) -> bool {
        self.spec.security.iter().any(|it| it == "readOnlyRootFilesystem=true")
    }

    /// Whether its spec leaves it none of these directories to write to, nor one that a variable gives it for that: each is
    /// of its image, which is read-only, or of a volume that is.
    pub fn may_write_none_of(&self, paths: &[String]) -> bool {
        let given = self.spec.env.iter().filter(|it| TEMPORARY.contains(&it.name.as_str()));
        let mut tried = paths.iter().chain(given.filter_map(|it| it.value.as_ref()));
        let of_image = paths.iter().any(|it| self.mounted_at(it).is_none());
        let open = |path: &String| self.mounted_at(path).is_some_and(|it| it.may_be_written());
        self.has_locked_root() && of_image && !tried.any(open)
    }

    /// The claims that it mounts and may write.
    pub fn claims(&self) -> Vec<Mounted<'a>> {
        self.mounted().filter(|it| it.claim().is_some() && !it.mount.read_only).collect()
    }
}
