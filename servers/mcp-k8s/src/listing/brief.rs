//! Pods by the rows that the API server prints of them, and whole those alone that may not be well: about 0.4 of the
//! bytes.

use super::Wanted;
use super::reading::Reading;
use crate::translate;
use crate::translate::row::{self, Brief, MoreHeads, PodRow};
use crate::unwell::RECENT;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::{ListOptions, Walk};
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{NODES, PODS};
use clients::kubernetes::table::{IncludeObject, Table};
use evidence::fact::Body;
use evidence::testimony::Source;
use futures::future::try_join_all;
use mcp::failure::{Code, Failure};
use std::collections::BTreeSet;

/// Pods that are read by themselves: some hundred milliseconds. More of them are rather read with all.
const MOST_WHOLE: usize = 100;
/// One pod read by itself is as many bytes as this many of a list, which comes compressed.
const AS_MANY: usize = 8;

/// Rows tell enough: whole pods are neither asked for nor shown, and it is not one by its name.
pub(super) fn suffices(wanted: &Wanted<'_>) -> bool {
    *wanted.resource == PODS
        && !wanted.wide
        && !wanted.facts
        && wanted.chosen.is_empty()
        && !wanted.fields.split(',').any(|term| term.trim().starts_with("metadata.name="))
}

/// Reads pods so. None where they must be read whole, since a row does not tell enough, or too many of them are not well, or
/// something could not be read; then nothing is taken in.
pub(super) async fn read(
    client: &Client,
    reach: Reach<'_>,
    options: &ListOptions,
    reading: &mut Reading<'_>,
) -> Option<Walk> {
    // Pods on a node that is lost stand as they were: their rows do not say that they are not ready.
    let nodes = nodes_that_are_well(client);
    let (kind, include) = (PODS, IncludeObject::Metadata);
    let table = client.table::<Brief>(&kind, reach, options, include);
    let table = async { table.await.map_err(|refusal| Failure::from(&refusal)) };
    let (table, nodes) = tokio::try_join!(table, nodes).ok()?;
    let (nodes, heads) = (nodes?, MoreHeads::of(&table.columns)?);
    let rows = table.rows.into_iter().map(|row| row::pod(row, heads, RECENT));
    let mut rows: Vec<PodRow> = rows.collect::<Option<_>>()?;
    for row in &mut rows {
        row.is_well &= row.how.status == "Succeeded" || nodes.contains(&row.node);
    }
    let doubtful: Vec<&PodRow> = rows.iter().filter(|row| !row.is_well).collect();
    if doubtful.len() > MOST_WHOLE || doubtful.len() * AS_MANY > rows.len() {
        return None;
    }
    let whole = try_join_all(doubtful.into_iter().map(|row| whole(client, row)));
    let mut whole = whole.await.ok()?.into_iter();
    for row in &rows {
        if row.is_well {
            reading.keep_row(row);
        } else if let Some((body, source)) = whole.next().flatten() {
            reading.keep_apart(body, source);
        }
    }
    Some(table.walk)
}

/// One pod whole; nothing where it went after its row was read.
async fn whole(client: &Client, row: &PodRow) -> Result<Option<(Body, Source)>, Failure> {
    let reach = Reach::Namespace(&row.meta.namespace);
    match client.get(&PODS, reach, &row.meta.name).await {
        Ok(got) => {
            let body = Body::Pod(translate::pod::pod(got.object));
            let (method, path) = ("GET".to_owned(), got.path);
            Ok(Some((body, Source { method, path, observed_at: got.observed_at })))
        }
        Err(refusal) => match Failure::from(&refusal) {
            failure if failure.code == Code::NotFound => Ok(None),
            failure => Err(failure),
        },
    }
}

