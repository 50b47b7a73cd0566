//! A query now against the same query at another time: which series differ by more than they usually do.

use crate::ask::Desk;
use crate::empty;
use crate::labels::Heads;
use crate::number::{Scale, digits, percent};
use crate::record::examined_from;
use crate::server::Prometheus;
use crate::span::{LONGEST, chosen, told};
use crate::statistics::{self, Statistics, quantile};
use crate::unit;
use clients::prometheus::query::Range;
use clients::prometheus::series::{Labels, Series};
use evidence::scope::Window;
use jiff::Timestamp;
use mcp::age::span;
use mcp::answer::{Answer, Page, Table};
use mcp::arguments::Since;
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The tool.
pub struct CompareMetric;

/// What to compare.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// PromQL.
    query: String,
    /// Length, as 30m.
    window: Option<Since>,
    /// How long before, as 1d; default: the time just before.
    baseline: Option<Since>,
    end: Option<Since>,
}

/// The length where none is named, in seconds.
const WINDOW: i64 = 1_800;
/// Rows.
const ROWS: usize = 20;
/// Beyond so many usual widths a series is called different. One width is the range of the middle half of its baseline.
const WIDE: f64 = 3.0;
/// And by at least this share, so that a series that never moved may move a little.
const SHARE: f64 = 0.05;

/// One series in both times.
struct Pair {
    labels: Labels,
    now: Option<Statistics>,
    then: Option<Statistics>,
    /// How far the middle moved, in widths of the middle half of the baseline; none where one of them is missing.
    widths: Option<f64>,
}

impl Tool<Prometheus> for CompareMetric {
    const NAME: &'static str = "compare_metric";
    const ABOUT: &'static str = "A PromQL query in a window against a baseline before it: which series differ, came or went. Use it for \
what changed.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let length = ago("window", ask.window, WINDOW)?;
        let back = ago("baseline", ask.baseline, length)?;
        let desk = Desk::new(server.prometheus()?, call.deadline);
        let end = ask.end.map_or(desk.now, |end| end.seen_from(desk.now)).min(desk.now);
        let expression = desk.expression("query", &ask.query)?;
        let (now, then) = (window(end, 0, length), window(end, back, length));
        let (found, before) =
            tokio::join!(desk.over(&expression, now), desk.over(&expression, then));
        let (found, before) = (found?, before?);
        let examined = examined_from(&desk.client, then.start, now.end);
        if found.series.is_empty() && before.series.is_empty() {
            let answer = Answer {
                summary: format!(
                    "No series, neither from {} nor {} before.",
                    told(now),
                    span(back)
                ),
                problems: empty::why(&desk, &expression, end).await,
                examined,
                ..Answer::default()
            };
            return Ok(desk.close().into(answer));
        }
        if found.cut || before.cut {
            desk.note(|record| {
                record.cut("too many series to read; aggregate, or add label matchers".to_owned())
            });
        }
        let mut pairs = paired(&found.series, &before.series);
        pairs.sort_by(|a, b| {
            b.weight().total_cmp(&a.weight()).then_with(|| a.labels.cmp(&b.labels))
        });
        let unit = expression.tree().map(unit::of).unwrap_or_default();
        let most = pairs.iter().flat_map(|it| [&it.now, &it.then]).flatten();
        let most = most.map(Statistics::most).filter(|it| it.is_finite()).fold(0.0, f64::max);
        let scale = Scale::of(unit, most);
        let count = |of: fn(&Pair) -> bool| pairs.iter().filter(|it| of(it)).count();
        let heads = Heads::of(pairs.iter().take(ROWS).map(|it| &it.labels));
        let suffix =
            if scale.suffix.is_empty() { String::new() } else { format!(", in {}", scale.suffix) };
        let common = match heads.common() {
            common if common.is_empty() => String::new(),
            common => format!("; all {common}"),
        };
        let mut columns = heads.columns();
        columns.extend(["MEAN", "BEFORE", "CHANGE", "P95", "BEFORE", "VERDICT"].map(str::to_owned));
        let answer = Answer {
            summary: format!(
                "{} of {} series differ, {} new, {} gone: {} against {} before{suffix}{common}.",
                count(Pair::differs),
                pairs.len(),
                count(|it| it.then.is_none()),
                count(|it| it.now.is_none()),
                told(now),
                span(back)
            ),
            page: Some(Page {
                returned: pairs.len().min(ROWS) as u64,
                total: pairs.len() as u64,
                exact: !(found.cut || before.cut),
                cursor: None,
            }),
            table: Table {
                columns,
                rows: pairs.iter().take(ROWS).map(|it| row(it, &heads, scale)).collect(),
            },
            examined,
            ..Answer::default()
        };
        Ok(desk.close().into(answer))
    }
}

