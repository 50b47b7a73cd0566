//! What changed in a cluster lately, from all that tells of it, and who changed it.

mod argo;
pub(crate) mod feed;
mod helm;
mod nodes;
mod objects;
mod replicas;
mod rollouts;
mod scaling;

use crate::survey::reading::{Desk, Reading};
use crate::survey::record::Record;
use clients::kubernetes::reach::Reach;
use evidence::entity::Entity;
use evidence::fact::meta::{Meta, Touch};
use evidence::testimony::Gap;
use jiff::Timestamp;

/// Programs whose writes are answers to somebody else's, which have rows of their own.
const CONTROLLERS: [&str; 4] =
    ["kube-controller-manager", "kube-scheduler", "kubelet", "cluster-autoscaler"];
/// What is said of other Secrets than Helm's.
const SECRETS_UNREAD: &str =
    "writes of Secrets are not read: their metadata may repeat their values";
/// More fields than these say only who owns the object.
const MOST_FIELDS: usize = 3;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// When.
    pub(crate) at: Timestamp,
    /// Of what.
    pub(crate) subject: Entity,
    /// What was done, in our words.
    pub(crate) what: String,
    /// Who did it, by the name that it gave itself.
    pub(crate) actor: String,
    /// What others wrote of it: fields before and after, a component's sentence.
    pub(crate) details: Vec<String>,
    /// It went wrong, or is wrong by itself.
    pub(crate) bad: bool,
}

/// Where to look, and from when on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window<'a> {
    /// The namespace, or the cluster.
    pub(crate) reach: Reach<'a>,
    /// The first moment.
    pub(crate) since: Timestamp,
}

/// What one source tells.
#[derive(Default)]
struct Told {
    changes: Vec<Change>,
    readings: Vec<Reading>,
    /// What it could not tell beside what its readings lack.
    gaps: Vec<Gap>,
    /// What it never tells.
    notes: Vec<String>,
}

/// What was found.
pub(crate) struct Found {
    /// The changes, the latest first.
    pub(crate) changes: Vec<Change>,
    /// What is not among them, as it never is: no gap, for nobody was to look.
    pub(crate) notes: Vec<String>,
}

impl Window<'_> {
    fn holds(self, at: Option<Timestamp>) -> Option<Timestamp> {
        at.filter(|at| *at >= self.since)
    }
}

/// Reads all that tells of changes, at once. What cannot be read is a gap in the record.
pub(crate) async fn gather(desk: &Desk, record: &mut Record, window: Window<'_>) -> Found {
    let (rollouts, config_maps, namespaces, releases, scalings, nodes, applications) = tokio::join!(
        rollouts::read(desk, window),
        objects::config_maps(desk, window),
        objects::namespaces(desk, window),
        objects::releases(desk, window),
        scaling::read(desk, window),
        nodes::read(desk, window),
        argo::read(desk, window),
    );
    let mut changes = Vec::new();
    let mut notes = vec![SECRETS_UNREAD.to_owned()];
    for told in [rollouts, config_maps, namespaces, releases, scalings, nodes, applications] {
        changes.extend(told.changes);
        notes.extend(told.notes);
        record.testimony.gaps.extend(told.gaps);
        for mut reading in told.readings {
            // Only what changed is a fact, so what is no fact may be there all the same.
            reading.is_look = false;
            record.add(reading);
        }
    }
    feed::sort(&mut changes);
    Found { changes, notes }
}

/// Writes of people and of their programs within the window, the first one after it was made left out.
fn writes<'a>(meta: &'a Meta, window: Window<'a>) -> impl Iterator<Item = (Timestamp, &'a Touch)> {
    let touches = meta.touches.iter().filter(|it| it.subresource != "status");
    let touches = touches.filter(|it| !CONTROLLERS.contains(&it.manager.as_str()));
    let timed = touches.filter_map(move |it| Some((window.holds(it.at)?, it)));
    timed.filter(|(at, it)| {
        let is_making = meta.created.is_some_and(|made| crate::history::is_near(Some(*at), made));
        !is_making && (it.subresource == "scale" || !it.fields.is_empty())
    })
}

/// Who made the object: whoever wrote it first.
fn maker(meta: &Meta) -> String {
    let first = meta.touches.iter().find(|it| it.at.is_some() && it.subresource != "status");
    first.map(|it| it.manager.clone()).unwrap_or_default()
}

/// ` (spec.replicas)`, where the writer has only a few fields that it may have changed.
fn fields(touch: &Touch) -> String {
    if touch.fields.len() > MOST_FIELDS {
        return String::new();
    }
    let fields: Vec<&str> =
        touch.fields.iter().map(|it| it.strip_prefix("spec.").unwrap_or(it)).collect();
    format!(" ({})", fields.join(", "))
}

/// A change in our words alone.
fn change(
    at: Timestamp,
    subject: Entity,
    what: impl Into<String>,
    actor: impl Into<String>,
) -> Change {
    Change { at, subject, what: what.into(), actor: actor.into(), details: Vec::new(), bad: false }
}
