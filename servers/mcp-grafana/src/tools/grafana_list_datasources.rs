//! Data sources: what Grafana reads, and by which uid dashboards name it.

use crate::record::{Record, within};
use crate::server::Grafana;
use clients::grafana::datasources::Datasource;
use mcp::age::counted;
use mcp::answer::{Answer, Page, Table};
use mcp::failure::Failure;
use mcp::nearest::offer;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The tool.
pub struct ListDatasources;

/// Which data sources.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The plugin, as prometheus.
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Rows: an organisation has a few dozen.
const ROWS: usize = 100;

impl Tool<Grafana> for ListDatasources {
    const NAME: &'static str = "grafana_list_datasources";
    const ABOUT: &'static str = "Data sources: name, uid, type, address without credentials. Use it to learn where a dashboard's numbers come from.";
    type Ask = Ask;

    async fn answer(server: &Grafana, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let mut record = Record::new(server.client()?, call.deadline);
        let answer = within(record.deadline(), record.client.datasources()).await;
        let all = record.take(answer, "datasources:read")?;
        let fits = |it: &&Datasource| ask.kind.as_ref().is_none_or(|kind| it.kind == *kind);
        let mut wanted: Vec<&Datasource> = all.iter().filter(fits).collect();
        wanted.sort_by(|a, b| {
            (!a.is_default, &a.name, &a.uid).cmp(&(!b.is_default, &b.name, &b.uid))
        });
        if let (Some(kind), true) = (&ask.kind, wanted.is_empty() && !all.is_empty()) {
            record.warn(format!(
                "none is of type {kind}; {}",
                offer(kind, all.iter().map(|it| it.kind.as_str()))
            ));
        }
        let shown = wanted.get(..ROWS).unwrap_or(&wanted);
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for it in &wanted {
            *kinds.entry(it.kind.as_str()).or_default() += 1;
        }
        let kinds: Vec<String> =
            kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let of = if kinds.is_empty() { String::new() } else { format!(": {}", kinds.join(", ")) };
        let answer = Answer {
            summary: format!("{}{of}.", counted(wanted.len(), "data source")),
            table: table(shown),
            page: Some(Page {
                returned: shown.len() as u64,
                total: wanted.len() as u64,
                exact: true,
                cursor: None,
            }),
            ..Answer::default()
        };
        Ok(record.into(answer))
    }
}

fn table(shown: &[&Datasource]) -> Table {
    let row = |it: &&Datasource| {
        let notes = [
            (it.is_default, "default"),
            (it.access == "direct", "asked by the browser"),
            (it.read_only, "provisioned"),
        ];
        let notes: Vec<&str> =
            notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect();
        vec![
            it.name.clone(),
            it.uid.clone(),
            it.kind.clone(),
            it.url.clone(),
            it.json_data.time_interval.clone(),
            notes.join(", "),
        ]
    };
    let columns = ["NAME", "UID", "TYPE", "ADDRESS", "SCRAPED EVERY", "NOTES"];
    Table { columns: columns.map(str::to_owned).to_vec(), rows: shown.iter().map(row).collect() }
}
