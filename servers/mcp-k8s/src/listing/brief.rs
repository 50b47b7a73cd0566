//! Pods by the rows that the API server prints of them, and whole those alone that may not be well: a third of the bytes.

use super::Wanted;
use super::reading::Reading;
use crate::translate;
use crate::translate::row::{self, Brief, Heads, PodRow};
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::{ListOptions, Walk};
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{NODES, PODS};
use clients::kubernetes::table::{IncludeObject, Table};
use evidence::fact::Body;
use evidence::testimony::Source;
use futures::future::try_join_all;
use mcp::failure::{Code, Failure};
use serde_json::Value;
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
        && !wanted.fields.contains("metadata.name")
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
    let (nodes, heads) = (nodes?, Heads::of(&table.columns)?);
    let rows = table.rows.into_iter().map(|row| row::pod(row, heads));
    let mut rows: Vec<PodRow> = rows.collect::<Option<_>>()?;
    for row in &mut rows {
        row.is_well &= row.status == "Succeeded" || nodes.contains(&row.node);
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
    let column = |name: &str| table.columns.iter().position(|it| it.name == name);
    let (Some(name), Some(status)) = (column("Name"), column("Status")) else { return Ok(None) };
    if !table.walk.is_complete() {
        return Ok(None);
    }
    let mut well = BTreeSet::new();
    for row in &table.rows {
        let cell = |at: usize| row.cells.get(at).and_then(Value::as_str).unwrap_or_default();
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
    use crate::listing::chosen::Chosen;
    use crate::listing::{Listing, Place};
    use crate::server::Kubernetes;
    use clients::kubernetes::resource::Resource;
    use jiff::Timestamp;
    use replay::snapshot::Snapshot;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    async fn client(folder: &str) -> (Client, Timestamp) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
        let snapshot = Arc::new(Snapshot::load(&folder).unwrap());
        let now = snapshot.about.captured_at;
        let wire = Arc::new(replay::kubernetes::Kubernetes::of(snapshot));
        (Kubernetes::replaying(wire, "test", now).client().await.unwrap(), now)
    }

    fn everywhere(resource: &Resource, facts: bool) -> Wanted<'_> {
        Wanted {
            resource,
            place: Place::Everywhere,
            labels: String::new(),
            fields: String::new(),
            wide: false,
            chosen: Chosen::default(),
            facts,
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
        let ((client, _), kind) = (client("hundred").await, PODS);
        let deadline = Instant::now() + Duration::from_secs(60);
        let brief =
            crate::listing::list(&client, &everywhere(&kind, false), deadline).await.unwrap();
        let whole =
            crate::listing::list(&client, &everywhere(&kind, true), deadline).await.unwrap();
        assert_eq!(said(&brief), said(&whole));
        assert_eq!(brief.columns, whole.columns);
        let paths: Vec<&str> =
            brief.testimony.sources.iter().map(|source| source.path.as_str()).collect();
        assert_eq!(paths.first(), Some(&"/api/v1/pods?includeObject=Metadata&limit=500"));
        let unwell = brief.rows.iter().filter(|row| row.trouble.is_some()).count();
        assert_eq!((paths.len(), brief.testimony.facts.len()), (1 + unwell, unwell));
    }

    /// On a node that is lost containers stand as they were; where most pods may not be well, all are read whole.
    #[tokio::test]
    async fn a_node_that_is_lost_makes_its_pods_doubtful() {
        let (client, now) = client("machines").await;
        let well = nodes_that_are_well(&client).await.unwrap().unwrap();
        assert_eq!(well.into_iter().collect::<Vec<_>>(), ["node-1", "node-2"]);
        let kind = PODS;
        let wanted = everywhere(&kind, false);
        let mut reading = Reading::new(&wanted, now, Instant::now() + Duration::from_secs(60));
        let options = ListOptions::default();
        assert!(read(&client, Reach::Cluster, &options, &mut reading).await.is_none());
        assert!(reading.rows.is_empty());
    }
}
