//! On which of a pod's volumes a path lies.

use super::containers::Running;
use evidence::fact::spec::{Mount, VolumeRef};

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

    /// The claims that it mounts and may write.
    pub fn claims(&self) -> Vec<Mounted<'a>> {
        self.mounted().filter(|it| it.claim().is_some() && !it.mount.read_only).collect()
    }
}
