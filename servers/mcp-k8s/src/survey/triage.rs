//! The whole cluster at first glance: a few lists of all namespaces, and which namespaces they make suspicious.

use super::pods::is_well;
use super::reading::{Desk, Reading, Trouble};
use super::rows::{self, BadRow};
use super::suspicion::{self, Known, Suspicion};
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads;
use clients::kubernetes::resource::Resource;
use evidence::fact::Body;
use futures::future::{BoxFuture, join_all};
use jiff::Timestamp;
use mcp::failure::Code;

/// Lists of all namespaces that need nothing but their translation.
const PLAIN: [&Resource; 8] = [
    &reads::NAMESPACES,
    &reads::NODES,
    &reads::DEPLOYMENTS,
    &reads::STATEFUL_SETS,
    &reads::DAEMON_SETS,
    &reads::JOBS,
    &reads::SERVICES,
    &reads::INGRESSES,
];

/// Pods that nothing places which are looked up by name.
const MOST_LOOKED_UP: usize = 5;

/// What the first glance brought.
pub(crate) struct Triage {
    /// The lists.
    pub(crate) readings: Vec<Reading>,
    /// Which namespaces are worth a closer look.
    pub(crate) suspicion: Suspicion,
    /// Pods that are not well of which nobody could tell the namespace.
    pub(crate) unplaced: Vec<String>,
    /// Pods there are; none where they could not be counted.
    pub(crate) pods: Option<usize>,
}

impl Triage {
    /// The kinds of which all objects of all namespaces were read, so that they need not be read again.
    pub(crate) fn known(&self) -> Vec<Resource> {
        let complete = self.readings.iter().filter(|reading| {
            // Of pods only rows were read, and of their namespaces nothing.
            reading.trouble.is_none() && reading.is_look && reading.resource != reads::PODS
        });
        complete.map(|reading| reading.resource.clone()).collect()
    }

    /// Pods of all namespaces may not be read.
    pub(crate) fn is_denied(&self) -> bool {
        self.readings.iter().any(|reading| {
            reading.resource == reads::PODS
                && reading.trouble.as_ref().is_some_and(|it| it.code == Code::Forbidden)
        })
    }
}

/// Looks at the whole cluster.
pub(crate) async fn read(desk: &Desk, since: Timestamp, now: Timestamp) -> Triage {
    let mut lists: Vec<BoxFuture<'_, Reading>> = Vec::new();
    lists.push(Box::pin(desk.endpoints(Reach::Cluster)));
    lists.extend(
        suspicion::COMPLAINTS.iter().map(|(kind, _)| -> BoxFuture<'_, Reading> {
            Box::pin(desk.warnings_about(kind, since))
        }),
    );
    lists.extend(PLAIN.into_iter().filter_map(|it| desk.plain(it, Reach::Cluster)));
    let pods = glance(desk, since, now);
    let (pods, mut readings) = futures::future::join(pods, join_all(lists)).await;
    let all_of = |kind: &Resource| {
        readings.iter().any(|reading| reading.resource == *kind && reading.trouble.is_none())
    };
    let known =
        Known { endpoints: all_of(&reads::ENDPOINT_SLICES), services: all_of(&reads::SERVICES) };
    let facts = readings.iter().flat_map(|reading| &reading.bodies);
    let mut suspicion = suspicion::weigh(facts, &pods.bad_rows, known);
    for namespace in &pods.bad_in {
        suspicion.add_pod(namespace);
    }
    readings.insert(0, pods.reading);
    let unplaced = place(desk, since, &mut suspicion).await;
    Triage { readings, suspicion, unplaced, pods: pods.seen }
}

/// All pods at first glance.
struct Glance {
    reading: Reading,
    /// How many there are; none where they could not be counted.
    seen: Option<usize>,
    /// Rows of those that are not well, which do not say where they are.
    bad_rows: Vec<BadRow>,
    /// The namespace of each one that is known not to be well.
    bad_in: Vec<String>,
}

/// Looks at all pods: as they are kept, else in the cheapest form there is.
async fn glance(desk: &Desk, since: Timestamp, now: Timestamp) -> Glance {
    let (mut seen, mut bad_in) = (0, Vec::new());
    let visit = |body: Option<&Body>| {
        seen += 1;
        if let Some(Body::Pod(pod)) = body
            && !is_well(pod, since)
        {
            bad_in.push(pod.meta.namespace.clone());
        }
    };
    if let Some(reading) = desk.kept_pods(visit).await {
        let seen = reading.source.is_some().then_some(seen);
        return Glance { reading, seen, bad_rows: Vec::new(), bad_in };
    }
    let (mut reading, table) = desk.rows(&reads::PODS, Reach::Cluster).await;
    let seen = table.as_ref().map(|table| table.rows.len());
    let bad = table.and_then(|it| rows::bad(&it.columns, &it.rows, now.duration_since(since)));
    if bad.is_none() && reading.trouble.is_none() {
        let why = "the table of pods lacks the columns that tell how they do".to_owned();
        reading.trouble = Some(Trouble { code: Code::UpstreamError, why });
    }
    Glance { reading, seen, bad_rows: bad.unwrap_or_default(), bad_in: Vec::new() }
}

/// Looks up the pods that nothing places, as many as is worth it; the others' names come back. What they are is read
/// where their namespace is looked at closely.
async fn place(desk: &Desk, since: Timestamp, suspicion: &mut Suspicion) -> Vec<String> {
    let mut homeless = std::mem::take(&mut suspicion.homeless);
    let mut unplaced = homeless.split_off(homeless.len().min(MOST_LOOKED_UP));
    let readings = join_all(homeless.iter().map(|name| desk.pods_named(name))).await;
    for (name, reading) in homeless.iter().zip(readings) {
        if reading.trouble.is_some() {
            unplaced.push(name.clone());
        }
        for body in &reading.bodies {
            if let Body::Pod(pod) = body
                && !is_well(pod, since)
            {
                suspicion.add_pod(&pod.meta.namespace);
            }
        }
    }
    unplaced
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

    /// A snapshot cannot be watched, so that nothing of it is kept.
    #[tokio::test]
    async fn pods_that_cannot_be_kept_are_read_in_the_cheapest_form() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshot");
        let snapshot = Arc::new(Snapshot::load(&folder).unwrap());
        let now = snapshot.about.captured_at;
        let wire = Arc::new(replay::kubernetes::Kubernetes::of(snapshot));
        let client = Kubernetes::replaying(wire, "test", now).client().await.unwrap();
        let client = client.keeping(1 << 20);
        let desk = Desk { client, deadline: Instant::now() + Duration::from_secs(60) };
        let glance = glance(&desk, now, now).await;
        assert_eq!(glance.seen, Some(5));
        let path = glance.reading.source.map(|source| source.path);
        assert_eq!(path.as_deref(), Some("/api/v1/pods?includeObject=None"));
    }
}
