//! Releases by their newest revisions, and what is wrong with them.

use clients::helm::kept::Kept;
use jiff::{SignedDuration, Timestamp};
use mcp::age::age;

/// Helm gives up after five minutes unless told otherwise, so what takes longer was most likely left.
const TAKES: SignedDuration = SignedDuration::from_mins(5);

/// A release, by its newest revision.
pub(crate) struct Release {
    /// Its newest revision.
    pub(crate) newest: Kept,
    /// How many revisions are kept.
    pub(crate) revisions: usize,
    /// The newest revision that is marked as deployed.
    pub(crate) deployed: Option<u32>,
}

/// The releases of revisions that are in order.
pub(crate) fn releases(kept: Vec<Kept>) -> Vec<Release> {
    let mut releases: Vec<Release> = Vec::new();
    for revision in kept {
        let is_deployed = (revision.status == "deployed").then_some(revision.revision);
        let same = |it: &Release| {
            let newest = &it.newest;
            newest.release == revision.release
                && newest.namespace == revision.namespace
                && newest.driver == revision.driver
        };
        match releases.last_mut().filter(|it| same(it)) {
            Some(release) => {
                release.deployed = is_deployed.or(release.deployed);
                release.revisions += 1;
                release.newest = revision;
            }
            None => {
                releases.push(Release { newest: revision, revisions: 1, deployed: is_deployed });
            }
        }
    }
    releases
}

impl Release {
    /// What is wrong with it; none where nothing is.
    pub(crate) fn trouble(&self, now: Timestamp) -> Option<String> {
        let Kept { namespace, release, revision, status, created, .. } = &self.newest;
        let name = format!("{namespace}/{release}: revision {revision}");
        let fallback = match self.deployed {
            Some(deployed) => format!("revision {deployed} is the last that was deployed"),
            None => "no revision of it is deployed".to_owned(),
        };
        let old = created.is_none_or(|created| now.duration_since(created) > TAKES);
        let since = age(now, *created);
        match status.as_str() {
            "deployed" | "uninstalled" => None,
            "failed" => Some(format!("{name} failed {since} ago; {fallback}")),
            "superseded" => Some(format!("{name} is superseded by none that is kept; {fallback}")),
            pending if pending.starts_with("pending-") || pending == "uninstalling" => {
                old.then(|| {
                    format!(
                        "{name} is {pending} for {since}: whoever ran Helm was most likely interrupted, and Helm refuses to upgrade it meanwhile; {fallback}"
                    )
                })
            }
            other => Some(format!("{name} is {other}; {fallback}")),
        }
    }
}
