//! A pod by the row that the API server prints of it. A row tells surely that a pod is well, unless its node is not; of one
//! that may not be well it does not tell why.

use super::meta::meta;
use clients::kubernetes::table::{Column, Row, Said};
use evidence::fact::meta::Meta;
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1 as api;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The clocks of the API server and ours may differ by this much.
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);

/// Where in a row the cells stand that say how a pod does.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    ready: usize,
    status: usize,
    restarts: usize,
}

/// Where the others stand that are read with a pod's metadata.
#[derive(Clone, Copy, Debug)]
pub struct MoreHeads {
    how: Heads,
    node: usize,
    gates: usize,
}

/// How a pod does, by the cells of its row.
#[derive(Clone, Debug, PartialEq)]
pub struct How {
    /// Containers that are ready, of those that run side by side, as `1/2`.
    pub ready: String,
    /// `Running`, `Succeeded`, or what the API server says of one that is not well.
    pub status: String,
    /// How often its containers were started again.
    pub restarts: u32,
    /// How long ago the last of them ended, where that is said.
    pub ended: Option<SignedDuration>,
}

/// What is made of cells that may say either: `Completed`, of a pod whose first container did what it should or of one that
/// all did, and restarts without a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsure {
    /// The look is a cheap one, and others come after it.
    IsWell,
    /// Whoever may not be well is read whole.
    IsDoubtful,
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
    /// How it does.
    pub how: How,
    /// Where it runs.
    pub node: String,
    /// Nothing is wrong with it, unless its node is not well.
    pub is_well: bool,
}

impl Heads {
    /// Where the cells stand; none where a column is missing.
    pub fn of(columns: &[Column]) -> Option<Heads> {
        Some(Heads {
            ready: column(columns, "Ready")?,
            status: column(columns, "Status")?,
            restarts: column(columns, "Restarts")?,
        })
    }
}

impl MoreHeads {
    /// Where the cells stand; none where a column is missing.
    pub fn of(columns: &[Column]) -> Option<MoreHeads> {
        Some(MoreHeads {
            how: Heads::of(columns)?,
            node: column(columns, "Node")?,
            gates: column(columns, "Readiness Gates")?,
        })
    }
}

/// Where a column stands.
pub fn column(columns: &[Column], name: &str) -> Option<usize> {
    columns.iter().position(|it| it.name == name)
}

/// The text of a cell; none where it holds none.
pub fn text<M>(row: &Row<M>, at: usize) -> Option<&str> {
    row.cells.get(at).and_then(Value::as_str)
}

/// How the pod of a row does; none where the row is in another form than they have.
pub fn how<M>(row: &Row<M>, heads: Heads) -> Option<How> {
    // Older API servers print a number, without when.
    let (restarts, ended) = match row.cells.get(heads.restarts)? {
        Value::String(text) => restarts(text)?,
        number => (u32::try_from(number.as_u64()?).ok()?, None),
    };
    let (ready, status) = (text(row, heads.ready)?.to_owned(), text(row, heads.status)?.to_owned());
    Some(How { ready, status, restarts, ended })
}

impl How {
    /// It runs and is ready, or has done what it should, and has not restarted so lately.
    pub fn is_well(&self, lately: SignedDuration, unsure: Unsure) -> bool {
        let restarted = match self.ended {
            Some(ago) => ago <= lately,
            None => unsure == Unsure::IsDoubtful,
        };
        match self.status.as_str() {
            "Succeeded" => true,
            "Completed" => unsure == Unsure::IsWell,
            "Running" => all_of(&self.ready) && !(restarted && self.restarts > 0),
            _ => false,
        }
    }
}

/// The pod of a row, which restarts since `lately` ago make doubtful; none where the row is in another form than they have.
pub fn pod(row: Row<Brief>, heads: MoreHeads, lately: SignedDuration) -> Option<PodRow> {
    let mut how = how(&row, heads.how)?;
    let succeeded =
        |it: &Said| it.kind == "Completed" && it.status == "True" && it.reason == "Succeeded";
    if how.status == "Completed" && row.conditions.iter().any(succeeded) {
        how.status = "Succeeded".to_owned();
    }
    let (node, gates) = (text(&row, heads.node)?.to_owned(), text(&row, heads.gates)?);
    let opens = how.status == "Succeeded" || gates == "<none>" || all_of(gates);
    let brief = row.object?.metadata;
    let is_well = how.is_well(lately + CLOCKS, Unsure::IsDoubtful)
        && brief.deletion_timestamp.is_none()
        && opens;
    Some(PodRow { meta: meta(brief.into()), how, node, is_well })
}

/// `5` or `5 (3m2s ago)`.
fn restarts(text: &str) -> Option<(u32, Option<SignedDuration>)> {
    match text.split_once(' ') {
        None => Some((text.parse().ok()?, None)),
        Some((count, ago)) => {
            let ago = ago.strip_prefix('(').and_then(|it| it.strip_suffix(" ago)"));
            let ended = match ago {
                // Later than now by the API server's clock: nothing is newer.
                Some("<invalid>") => Some(SignedDuration::ZERO),
                ago => ago.and_then(age),
            };
            Some((count.parse().ok()?, ended))
        }
    }
}

/// The age that kubectl prints: `45s`, `3m20s`, `5d3h`, `2y10d`.
fn age(text: &str) -> Option<SignedDuration> {
    let mut seconds: i64 = 0;
    let mut number: i64 = 0;
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            number = number.checked_mul(10)?.checked_add(i64::from(digit))?;
            continue;
        }
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'y' => 365 * 86_400,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        number = 0;
    }
    Some(SignedDuration::from_secs(seconds))
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
        let heads = MoreHeads::of(&columns).unwrap();
        pod(serde_json::from_value(row).unwrap(), heads, SignedDuration::from_hours(1)).unwrap()
    }

    #[test]
    fn what_runs_and_is_ready_is_well() {
        let none = || json!({});
        for (cells, is_well) in [
            (["1/1", "Running", "0", "node-1", "<none>"], true),
            (["1/1", "Running", "3 (5d3h ago)", "node-1", "1/1"], true),
            (["1/1", "Running", "3 (62m ago)", "node-1", "<none>"], false),
            (["1/1", "Running", "3", "node-1", "<none>"], false),
            (["1/1", "Running", "3 (<invalid> ago)", "node-1", "<none>"], false),
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
        assert_eq!((done.how.status.as_str(), done.is_well), ("Succeeded", true));
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
