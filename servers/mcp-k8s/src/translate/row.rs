//! A pod by the row that the API server prints of it. A row tells surely that a pod is well, unless its node is not; of one
//! that may not be well it does not tell why.

use super::meta::meta;
use crate::survey::rows::age;
use crate::unwell::RECENT;
use clients::kubernetes::table::{Column, Row, Said};
use evidence::fact::meta::Meta;
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1 as api;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The clocks of the API server and ours may differ by this much.
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);

/// Where in a row the cells stand.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    ready: usize,
    status: usize,
    restarts: usize,
    node: usize,
    gates: usize,
}

/// As much of an object as its row is read with: who wrote what is most of the metadata, and is passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Brief {
    metadata: BriefMeta,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct BriefMeta {
    name: String,
    namespace: String,
    creation_timestamp: Option<api::Time>,
    deletion_timestamp: Option<api::Time>,
    labels: BTreeMap<String, String>,
    owner_references: Vec<api::OwnerReference>,
}

/// A pod by its row.
#[derive(Clone, Debug, PartialEq)]
pub struct PodRow {
    /// Its metadata, as far as a row is read with it.
    pub meta: Meta,
    /// Containers that are ready, of those that run side by side, as `1/2`.
    pub ready: String,
    /// `Running`, `Succeeded`, or what the API server says of one that is not well.
    pub status: String,
    /// How often its containers were started again.
    pub restarts: u32,
    /// How long ago the last of them ended, where that is said.
    pub ended: Option<SignedDuration>,
    /// Where it runs.
    pub node: String,
    /// Nothing is wrong with it, unless its node is not well.
    pub is_well: bool,
}

impl Heads {
    /// Where the cells stand; none where a column is missing.
    pub fn of(columns: &[Column]) -> Option<Heads> {
        let column = |name: &str| columns.iter().position(|it| it.name == name);
        Some(Heads {
            ready: column("Ready")?,
            status: column("Status")?,
            restarts: column("Restarts")?,
            node: column("Node")?,
            gates: column("Readiness Gates")?,
        })
    }
}

/// The pod of a row; none where the row is in another form than they have.
pub fn pod(row: Row<Brief>, heads: Heads) -> Option<PodRow> {
    let brief = row.object?.metadata;
    let is_deleted = brief.deletion_timestamp.is_some();
    let text = |at: usize| row.cells.get(at).and_then(Value::as_str);
    // Older API servers print a number, without when.
    let (restarts, ended) = match row.cells.get(heads.restarts)? {
        Value::String(text) => restarts(text)?,
        number => (u32::try_from(number.as_u64()?).ok()?, None),
    };
    let mut pod = PodRow {
        meta: meta(brief.into()),
        ready: text(heads.ready)?.to_owned(),
        status: text(heads.status)?.to_owned(),
        restarts,
        ended,
        node: text(heads.node)?.to_owned(),
        is_well: false,
    };
    let succeeded =
        |it: &Said| it.kind == "Completed" && it.status == "True" && it.reason == "Succeeded";
    if pod.status == "Completed" && row.conditions.iter().any(succeeded) {
        pod.status = "Succeeded".to_owned();
        pod.is_well = !is_deleted;
        return Some(pod);
    }
    let restarted = pod.restarts > 0 && pod.ended.is_none_or(|ago| ago < RECENT + CLOCKS);
    let gates = text(heads.gates)?;
    pod.is_well = pod.status == "Running"
        && !is_deleted
        && !restarted
        && all_of(&pod.ready)
        && (gates == "<none>" || all_of(gates));
    Some(pod)
}

/// `5` or `5 (3m2s ago)`.
fn restarts(text: &str) -> Option<(u32, Option<SignedDuration>)> {
    match text.split_once(' ') {
        None => Some((text.parse().ok()?, None)),
        Some((count, ago)) => {
            let ago = ago.strip_prefix('(')?.strip_suffix(" ago)")?;
            Some((count.parse().ok()?, Some(age(ago)?)))
        }
    }
}

/// `2/2`.
fn all_of(text: &str) -> bool {
    text.split_once('/').is_some_and(|(some, all)| some == all && some != "0")
}

impl From<BriefMeta> for api::ObjectMeta {
    fn from(brief: BriefMeta) -> Self {
        api::ObjectMeta {
            name: Some(brief.name),
            namespace: Some(brief.namespace),
            creation_timestamp: brief.creation_timestamp,
            deletion_timestamp: brief.deletion_timestamp,
            labels: Some(brief.labels),
            owner_references: Some(brief.owner_references),
            ..api::ObjectMeta::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(cells: [&str; 5], more: Value) -> PodRow {
        let columns: Vec<Column> = ["Ready", "Status", "Restarts", "Node", "Readiness Gates"]
            .iter()
            .map(|name| serde_json::from_value(json!({"name": name})).unwrap())
            .collect();
        let mut row =
            json!({"cells": cells, "object": {"metadata": {"name": "web-1", "namespace": "shop"}}});
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        pod(serde_json::from_value(row).unwrap(), Heads::of(&columns).unwrap()).unwrap()
    }

    #[test]
    fn what_runs_and_is_ready_is_well() {
        let none = || json!({});
        for (cells, is_well) in [
            (["1/1", "Running", "0", "node-1", "<none>"], true),
            (["1/1", "Running", "3 (5d3h ago)", "node-1", "1/1"], true),
            (["1/1", "Running", "3 (62m ago)", "node-1", "<none>"], false),
            (["1/1", "Running", "3", "node-1", "<none>"], false),
            (["1/2", "Running", "0", "node-1", "<none>"], false),
            (["0/0", "Running", "0", "node-1", "<none>"], false),
            (["1/1", "Running", "0", "node-1", "0/1"], false),
            (["1/1", "Terminating", "0", "node-1", "<none>"], false),
            (["0/1", "CrashLoopBackOff", "3 (5d ago)", "node-1", "<none>"], false),
        ] {
            assert_eq!(read(cells, none()).is_well, is_well, "{cells:?}");
        }
    }

    #[test]
    fn what_has_ended_is_well_where_all_of_it_succeeded() {
        let ended = |reason: &str| json!({"conditions": [{"type": "Completed", "status": "True", "reason": reason}]});
        let cells = ["0/1", "Completed", "2 (3m ago)", "node-1", "<none>"];
        let done = read(cells, ended("Succeeded"));
        assert_eq!((done.status.as_str(), done.is_well), ("Succeeded", true));
        // The first of its containers did.
        assert!(!read(cells, ended("Failed")).is_well);
        assert!(!read(cells, json!({})).is_well);
    }

    #[test]
    fn what_is_being_deleted_is_not_well_whatever_its_word() {
        let cells = ["1/1", "Running", "0", "node-1", "<none>"];
        let metadata = json!({"name": "web-1", "deletionTimestamp": "2026-11-01T10:00:00Z"});
        assert!(!read(cells, json!({"object": {"metadata": metadata}})).is_well);
    }
}
