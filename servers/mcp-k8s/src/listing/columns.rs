//! Columns that the API server prints for a kind of which we know nothing ourselves.

use super::Row;
use crate::translate;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::resource::Resource;
use clients::kubernetes::table::{IncludeObject, Table};
use evidence::fact::Body;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the API server printed.
pub(super) struct Printed {
    table: Table,
    wide: bool,
}

/// Reads the columns of a kind that has none of ours; none where it has, or where they cannot be read.
pub(super) async fn read(
    client: &Client,
    resource: &Resource,
    reach: Reach<'_>,
    options: &ListOptions,
    wide: bool,
) -> Option<Printed> {
    let any = json!({"metadata": {"name": "any"}});
    let ours = translate::any(&resource.api_version(), &resource.kind, any).ok()?;
    if !matches!(ours, Body::Object(_)) {
        return None;
    }
    let table = client.table(resource, reach, options, IncludeObject::Metadata).await.ok()?;
    Some(Printed { table, wide })
}

impl Printed {
    /// Puts these cells in the place of ours.
    pub(super) fn put(self, columns: &mut Vec<String>, rows: &mut [Row]) {
        let shown: Vec<usize> = self
            .table
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| self.wide || column.priority == 0)
            .map(|(position, _)| position)
            .collect();
        let mut printed: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for row in self.table.rows {
            let Some(object) = row.object else { return };
            let key = (
                object.metadata.namespace.unwrap_or_default(),
                object.metadata.name.unwrap_or_default(),
            );
            let cells = shown.iter().map(|at| row.cells.get(*at).map(text).unwrap_or_default());
            printed.insert(key, cells.collect());
        }
        let key = |row: &Row| (row.known.entity.namespace.clone(), row.known.entity.name.clone());
        if !rows.iter().all(|row| printed.contains_key(&key(row))) {
            // Something came or went between the two reads: half a table is worse than a plain one.
            return;
        }
        let heads = shown.iter().filter_map(|at| self.table.columns.get(*at));
        *columns = heads.map(|column| column.name.to_uppercase()).collect();
        for row in rows {
            if let Some(cells) = printed.remove(&key(row)) {
                row.special = Some(cells);
            }
        }
    }
}

fn text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
