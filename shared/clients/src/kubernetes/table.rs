//! The API server's own short view of a list: the columns that `kubectl get` prints, without the objects.

use crate::kubernetes::list::{Metadata, Walk};
use serde::Deserialize;
use serde_json::Value;

/// How much of each object comes along with its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncludeObject {
    /// Nothing: the cheapest list there is. Rows of all namespaces then do not say which is theirs.
    None,
    /// Its metadata.
    Metadata,
}

/// The short view of a list, with as much of each object's metadata as `M` takes.
#[derive(Debug)]
pub struct Table<M = Metadata> {
    /// The columns, in the order of each row's cells.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row<M>>,
    /// How the read went.
    pub walk: Walk,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Column {
    /// Its heading, such as `Ready`.
    pub name: String,
    /// What it holds, such as `string` or `integer`.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// 0 for what `kubectl get` prints, more for what only `-o wide` does.
    #[serde(default)]
    pub priority: i32,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Row<M = Metadata> {
    /// One value for each column.
    #[serde(default)]
    pub cells: Vec<Value>,
    /// What is said of it beside the cells: of a pod that has ended, how.
    #[serde(default)]
    pub conditions: Vec<Said>,
    /// The object's metadata, where it was asked for.
    pub object: Option<M>,
}

/// What is said of a row beside its cells.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Said {
    /// `Completed` for what has ended.
    #[serde(rename = "type")]
    pub kind: String,
    /// `True` where it is so.
    #[serde(default)]
    pub status: String,
    /// How, as `Succeeded` or `Failed`.
    #[serde(default)]
    pub reason: String,
}
