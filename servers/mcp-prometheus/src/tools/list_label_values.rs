//! The values that a label has, and how many series each has.

use super::list_metrics::{lately, rows, values};
use crate::ask::Desk;
use crate::labels::METRIC;
use crate::record::examined;
use crate::server::Prometheus;
use mcp::answer::{Answer, Page, Table};
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The tool.
pub struct ListLabelValues;

/// Which label, and of which series.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    label: String,
    /// A selector, as up{job="node"}.
    #[serde(rename = "match")]
    matching: Option<String>,
    #[schemars(extend("seldom" = "limit=500"))]
    limit: Option<u64>,
}

/// Rows where nobody says how many.
const ROWS: u64 = 50;

impl Tool<Prometheus> for ListLabelValues {
    const NAME: &'static str = "list_label_values";
    const ABOUT: &'static str = "Values of a label in the last hour, with their series where match is given. Use it to write selectors.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let rows = rows(ask.limit, ROWS)?;
        let Ask { label, matching, .. } = ask;
        let plain = |it: char| !it.is_control() && !matches!(it, '"' | '\\');
        if label.is_empty() || !label.chars().all(plain) {
            return Err(Failure::invalid(
                "argument `label` must be the name of a label, such as job",
            ));
        }
        let desk = Desk::new(server.prometheus()?, call.deadline);
        let selector = matching.as_deref().map(|it| desk.expression("match", it)).transpose()?;
        let found = values(&desk, &label, selector.as_ref()).await?;
        if found.names.is_empty() {
            return Err(unknown(&desk, &label, selector.as_ref()).await);
        }
        let counts = match (&matching, label.as_str()) {
            // A metric's name cannot be grouped by everywhere.
            (Some(matching), label) if label != METRIC => counts(&desk, label, matching).await,
            _ => BTreeMap::new(),
        };
        let mut counted: Vec<(u64, &String)> =
            found.names.iter().map(|it| (counts.get(it).copied().unwrap_or(0), it)).collect();
        counted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let row = |(count, value): &(u64, &String)| match counts.is_empty() {
            true => vec![(*value).clone()],
            false => vec![(*value).clone(), count.to_string()],
        };
        let rows: Vec<Vec<String>> = counted.iter().take(rows).map(row).collect();
        let columns = if counts.is_empty() { vec!["VALUE"] } else { vec!["VALUE", "SERIES"] };
        let of = matching.map(|it| format!(" in {it}")).unwrap_or_default();
        let answer = Answer {
            summary: format!("{} values of {label}{of} in the last hour.", found.names.len()),
            page: Some(Page {
                returned: rows.len() as u64,
                total: found.names.len() as u64,
                exact: !found.cut,
                cursor: None,
            }),
            table: Table { columns: columns.into_iter().map(str::to_owned).collect(), rows },
            examined: examined(&desk.client),
            ..Answer::default()
        };
        Ok(desk.close().into(answer))
    }
}

/// How many series each value has now; nothing where that could not be found out.
async fn counts(desk: &Desk, label: &str, matching: &str) -> BTreeMap<String, u64> {
    let query = format!("count by ({label}) ({matching})");
    let Ok(found) = desk.series(&query, desk.now).await else { return BTreeMap::new() };
    let count = |mut it: clients::prometheus::series::Series| {
        Some((it.labels.remove(label).unwrap_or_default(), it.points.last()?.value as u64))
    };
    found.series.into_iter().filter_map(count).collect()
}

/// No series has the label.
async fn unknown(
    desk: &Desk,
    label: &str,
    selector: Option<&clients::prometheus::expression::Expression>,
) -> Failure {
    let labels = desk.read(desk.client.labels(selector, lately(desk.now))).await;
    let of = selector.map(|it| format!(" of {}", it.given())).unwrap_or_default();
    let hint = match labels {
        Err(why) => format!("which labels there are could not be read: {}", why.message),
        Ok(it) if it.names.is_empty() && selector.is_some() => {
            "the selector fits no series in the last hour; run_promql says why".to_owned()
        }
        Ok(it) if it.names.is_empty() => "there are no series in the last hour".to_owned(),
        Ok(it) => offer(label, it.names.iter().map(String::as_str)),
    };
    Failure {
        code: Code::NotFound,
        message: format!("no series{of} has the label {label}"),
        retryable: false,
        hint,
    }
}