/// A length of time that an argument gives, in seconds.
fn ago(name: &str, given: Option<Since>, default: i64) -> Result<i64, Failure> {
    match given {
        None => Ok(default),
        Some(Since::Ago(seconds)) if (1..=LONGEST).contains(&seconds) => Ok(seconds),
        Some(_) => Err(Failure::invalid(format!(
            "argument `{name}` must be a length of time such as 30m, 1d or 1w, at most {}",
            span(LONGEST)
        ))),
    }
}

fn window(end: Timestamp, back: i64, length: i64) -> Range {
    let at = |second: i64| Timestamp::from_second(second).unwrap_or(end);
    let end = end.as_second() - back;
    chosen(Window { start: at(end - length), end: at(end) })
}

fn paired(now: &[Series], then: &[Series]) -> Vec<Pair> {
    let mut pairs: BTreeMap<&Labels, (Option<&Series>, Option<&Series>)> = BTreeMap::new();
    for series in now {
        pairs.entry(&series.labels).or_default().0 = Some(series);
    }
    for series in then {
        pairs.entry(&series.labels).or_default().1 = Some(series);
    }
    let of = |series: Option<&Series>| series.and_then(|it| statistics::of(&it.points));
    let pair = |(labels, (now, then)): (&Labels, (Option<&Series>, Option<&Series>))| Pair {
        labels: labels.clone(),
        now: of(now),
        then: of(then),
        widths: now.zip(then).and_then(|(now, then)| widths(now, then)),
    };
    pairs.into_iter().map(pair).collect()
}

/// How far the middle moved, in widths of the middle half of the baseline.
fn widths(now: &Series, then: &Series) -> Option<f64> {
    let sorted = |series: &Series| {
        let mut values: Vec<f64> =
            series.points.iter().map(|it| it.value).filter(|it| it.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let (now, then) = (sorted(now), sorted(then));
    if now.is_empty() || then.is_empty() {
        return None;
    }
    let (middle, before) = (quantile(&now, 0.5), quantile(&then, 0.5));
    let moved = middle - before;
    if moved.abs() <= SHARE * before.abs().max(middle.abs()) {
        return Some(0.0);
    }
    let width = quantile(&then, 0.75) - quantile(&then, 0.25);
    // What never moved has no width; a tenth of its level stands for it.
    Some(moved / width.max(0.1 * before.abs()).max(f64::MIN_POSITIVE))
}

impl Pair {
    fn differs(&self) -> bool {
        self.widths.is_some_and(|it| it.abs() >= WIDE)
    }

    /// What to show first: what came or went, then what moved most.
    fn weight(&self) -> f64 {
        match self.widths {
            Some(widths) => widths.abs().min(f64::MAX),
            None => f64::INFINITY,
        }
    }
}

fn row(it: &Pair, heads: &Heads, scale: Scale) -> Vec<String> {
    let mut row = heads.cells(&it.labels);
    let cell = |of: &Option<Statistics>, value: fn(&Statistics) -> f64| {
        of.as_ref().map_or_else(|| "-".to_owned(), |it| scale.cell(value(it)))
    };
    row.push(cell(&it.now, |it| it.mean));
    row.push(cell(&it.then, |it| it.mean));
    row.push(match (&it.then, &it.now) {
        (Some(then), Some(now)) => percent(then.mean, now.mean),
        _ => String::new(),
    });
    row.push(cell(&it.now, |it| it.p95));
    row.push(cell(&it.then, |it| it.p95));
    row.push(match (&it.now, &it.then, it.widths) {
        (Some(_), None, _) => "new".to_owned(),
        (None, _, _) => "gone".to_owned(),
        (_, _, Some(widths)) if widths.abs() >= 1000.0 => {
            format!("{}, was steady", if widths > 0.0 { "higher" } else { "lower" })
        }
        (_, _, Some(widths)) if widths >= WIDE => format!("higher, {} widths", digits(widths, 2)),
        (_, _, Some(widths)) if widths <= -WIDE => format!("lower, {} widths", digits(-widths, 2)),
        _ => "as usual".to_owned(),
    });
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::METRIC;
    use clients::prometheus::series::Point;

    fn series(values: &[f64]) -> Series {
        let at = |(at, value): (usize, &f64)| Point { at: at as f64, value: *value };
        Series {
            labels: Labels::from([(METRIC.to_owned(), "a".to_owned())]),
            points: values.iter().enumerate().map(at).collect(),
            ..Series::default()
        }
    }

    #[test]
    fn a_move_counts_by_what_is_usual() {
        let noisy = series(&[1.0, 5.0, 9.0, 2.0, 8.0]);
        let steady = series(&[5.0, 5.1, 4.9, 5.0, 5.0]);
        let higher = series(&[8.0, 8.1, 8.0]);
        assert!(widths(&higher, &noisy).unwrap() < WIDE);
        assert!(widths(&higher, &steady).unwrap() >= WIDE);
        assert_eq!(widths(&series(&[5.05]), &steady), Some(0.0));
        assert_eq!(widths(&series(&[f64::NAN]), &steady), None);
    }
}
