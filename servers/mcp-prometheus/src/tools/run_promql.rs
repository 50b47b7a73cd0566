//! What a PromQL query comes to at one moment.

use crate::ask::{Desk, MOST_SERIES};
use crate::empty;
use crate::labels::Heads;
use crate::narrow::narrowed;
use crate::number::{moment, with_unit};
use crate::record::examined;
use crate::server::Prometheus;
use crate::table::{Course, Courses, of_courses, of_values, seconds};
use crate::unit::{self, Unit};
use clients::prometheus::expression::Expression;
use clients::prometheus::query::{Found, Outcome};
use clients::prometheus::series::Series;
use evidence::scope::Window;
use jiff::Timestamp;
use mcp::answer::{Answer, Page};
use mcp::arguments::{Since, limit};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use promql_parser::parser::Expr;
use schemars::JsonSchema;
use serde::Deserialize;
use std::cmp::Ordering;

/// The tool.
pub struct RunPromql;

/// What to ask.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// PromQL.
    query: String,
    /// As now, 10m ago as 10m, or RFC 3339.
    time: Option<Since>,
    #[schemars(extend("seldom" = "limit=100"))]
    limit: Option<u64>,
}

/// Rows where nobody says how many; some 500 tokens.
const ROWS: u64 = 20;
const MOST_ROWS: u64 = 200;

impl Tool<Prometheus> for RunPromql {
    const NAME: &'static str = "run_promql";
    const ABOUT: &'static str = "A PromQL query at one moment, greatest values first; says why an answer is empty. Use \
run_promql_range for a course over time.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let rows = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let desk = Desk::new(server.prometheus()?, call.deadline);
        let at = ask.time.map_or(desk.now, |time| time.seen_from(desk.now));
        if at > desk.now {
            return Err(Failure::invalid(format!(
                "argument `time` must not be after now, {}",
                desk.now
            )));
        }
        let expression = desk.expression("query", &ask.query)?;
        let unit = expression.tree().map(unit::of).unwrap_or_default();
        let when = moment(seconds(at));
        let mut answer = match desk.at(&expression, at).await? {
            Outcome::Scalar(value) => {
                summarised(format!("It is {} at {when}.", with_unit(value, unit)))
            }
            Outcome::Text(text) => summarised(format!("It is {text:?} at {when}.")),
            Outcome::Series(found) if found.series.is_empty() => Answer {
                problems: empty::why(&desk, &expression, at).await,
                ..summarised(format!("No series at {when}."))
            },
            Outcome::Series(found) if found.over_time => {
                course(&expression, &found, unit, at, rows, call)
            }
            Outcome::Series(found) => values(&desk, &expression, found, unit, at, rows, call).await,
        };
        answer.examined = examined(&desk.client);
        Ok(desk.close().into(answer))
    }
}

/// How the labels of what is shown are told: programs get whole names.
fn heads(shown: &[Series], call: &Call) -> Heads {
    let labels = shown.iter().map(|it| &it.labels);
    if call.wants_rows { Heads::of(labels) } else { Heads::short(labels) }
}

fn summarised(summary: String) -> Answer {
    Answer { summary, ..Answer::default() }
}

async fn values(
    desk: &Desk,
    expression: &Expression,
    mut found: Found,
    unit: Unit,
    at: Timestamp,
    rows: usize,
    call: &Call,
) -> Answer {
    let mut total = found.series.len() as u64;
    let mut exact = true;
    if found.cut {
        (total, exact) = whole(desk, expression, &mut found, at, rows).await;
    }
    if !is_sorted(expression) {
        found.series.sort_by(order);
    }
    let greatest = if is_sorted(expression) { "in the query's order" } else { "greatest first" };
    let shown = found.series.get(..rows).unwrap_or(&found.series);
    let heads = heads(shown, call);
    let common = match heads.common().as_str() {
        "" if shown.len() == 1 => String::new(),
        "" => format!(", {greatest}"),
        common if shown.len() == 1 => format!(": {common}"),
        common => format!(", {greatest}; all {common}"),
    };
    let about = if exact { "" } else { "At least " };
    let summary = format!("{about}{total} series at {}{common}.", moment(seconds(at)));
    Answer {
        summary,
        table: of_values(shown, &heads, unit),
        page: Some(Page { returned: shown.len() as u64, total, exact, cursor: None }),
        ..Answer::default()
    }
}