/// The nodes that say they are ready; none where not all of them could be read.
async fn nodes_that_are_well(client: &Client) -> Result<Option<BTreeSet<String>>, Failure> {
    let options = ListOptions { page: 0, ..ListOptions::default() };
    let include = IncludeObject::None;
    let table = client.table(&NODES, Reach::Cluster, &options, include).await;
    let table: Table = table.map_err(|refusal| Failure::from(&refusal))?;
    let column = |name: &str| row::column(&table.columns, name);
    let (Some(name), Some(status)) = (column("Name"), column("Status")) else { return Ok(None) };
    if !table.walk.is_complete() {
        return Ok(None);
    }
    let mut well = BTreeSet::new();
    for row in &table.rows {
        let cell = |at: usize| row::text(row, at).unwrap_or_default();
        // `Ready,SchedulingDisabled` of one that is cordoned.
        if cell(status).split(',').any(|word| word == "Ready") {
            well.insert(cell(name).to_owned());
        }
    }
    Ok(Some(well))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::{Listing, objects};
    use crate::server::Kubernetes;
    use jiff::Timestamp;
    use replay::snapshot::Snapshot;
    use replay::snapshot::object::{GroupKind, Object};
    use serde_json::json;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    fn snapshot(folder: &str) -> Snapshot {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
        Snapshot::load(&folder).unwrap()
    }

    async fn client(snapshot: Snapshot) -> (Client, Timestamp) {
        let now = snapshot.about.captured_at;
        let wire = Arc::new(replay::kubernetes::Kubernetes::of(Arc::new(snapshot)));
        (Kubernetes::replaying(wire, "test", now).client().await.unwrap(), now)
    }

    /// Puts so many pods into a snapshot that run on a node and say that they are ready.
    fn put_ready(snapshot: &mut Snapshot, node: &str, count: usize) {
        let kind = GroupKind { group: String::new(), kind: "Pod".to_owned() };
        for number in 0..count {
            let (namespace, name) = ("shop".to_owned(), format!("{node}-{number}"));
            let value = json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": name, "namespace": namespace},
                "spec": {"nodeName": node, "containers": [{"name": "main"}]},
                "status": {
                    "phase": "Running",
                    "conditions": [{"type": "Ready", "status": "True"}],
                    "containerStatuses": [
                        {"name": "main", "ready": true, "state": {"running": {}}, "restartCount": 0}
                    ],
                },
            });
            let pods = snapshot.objects.of_kind.entry(kind.clone()).or_default();
            pods.insert(format!("{namespace}/{name}"), Object { namespace, name, value });
        }
    }

    /// The rows of a listing as far as anything of them is shown or sorted by.
    fn said(listing: &Listing) -> Vec<String> {
        let row = |row: &crate::listing::Row| {
            let (known, cells) = (&row.known, row.cells(listing.now, listing.wide));
            let owner = known.owner.as_ref().map(ToString::to_string);
            let (status, created) = (&known.status, known.created);
            let trouble = row.trouble.as_ref().map(|it| &it.says);
            format!("{cells:?} {owner:?} {status} {created:?} {} {trouble:?}", known.restarts)
        };
        listing.rows.iter().map(row).collect()
    }

    #[tokio::test]
    async fn rows_say_what_whole_pods_say() {
        let ((client, _), kind) = (client(snapshot("hundred")).await, PODS);
        let deadline = Instant::now() + Duration::from_secs(60);
        let brief =
            crate::listing::list(&client, &Wanted::everywhere(&kind), deadline).await.unwrap();
        let whole = crate::listing::list(
            &client,
            &Wanted { facts: true, ..Wanted::everywhere(&kind) },
            deadline,
        )
        .await
        .unwrap();
        assert_eq!(said(&brief), said(&whole));
        assert_eq!(brief.columns, whole.columns);
        let paths: Vec<&str> =
            brief.testimony.sources.iter().map(|source| source.path.as_str()).collect();
        assert_eq!(paths.first(), Some(&"/api/v1/pods?includeObject=Metadata&limit=500"));
        let unwell = brief.rows.iter().filter(|row| row.trouble.is_some()).count();
        assert_eq!((paths.len(), brief.testimony.facts.len()), (1 + unwell, unwell));
    }

    /// The rows that were read so, with the requests for pods that were read whole; none where all must be.
    async fn briefly(snapshot: Snapshot) -> Option<(usize, Vec<String>)> {
        let ((client, now), kind) = (client(snapshot).await, PODS);
        let wanted = Wanted::everywhere(&kind);
        let mut reading = Reading::new(&wanted, now, Instant::now() + Duration::from_secs(60));
        read(&client, Reach::Cluster, &ListOptions::default(), &mut reading).await?;
        let whole = reading.sources.into_iter().map(|source| source.path).collect();
        Some((reading.rows.len(), whole))
    }

    /// On a node that is lost containers stand as they were.
    #[tokio::test]
    async fn a_node_that_is_lost_makes_its_pods_doubtful() {
        let mut machines = snapshot("machines");
        machines.objects.of_kind.retain(|of, _| of.kind != "Pod");
        put_ready(&mut machines, "node-2", 16);
        put_ready(&mut machines, "node-3", 1);
        let (rows, whole) = briefly(machines).await.unwrap();
        assert_eq!((rows, whole), (17, vec!["/api/v1/namespaces/shop/pods/node-3-0".to_owned()]));
    }

    #[tokio::test]
    async fn where_most_pods_may_not_be_well_all_are_read_whole() {
        assert_eq!(briefly(snapshot("machines")).await, None);
    }

    #[tokio::test]
    async fn where_rows_take_half_of_the_time_the_list_is_read() {
        let ((client, now), kind) = (client(snapshot("hundred")).await, PODS);
        let wanted = Wanted::everywhere(&kind);
        let mut reading = Reading::new(&wanted, now, Instant::now() + Duration::from_secs(60));
        reading.half = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        let options = ListOptions::default();
        let walk = objects(&client, Reach::Cluster, &options, &mut reading).await.unwrap();
        assert_eq!(walk.path, "/api/v1/pods?limit=500");
        assert_eq!(reading.rows.len(), walk.seen);
    }

    #[test]
    fn one_pod_by_its_name_is_read_whole() {
        let kind = PODS;
        for (fields, expected) in [
            ("metadata.name=web-0", false),
            ("spec.nodeName=a,metadata.name==web-0", false),
            ("metadata.namespace!=kube-system", true),
        ] {
            let wanted = Wanted { fields: fields.to_owned(), ..Wanted::everywhere(&kind) };
            assert_eq!(suffices(&wanted), expected, "{fields}");
        }
    }
}
