//! What the database holds, for how long, what takes most of its room, and how the server itself is.

use crate::ask::Desk;
use crate::number::{clock, with_unit};
use crate::record::examined;
use crate::server::Prometheus;
use crate::unit::Unit;
use clients::prometheus::status::{Count, Database, Runtime};
use jiff::Timestamp;
use mcp::age::{age, ago};
use mcp::answer::{Answer, Table};
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The tool.
pub struct GetTsdbStats;

/// Nothing to choose.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {}

/// Metrics that are told, and twice the rows of the other lists.
const ROWS: usize = 10;
/// A database that has no newer sample takes none, in seconds.
const STALE: i64 = 600;

impl Tool<Prometheus> for GetTsdbStats {
    const NAME: &'static str = "get_tsdb_stats";
    const ABOUT: &'static str = "Prometheus' own health: retention, newest sample, series, and what has most series. Use it for slow or \
missing metrics.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, _: Ask, call: &Call) -> Result<Answer, Failure> {
        let desk = Desk::new(server.prometheus()?, call.deadline);
        let (database, runtime, build) = tokio::join!(
            desk.read(desk.client.database(ROWS)),
            desk.read(desk.client.runtime()),
            desk.client.build()
        );
        let who = build.map_or_else(|| "Prometheus".to_owned(), ToString::to_string);
        let database = database.map_err(|failure| match failure.code {
            Code::NotFound => {
                Failure { hint: format!("{who} does not tell what its database holds"), ..failure }
            }
            _ => failure,
        })?;
        let runtime = runtime.unwrap_or_else(|failure| {
            desk.note(|record| match failure.code {
                Code::NotFound => record.warn(format!("{who} does not tell its retention")),
                _ => record.gap(
                    "retention and the last reload",
                    &failure,
                    "see why it does not answer",
                ),
            });
            Runtime::default()
        });
        let answer = Answer {
            summary: summary(&who, &database, &runtime, desk.now),
            problems: problems(&database, &runtime, desk.now),
            table: table(&database),
            examined: examined(&desk.client),
            ..Answer::default()
        };
        Ok(desk.close().into(answer))
    }
}

fn summary(who: &str, database: &Database, runtime: &Runtime, now: Timestamp) -> String {
    let head = &database.head_stats;
    let up = match age(now, runtime.start_time).as_str() {
        "" => String::new(),
        age => format!(", up for {age}"),
    };
    let retention = match runtime.storage_retention.as_str() {
        "" => String::new(),
        retention => format!(", keeps samples for {retention}"),
    };
    let newest = milliseconds(head.max_time);
    let head_of = match (milliseconds(head.min_time), newest) {
        (Some(oldest), Some(newest)) => format!(
            ", its head from {} to {}",
            clock(oldest.as_second() as f64, now),
            clock(newest.as_second() as f64, now)
        ),
        _ => String::new(),
    };
    let chunks = head.chunk_count.map(|it| format!(" in {it} chunks")).unwrap_or_default();
    let series = match database.total_series {
        Some(total) => format!("{total} series today"),
        None => format!("{} series", head.num_series),
    };
    format!("{who}{up}: {series}{chunks}{head_of}{retention}.")
}

fn problems(database: &Database, runtime: &Runtime, now: Timestamp) -> Vec<String> {
    let mut problems = Vec::new();
    if runtime.reload_config_success == Some(false) {
        let when = ago(now, runtime.last_config_time);
        problems.push(format!(
            "its configuration could not be reloaded; what was loaded {when} is in force"
        ));
    }
    if runtime.corruption_count > 0 {
        problems
            .push(format!("its write-ahead log was corrupt {} times", runtime.corruption_count));
    }
    let newest =
        milliseconds(database.head_stats.max_time).filter(|_| database.head_stats.num_series > 0);
    if let Some(late) = newest.map(|at| now.as_second() - at.as_second()).filter(|it| *it > STALE) {
        let newest = ago(now, milliseconds(database.head_stats.max_time));
        problems.push(format!("its newest sample came {newest} ({late} s): nothing is scraped"));
    }
    problems
}

/// A moment; none where the head is empty, which is told as the ends of time.
fn milliseconds(at: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(at).ok().filter(|at| at.as_second() > 0)
}

fn table(database: &Database) -> Table {
    let mut rows = Vec::new();
    let mut list = |what: &str, counts: &[Count], most: usize, unit: Unit| {
        for it in counts.iter().take(most) {
            rows.push(vec![what.to_owned(), it.name.clone(), with_unit(it.value as f64, unit)]);
        }
    };
    list("series of metric", &database.series_count_by_metric_name, ROWS, Unit::Plain);
    list("values of label", &database.label_value_count_by_label_name, ROWS / 2, Unit::Plain);
    list("series with", &database.series_count_by_label_value_pair, ROWS / 2, Unit::Plain);
    list("memory of label", &database.memory_in_bytes_by_label_name, ROWS / 2, Unit::Bytes);
    Table { columns: ["WHAT", "NAME", "COUNT"].map(str::to_owned).to_vec(), rows }
}