/// Of an answer too long to be read the number of series is asked for, and the greatest.
async fn whole(
    desk: &Desk,
    expression: &Expression,
    found: &mut Found,
    at: Timestamp,
    rows: usize,
) -> (u64, bool) {
    let (count, greatest) =
        (format!("count({})", expression.given()), format!("topk({rows}, {})", expression.given()));
    let (count, greatest) = tokio::join!(desk.number(&count, at), desk.series(&greatest, at));
    let total = count.ok().flatten().filter(|it| *it >= found.series.len() as f64);
    match greatest {
        Ok(greatest) if !greatest.series.is_empty() => found.series = greatest.series,
        _ => desk.note(|record| {
            record
                .warn(format!("the rows are the greatest of the first {MOST_SERIES} series alone"));
        }),
    }
    desk.note(|record| {
        record.cut("too many series to read; aggregate, or add label matchers".to_owned());
    });
    total.map_or((MOST_SERIES as u64, false), |total| (total as u64, true))
}

/// The greatest first, what is no number last, the same by name.
fn order(one: &Series, other: &Series) -> Ordering {
    let (first, second) = (value(one), value(other));
    let numbers = first.is_nan().cmp(&second.is_nan()).then(second.total_cmp(&first));
    numbers.then_with(|| one.labels.cmp(&other.labels))
}

fn value(series: &Series) -> f64 {
    let histogram = || series.histograms.last().map(|it| it.count);
    series.points.last().map(|it| it.value).or_else(histogram).unwrap_or(f64::NAN)
}

/// Whether the query itself orders its series.
fn is_sorted(expression: &Expression) -> bool {
    match expression.tree() {
        Some(Expr::Call(call)) => call.func.name.starts_with("sort"),
        Some(Expr::Aggregate(it)) => it.op.to_string() == "bottomk",
        _ => false,
    }
}

/// A query that ends in a range selector brings the samples themselves.
fn course(
    expression: &Expression,
    found: &Found,
    unit: Unit,
    at: Timestamp,
    rows: usize,
    call: &Call,
) -> Answer {
    let range = match expression.tree() {
        Some(Expr::MatrixSelector(matrix)) => i64::try_from(matrix.range.as_secs()).unwrap_or(3600),
        Some(Expr::Subquery(subquery)) => i64::try_from(subquery.range.as_secs()).unwrap_or(3600),
        _ => 3600,
    };
    let start = Timestamp::from_second(at.as_second() - range).unwrap_or(at);
    let window = Window { start, end: at };
    let shown = found.series.get(..rows).unwrap_or(&found.series);
    let courses: Vec<Course<'_>> = shown.iter().map(|it| Course::of(it, window, range)).collect();
    let heads = heads(shown, call);
    let Courses { mut table, suffix } = of_courses(&courses, &heads, unit, window);
    let samples: usize = found.series.iter().map(|it| it.points.len()).sum();
    let suffix = if suffix.is_empty() { String::new() } else { format!(", in {suffix}") };
    let mut parts = vec![heads.common()];
    if !call.wants_rows {
        parts.extend(narrowed(&mut table, heads.columns().len()));
    }
    parts.retain(|part| !part.is_empty());
    let said = if parts.is_empty() { String::new() } else { format!(": {}", parts.join("; ")) };
    Answer {
        summary: format!("{} series with {samples} samples{suffix}{said}.", found.series.len()),
        table,
        page: Some(Page {
            returned: shown.len() as u64,
            total: found.series.len() as u64,
            exact: !found.cut,
            cursor: None,
        }),
        ..Answer::default()
    }
}
