//! New revisions of workloads with what they changed, and other writes of workloads.

use super::{Change, Told, Window, change, fields, maker, replicas, writes};
use crate::history::{self, Written};
use crate::server::NAME;
use crate::survey::reading::{Desk, Reading, Trouble};
use crate::translate::meta::meta;
use clients::kubernetes::list::Metadata;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{
    CONTROLLER_REVISIONS, DAEMON_SETS, DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS,
};
use clients::kubernetes::resource::Resource;
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::fact::meta::Meta;
use evidence::testimony::{Gap, Source};
use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use mcp::age::counted;
use mcp::failure::{Code, Failure};
use serde_json::Value;
use std::collections::BTreeMap;
use tokio::time::timeout_at;

/// Where a Deployment's controller writes a ReplicaSet's number, and those that it had before.
const REVISION: &str = "deployment.kubernetes.io/revision";
const BEFORE: &str = "deployment.kubernetes.io/revision-history";
/// Revisions whose templates are read: two requests each.
const MOST_COMPARED: usize = 20;
/// Requests at once.
const AT_ONCE: usize = 8;
/// Fields of one revision that are shown.
const MOST_LINES: usize = 8;

/// A revision by its metadata.
#[derive(Clone, Debug)]
struct Made {
    resource: Resource,
    name: String,
    number: Option<u64>,
    before: String,
    at: Option<Timestamp>,
}

/// A revision that is new, and the one before it.
struct New {
    owner: Entity,
    made: Made,
    previous: Option<Made>,
}

/// What workloads and their revisions tell: metadata of all, whole objects of the revisions that are new.
pub(super) async fn read(desk: &Desk, window: Window<'_>) -> Told {
    let mut readings = Vec::new();
    let mut workloads: BTreeMap<Entity, Meta> = BTreeMap::new();
    let mut revisions: BTreeMap<Entity, Vec<Made>> = BTreeMap::new();
    let kinds = [DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS];
    let kept_in = [REPLICA_SETS, CONTROLLER_REVISIONS];
    let [replica_set, controller_revision] = &kept_in;
    let (replica_sets, controller_revisions, (scaled, heard), owners) = tokio::join!(
        made(desk, replica_set, window),
        made(desk, controller_revision, window),
        replicas::heard(desk, window),
        futures::future::join_all(kinds.iter().map(|kind| touched(desk, kind, window))),
    );
    for (found, reading) in [replica_sets, controller_revisions] {
        for (owner, made) in found {
            revisions.entry(owner).or_default().push(made);
        }
        readings.push(reading);
    }
    for (found, reading) in owners {
        workloads.extend(found);
        readings.push(reading);
    }
    readings.push(heard);
    let mut changes = Vec::new();
    let mut new = Vec::new();
    revisions.values_mut().for_each(|all| all.sort_by_key(|it| (it.number, it.at)));
    for it in scaled {
        let newest = revisions.get(&it.owner).and_then(|all| all.last());
        let meta = workloads.get(&it.owner);
        let began = newest.and_then(|it| it.at);
        let began = began.max(meta.and_then(history::last_write).and_then(|touch| touch.at));
        let newest = newest.map(|it| it.name.as_str()).unwrap_or_default();
        changes.extend(replicas::by_somebody(&it, newest, began, meta));
    }
    for (owner, all) in &revisions {
        let workload = workloads.get(owner);
        let created = workload.and_then(|meta| window.holds(meta.created));
        for (at, made) in all.iter().enumerate() {
            // What a workload was made with is no change of it.
            let is_first = at == 0
                && created.is_some_and(|created| {
                    history::is_near(Some(created), made.at.unwrap_or(created))
                });
            if window.holds(made.at).is_some() && !is_first {
                let previous = at.checked_sub(1).and_then(|at| all.get(at)).cloned();
                new.push(New { owner: owner.clone(), made: made.clone(), previous });
            }
        }
    }
    for (entity, meta) in &workloads {
        let all = revisions.get(entity).map(Vec::as_slice).unwrap_or_default();
        changes.extend(written(entity, meta, all, window));
        if let Some(at) = window.holds(meta.created) {
            changes.push(change(at, entity.clone(), "created", maker(meta)));
        }
        if let Some(at) = window.holds(meta.deleted) {
            changes.push(change(at, entity.clone(), "is being deleted", ""));
        }
    }
    new.sort_by_key(|it| std::cmp::Reverse(it.made.at));
    let beyond = new.iter().skip(MOST_COMPARED).filter(|it| it.previous.is_some()).count();
    let compared = stream::iter(new.into_iter().enumerate()).map(|(at, it)| {
        let author = workloads.get(&it.owner).map(|meta| history::author(meta, it.made.at));
        compared(desk, it, author.unwrap_or_default(), at < MOST_COMPARED)
    });
    let compared: Vec<Compared> = compared.buffered(AT_ONCE).collect().await;
    let mut troubles = Vec::new();
    for it in compared {
        changes.extend(it.change);
        readings.extend(it.readings);
        troubles.extend(it.trouble);
    }
    let mut gaps = Vec::new();
    if beyond > 0 {
        gaps.push(unknown(beyond, format!("only the latest {MOST_COMPARED} are compared")));
    }
    if let Some(first) = troubles.first() {
        gaps.push(unknown(troubles.len(), first.why.clone()));
    }
    Told { changes, readings, gaps, ..Told::default() }
}

