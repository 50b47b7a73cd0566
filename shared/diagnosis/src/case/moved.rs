//! A file that a container misses, and that was under one of its mounts until its newest revision.

use super::Case;
use super::complaints::Complaint;
use super::words::said::Said;
use crate::seen::Seen;
use evidence::fact::spec::{Container, Mount};
use evidence::fact::workload::Revision;

/// A mount that the newest revision took away from where a program looks.
#[derive(Clone, Debug)]
pub struct Moved<'a> {
    /// The file that is missing.
    pub file: String,
    /// Where the volume was mounted.
    pub then: &'a Mount,
    /// Where it is mounted now, if anywhere.
    pub now: Option<String>,
    /// The revision before.
    pub before: Seen<'a, Revision>,
}

impl Case {
    /// The mount under which a missing file was in the revision before, where nothing is mounted there now.
    pub fn moved(&self, complaint: &Complaint<'_>) -> Option<Moved<'_>> {
        let Said::MissingFile { path: Some(path) } = &complaint.said else { return None };
        let container = &complaint.container;
        if over(container.spec, path).is_some() {
            return None;
        }
        let (newest, before) = self.two_newest(complaint.root())?;
        // A pod of an older revision misses what it missed before.
        if container.pod.it.meta.owner.as_ref() != Some(&newest.meta.entity(&newest.it.kind)) {
            return None;
        }
        let mut then = before.it.template.containers.iter();
        let then = over(then.find(|it| it.name == container.spec.name)?, path)?;
        let now = container.spec.mounts.iter().find(|it| it.volume == then.volume);
        Some(Moved { file: path.clone(), then, now: now.map(|it| it.path.clone()), before })
    }
}

/// The mount under which a path lies.
fn over<'a>(container: &'a Container, path: &str) -> Option<&'a Mount> {
    container.mounts.iter().find(|it| {
        path.strip_prefix(it.path.trim_end_matches('/'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
