//! What a metric is: type, unit, help, its labels, where it comes from, and how to ask for it.

use super::list_metrics::lately;
use crate::ask::Desk;
use crate::labels::METRIC;
use crate::record::examined;
use crate::server::Prometheus;
use clients::prometheus::metadata::Metadata;
use mcp::answer::{Answer, Quote, Table};
use mcp::failure::{Code, Failure};
use mcp::nearest::nearest;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The tool.
pub struct GetMetricMetadata;

/// Which metric.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// A metric, or a part of the names of some.
    metric: String,
}

/// Metrics that are told where a part of a name fits several.
const MOST: usize = 8;
/// Labels whose values are counted.
const MOST_LABELS: usize = 12;
/// What a histogram, a summary or a counter puts behind its name.
const SUFFIXES: [&str; 4] = ["_bucket", "_count", "_sum", "_total"];

impl Tool<Prometheus> for GetMetricMetadata {
    const NAME: &'static str = "get_metric_metadata";
    const ABOUT: &'static str =
        "Type, unit, help, labels and jobs of a metric. Use it before writing a query for it.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let metric = ask.metric.trim();
        if metric.is_empty() || metric.contains(['{', '"', '\\']) {
            return Err(Failure::invalid(
                "argument `metric` must be a metric's name or a part of one",
            ));
        }
        let desk = Desk::new(server.prometheus()?, call.deadline);
        let names =
            desk.read(desk.client.label_values(METRIC, None, lately(desk.now))).await?.names;
        if !names.iter().any(|it| it == metric) {
            let fitting: Vec<&str> =
                names.iter().map(String::as_str).filter(|it| it.contains(metric)).collect();
            return match fitting.as_slice() {
                [] => Err(unknown(metric, &names)),
                fitting => {
                    let answer = several(&desk, metric, fitting).await;
                    Ok(desk.close().into(answer))
                }
            };
        }
        let selector = desk.expression("metric", &format!("{{{METRIC}={metric:?}}}"))?;
        let count = format!("count({})", selector.given());
        let jobs = format!("count by (job) ({})", selector.given());
        let (metadata, labels, count, jobs) = tokio::join!(
            metadata(&desk, metric),
            desk.read(desk.client.labels(Some(&selector), lately(desk.now))),
            desk.number(&count, desk.now),
            desk.series(&jobs, desk.now)
        );
        let (metadata, labels) = (metadata?, labels?.names);
        let labels: Vec<&String> = labels.iter().filter(|it| *it != METRIC).collect();
        let rows = counted(&desk, selector.given(), &labels).await;
        let kind = metadata.first().map_or_else(|| by_name(metric), |it| it.kind.as_str());
        let is = match (metadata.first(), kind) {
            (Some(_), kind) => format!("a {kind}"),
            (None, "") => "of unknown type".to_owned(),
            (None, kind) => format!("a {kind} by its name"),
        };
        let unit = metadata.first().map(|it| it.unit.as_str()).filter(|it| !it.is_empty());
        let unit = unit.map(|it| format!(" in {it}")).unwrap_or_default();
        let count = count?.unwrap_or(0.0);
        let jobs: Vec<String> =
            jobs?.series.iter().filter_map(|it| it.labels.get("job").cloned()).collect();
        let from =
            if jobs.is_empty() { String::new() } else { format!(", of job {}", jobs.join(", ")) };
        let answer = Answer {
            summary: format!("{metric} is {is}{unit}: {count} series{from}."),
            quotes: help(&metadata),
            next: vec![format!("run_promql(query={})", usual(metric, kind))],
            table: Table { columns: ["LABEL", "VALUES"].map(str::to_owned).to_vec(), rows },
            examined: examined(&desk.client),
            ..Answer::default()
        };
        Ok(desk.close().into(answer))
    }
}

/// What the targets say of it; those of a histogram say it of the name without its suffix.
async fn metadata(desk: &Desk, metric: &str) -> Result<Vec<Metadata>, Failure> {
    let own = desk.read(desk.client.metadata(metric)).await?;
    let bare = SUFFIXES.iter().find_map(|it| metric.strip_suffix(it));
    match bare {
        Some(bare) if own.is_empty() => desk.read(desk.client.metadata(bare)).await,
        _ => Ok(own),
    }
}

/// What a metric's name says of its type, where nobody else does: VictoriaMetrics keeps no metadata.
fn by_name(metric: &str) -> &'static str {
    if metric.ends_with("_total") { "counter" } else { "" }
}

/// How many values each label has.
async fn counted(desk: &Desk, selector: &str, labels: &[&String]) -> Vec<Vec<String>> {
    let row = |label: &String| {
        let label = label.clone();
        async move {
            let query = format!("count(count by ({label}) ({selector}))");
            let count = desk.number(&query, desk.now).await.ok().flatten();
            vec![label, count.map(|it| it.to_string()).unwrap_or_default()]
        }
    };
    futures::future::join_all(labels.iter().take(MOST_LABELS).map(|it| row(it))).await
}

/// The query that most ask.
fn usual(metric: &str, kind: &str) -> String {
    match kind {
        "counter" => format!("sum(rate({metric}[5m]))"),
        "histogram" if metric.ends_with("_bucket") => {
            format!("histogram_quantile(0.95, sum by (le) (rate({metric}[5m])))")
        }
        "histogram" | "summary" if metric.ends_with("_sum") || metric.ends_with("_count") => {
            format!("sum(rate({metric}[5m]))")
        }
        _ => metric.to_owned(),
    }
}

fn help(metadata: &[Metadata]) -> Vec<Quote> {
    let mut lines: Vec<&str> = metadata.iter().map(|it| it.help.as_str()).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.retain(|it| !it.is_empty());
    match lines.is_empty() {
        true => Vec::new(),
        false => vec![Quote { label: "help".to_owned(), text: lines.join("\n") }],
    }
}

async fn several(desk: &Desk, part: &str, names: &[&str]) -> Answer {
    let row = |name: String| async move {
        let metadata = metadata(desk, &name).await.unwrap_or_default();
        let first = metadata.first().cloned().unwrap_or_default();
        vec![name, first.kind, first.unit, first.help]
    };
    let rows =
        futures::future::join_all(names.iter().take(MOST).map(|it| row((*it).to_owned()))).await;
    Answer {
        summary: format!("{} metrics have {part} in their name.", names.len()),
        table: Table {
            columns: ["METRIC", "TYPE", "UNIT", "HELP"].map(str::to_owned).to_vec(),
            rows,
        },
        page: Some(mcp::answer::Page {
            returned: names.len().min(MOST) as u64,
            total: names.len() as u64,
            exact: true,
            cursor: None,
        }),
        examined: examined(&desk.client),
        ..Answer::default()
    }
}

fn unknown(metric: &str, names: &[String]) -> Failure {
    let near = nearest(metric, names.iter().map(String::as_str));
    Failure {
        code: Code::NotFound,
        message: format!("there is no metric {metric} in the last hour"),
        retryable: false,
        hint: match near.is_empty() {
            true => "list_metrics shows what there is".to_owned(),
            false => format!("did you mean {}?", near.join(", ")),
        },
    }
}