/// New revisions of which nobody knows what is different in them.
fn unknown(revisions: usize, why: String) -> Gap {
    Gap {
        server: NAME.to_owned(),
        what: format!("what is different in {}", counted(revisions, "new revision")),
        why,
        remedy: "k8s_rollout_history compares the revisions of one workload".to_owned(),
    }
}

/// All revisions by their owners.
async fn made(
    desk: &Desk,
    resource: &Resource,
    window: Window<'_>,
) -> (Vec<(Entity, Made)>, Reading) {
    let mut found = Vec::new();
    let visit = |it: Metadata| found.extend(revision(resource, it.metadata));
    let reading = desk.metadata(resource, window.reach, "", visit).await;
    (found, reading)
}

fn revision(resource: &Resource, from: ObjectMeta) -> Option<(Entity, Made)> {
    let owner = from.owner_references?.into_iter().find(|it| it.controller == Some(true))?;
    history::kept_in(&owner.kind).filter(|kept_in| kept_in == resource)?;
    let owner =
        Entity::new(&owner.kind, from.namespace.as_deref().unwrap_or_default(), &owner.name);
    let mut annotations = from.annotations.unwrap_or_default();
    let number = annotations.get(REVISION).and_then(|it| it.parse().ok());
    let before = annotations.remove(BEFORE).unwrap_or_default();
    let at = from.creation_timestamp.map(|time| time.0);
    let name = from.name.unwrap_or_default();
    Some((owner, Made { resource: resource.clone(), name, number, before, at }))
}

/// The workloads that somebody wrote, made or deletes since then.
async fn touched(
    desk: &Desk,
    resource: &Resource,
    window: Window<'_>,
) -> (Vec<(Entity, Meta)>, Reading) {
    let mut found = Vec::new();
    let visit = |it: Metadata| {
        let meta = meta(it.metadata);
        let of = |at| window.holds(at).is_some();
        if of(meta.created) || of(meta.deleted) || meta.touches.iter().any(|it| of(it.at)) {
            found.push((meta.entity(&resource.kind), meta));
        }
    };
    let reading = desk.metadata(resource, window.reach, "", visit).await;
    (found, reading)
}

/// Writes of a workload that made no new revision.
fn written(owner: &Entity, meta: &Meta, all: &[Made], window: Window<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (at, touch) in writes(meta, window) {
        if all.iter().any(|it| it.at.is_some_and(|made| history::is_near(Some(at), made))) {
            continue;
        }
        let newest = all.last().filter(|it| !it.before.is_empty());
        let what = match newest {
            _ if touch.subresource == "scale" => "scaled".to_owned(),
            Some(newest) if history::writes_template(touch) => {
                let number = newest.number.map(|it| it.to_string()).unwrap_or_default();
                format!("revision {number}, taken back: it was {} before", newest.before)
            }
            _ => format!("written{}", fields(touch)),
        };
        changes.push(change(at, owner.clone(), what, &touch.manager));
    }
    changes
}

/// A revision beside the one before it.
#[derive(Default)]
struct Compared {
    change: Option<Change>,
    readings: Vec<Reading>,
    /// Why they could not be compared.
    trouble: Option<Trouble>,
}

