//! What a PromQL query comes to over time: each series in a few numbers, its shape, and where its level changed.

use crate::ask::{Desk, MOST_SERIES};
use crate::empty;
use crate::labels::Heads;
use crate::narrow::narrowed;
use crate::record::examined_from;
use crate::server::Prometheus;
use crate::span::{self, told};
use crate::table::{Course, Courses, of_courses, of_points};
use crate::unit::{self, Unit};
use evidence::scope::Window;
use mcp::age;
use mcp::answer::{Answer, Page};
use mcp::arguments::{Since, limit};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The tool.
pub struct RunPromqlRange;

/// What to ask, and over which time.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// PromQL.
    query: String,
    since: Option<Since>,
    start: Option<Since>,
    end: Option<Since>,
    /// As 30s; chosen for 60 points.
    step: Option<Since>,
    #[schemars(extend("seldom" = "limit=100"))]
    limit: Option<u64>,
}

/// Rows where nobody says how many; of pods about 1,100 tokens.
const ROWS: u64 = 20;
const MOST_ROWS: u64 = 200;

impl Tool<Prometheus> for RunPromqlRange {
    const NAME: &'static str = "run_promql_range";
    const ABOUT: &'static str = "A PromQL query over time (1h): per series statistics, shape and change of level; points with \
format=json.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let rows = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let desk = Desk::new(server.prometheus()?, call.deadline);
        let range = span::range(desk.now, ask.since, ask.start, ask.end, ask.step)?;
        let window = Window { start: range.start, end: range.end };
        let expression = desk.expression("query", &ask.query)?;
        let found = desk.over(&expression, range).await?;
        let examined = examined_from(&desk.client, range.start, range.end);
        if found.series.is_empty() {
            let answer = Answer {
                summary: format!("No series from {}.", told(range)),
                problems: empty::why(&desk, &expression, range.end).await,
                examined,
                ..Answer::default()
            };
            return Ok(desk.close().into(answer));
        }
        let mut total = found.series.len() as u64;
        let mut exact = true;
        if found.cut {
            let count = format!("count({})", ask.query);
            let count = desk.number(&count, range.end).await.ok().flatten();
            exact = count.is_some_and(|it| it >= MOST_SERIES as f64);
            total = count.map_or(total, |it| (it as u64).max(total));
            desk.note(|record| {
                record.cut(format!(
                    "the first {} series were read; aggregate, or take topk",
                    found.series.len()
                ));
            });
        }
        let mut courses: Vec<Course<'_>> =
            found.series.iter().map(|it| Course::of(it, window, range.step)).collect();
        courses.sort_by(Course::order);
        let changed = courses.iter().filter(|it| it.is_changed()).count();
        courses.truncate(rows);
        let labels = courses.iter().map(|it| &it.series.labels);
        let heads = if call.wants_rows { Heads::of(labels) } else { Heads::short(labels) };
        let unit = expression.tree().map(unit::of).unwrap_or_default();
        let is_histogram = courses.iter().any(Course::is_histogram);
        let unit = if is_histogram { Unit::Plain } else { unit };
        let Courses { mut table, suffix } = of_courses(&courses, &heads, unit, window);
        let mut parts: Vec<String> = vec![
            format!("{}{total} series, {changed} changed", if exact { "" } else { "At least " }),
            // From when to when is told with where it was looked.
            format!("every {}", age::span(range.step)),
            if suffix.is_empty() { String::new() } else { format!("in {suffix}") },
            if is_histogram { "counts of native histograms".to_owned() } else { String::new() },
            match heads.common() {
                common if common.is_empty() || courses.len() == 1 => common,
                common => format!("all {common}"),
            },
        ];
        if !call.wants_rows {
            parts.extend(narrowed(&mut table, heads.columns().len()));
        }
        parts.retain(|part| !part.is_empty());
        let answer = Answer {
            summary: format!("{}.", parts.join("; ")),
            page: Some(Page { returned: courses.len() as u64, total, exact, cursor: None }),
            table: if call.wants_rows { of_points(&courses, &heads) } else { table },
            examined,
            ..Answer::default()
        };
        Ok(desk.close().into(answer))
    }
}
