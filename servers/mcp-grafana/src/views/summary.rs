//! A dashboard in short: its panels, their data sources, and the values of its variables.

use super::short;
use crate::panels::Panel;
use crate::tools::grafana_get_dashboard::Read;
use crate::variables::{Values, Variable};
use mcp::age::{ago, counted};
use mcp::answer::{Answer, Quote, Table};
use mcp::cursor::part;
use mcp::failure::Failure;
use std::collections::BTreeSet;

/// Panels of one answer: few dashboards have more, and a cursor leads to them.
const ROWS: u64 = 60;
/// Bytes of a title.
const MOST_TITLE: usize = 80;
/// Variables that are told.
const MOST_VARIABLES: usize = 40;
/// Bytes of one variable.
const MOST_VARIABLE: usize = 200;

/// Tells it.
///
/// # Errors
/// Where the cursor is none.
pub(crate) fn told(read: &Read, cursor: Option<&str>) -> Result<Answer, Failure> {
    let identities: Vec<String> =
        read.panels.iter().map(|it| format!("{} {} {}", it.id, it.kind, it.title)).collect();
    let part = part(cursor, &identities, ROWS, true)?;
    let shown = read.panels.get(part.rows).unwrap_or_default();
    Ok(Answer {
        summary: sentence(read),
        table: table(read, shown),
        quotes: variables(read.variables.iter()),
        page: Some(part.page),
        next: vec![format!("grafana_get_dashboard(uid={}, detail=queries)", read.dashboard.uid)],
        ..Answer::default()
    })
}

fn sentence(read: &Read) -> String {
    let dashboard = &read.dashboard;
    let rows: BTreeSet<&str> =
        read.panels.iter().map(|it| it.row.as_str()).filter(|it| !it.is_empty()).collect();
    let queries: usize = read.panels.iter().map(|it| it.queries.len()).sum();
    let folder = match dashboard.folder.as_str() {
        "" => String::new(),
        folder => format!(" in folder {}", short(folder, MOST_TITLE)),
    };
    let rows = match rows.len() {
        0 => String::new(),
        count => format!(" in {}", counted(count, "row")),
    };
    let by = match dashboard.updated_by.as_str() {
        "" => String::new(),
        by => format!(" by {}", short(by, MOST_TITLE)),
    };
    let changed = match ago(read.now, dashboard.updated).as_str() {
        "" => String::new(),
        ago => format!("; changed {ago}{by}"),
    };
    format!(
        "{:?}{folder}: {}{rows}, {}{changed}; shows {}.",
        short(&read.title, MOST_TITLE),
        counted(read.panels.len(), "panel"),
        if queries == 1 { "1 query".to_owned() } else { format!("{queries} queries") },
        read.time.told
    )
}

fn table(read: &Read, shown: &[Panel]) -> Table {
    let row = |it: &Panel| {
        let sources: BTreeSet<String> =
            it.queries.iter().map(|query| read.source(query).name).collect();
        let sources: Vec<String> = sources.into_iter().collect();
        let mut notes = Vec::new();
        if !it.library.is_empty() {
            notes.push(format!("library panel {}", it.library));
        }
        if !it.repeat.is_empty() {
            notes.push(format!("once for each ${}", it.repeat));
        }
        let queries = match (it.queries.len(), it.library.as_str()) {
            // Newer versions keep these with the library panel alone.
            (0, library) if !library.is_empty() => "?".to_owned(),
            (0, _) => String::new(),
            (count, _) => count.to_string(),
        };
        vec![
            it.id.clone(),
            short(&it.title, MOST_TITLE),
            it.kind.clone(),
            sources.join(", "),
            queries,
            short(&it.row, MOST_TITLE),
            notes.join("; "),
        ]
    };
    let columns = ["ID", "TITLE", "TYPE", "DATA SOURCE", "QUERIES", "ROW", "NOTES"];
    Table { columns: columns.map(str::to_owned).to_vec(), rows: shown.iter().map(row).collect() }
}

/// The values that variables have now, each on a line.
pub(crate) fn variables<'a>(variables: impl Iterator<Item = &'a Variable>) -> Vec<Quote> {
    let line = |it: &Variable| {
        let value = match &it.values {
            Values::Known(values) => values.join(", "),
            Values::Raw(text) => format!("All, written as {text}"),
            Values::Auto(count, _) => format!("a {count}th of the time that is shown"),
            Values::Filters(filters) if filters.is_empty() => "no filters".to_owned(),
            Values::Filters(filters) => filters.join(", "),
            Values::Unknown(why) => format!("not known: {why}"),
        };
        let from = match it.source.as_str() {
            "" => it.kind.clone(),
            source => format!("{}: {source}", it.kind),
        };
        short(&super::collapsed(&format!("${} = {value} ({from})", it.name)), MOST_VARIABLE)
    };
    let mut lines: Vec<String> = variables.map(line).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let left_out = lines.len().saturating_sub(MOST_VARIABLES);
    if left_out > 0 {
        lines.truncate(MOST_VARIABLES);
        lines.push(format!("and {left_out} more"));
    }
    vec![Quote { label: "variables".to_owned(), text: lines.join("\n") }]
}