/// The change that a revision is, with what is different in it.
async fn compared(desk: &Desk, new: New, author: String, in_full: bool) -> Compared {
    let New { owner, made, previous } = new;
    let Some(at) = made.at else { return Compared::default() };
    let number = made.number.map(|it| format!(" {it}")).unwrap_or_default();
    let mut found = change(at, owner.clone(), format!("new revision{number}"), author);
    let bare = |found, trouble| Compared { change: Some(found), trouble, ..Compared::default() };
    let Some(previous) = previous.filter(|_| in_full) else { return bare(found, None) };
    let (after, before) = tokio::join!(
        template(desk, &made, &owner.namespace),
        template(desk, &previous, &owner.namespace),
    );
    let ((after, source), (before, other)) = match (after, before) {
        (Ok(Some(after)), Ok(Some(before))) => (after, before),
        (Err(trouble), _) | (_, Err(trouble)) => return bare(found, Some(trouble)),
        // One of them was deleted meanwhile.
        (Ok(None), _) | (_, Ok(None)) => return bare(found, None),
    };
    if let Some(number) = after.fact.number {
        found.what = format!("revision {number}");
    }
    let differences = history::differences(&before, &after);
    found.details = differences.iter().take(MOST_LINES).map(|it| it.line()).collect();
    let paths: Vec<String> = differences.iter().take(2).map(|it| briefly(&it.path)).collect();
    if !paths.is_empty() {
        let more = differences.len() - paths.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        found.what = format!("{}: {}{more}", found.what, paths.join(", "));
    }
    if differences.len() > MOST_LINES {
        found.details.push(format!("… {} more fields", differences.len() - MOST_LINES));
    }
    let readings =
        [(made, after, source), (previous, before, other)].map(|(it, written, source)| {
            let reading = Reading::of(&it.resource, Reach::Namespace(&owner.namespace));
            Reading { bodies: vec![Body::Revision(written.fact)], source: Some(source), ..reading }
        });
    Compared { change: Some(found), readings: readings.into_iter().collect(), trouble: None }
}

/// `image of web`, for `containers[web].image`.
fn briefly(path: &str) -> String {
    let of_container = path.strip_prefix("containers[").and_then(|rest| rest.split_once("]."));
    match of_container {
        Some((name, field)) => format!("{field} of {name}"),
        None => path.to_owned(),
    }
}

/// A revision with its template, and the read; none where it is not there any more.
async fn template(
    desk: &Desk,
    made: &Made,
    namespace: &str,
) -> Result<Option<(Written, Source)>, Trouble> {
    let got = desk.client.get::<Value>(&made.resource, Reach::Namespace(namespace), &made.name);
    let got = timeout_at(desk.deadline, got).await.map_err(|_| Trouble::late())?;
    let got = match got.map_err(|refusal| Failure::from(&refusal)) {
        Ok(got) => got,
        Err(failure) if failure.code == Code::NotFound => return Ok(None),
        Err(failure) => return Err(failure.into()),
    };
    let source = Source { method: "GET".to_owned(), path: got.path, observed_at: got.observed_at };
    let written = history::written(&made.resource, got.object);
    let written = written.map_err(|error| Trouble::unknown_form(&error))?;
    Ok(written.map(|it| (it, source)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Kubernetes;
    use replay::snapshot::Snapshot;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    /// What becomes of a new revision in a cluster whose ReplicaSets may be read and whose ControllerRevisions may not.
    async fn compared_to(resource: Resource) -> Compared {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshot");
        let snapshot = Arc::new(Snapshot::load(&folder).unwrap());
        let now = snapshot.about.captured_at;
        let wire = Arc::new(replay::kubernetes::Kubernetes::of(snapshot));
        let client = Kubernetes::replaying(wire, "demo", now).client().await.unwrap();
        let desk = Desk { client, deadline: Instant::now() + Duration::from_secs(60) };
        let made = |name: &str| Made {
            resource: resource.clone(),
            name: name.to_owned(),
            number: None,
            before: String::new(),
            at: Some(now),
        };
        let owner = Entity::new("StatefulSet", "shop", "db");
        let new = New { owner, made: made("db-b"), previous: Some(made("db-a")) };
        compared(&desk, new, String::new(), true).await
    }

    #[tokio::test]
    async fn a_revision_that_may_not_be_read_is_not_one_that_is_gone() {
        let denied = compared_to(CONTROLLER_REVISIONS).await;
        assert!(denied.change.is_some());
        assert_eq!(denied.trouble.map(|it| it.code), Some(Code::Forbidden));
        let gone = compared_to(REPLICA_SETS).await;
        assert!(gone.change.is_some() && gone.trouble.is_none());
    }
}
