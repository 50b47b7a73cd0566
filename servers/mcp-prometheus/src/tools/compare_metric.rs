//! A query now against the same query at another time: which series differ by more than they usually do.

use crate::ask::Desk;
use crate::empty;
use crate::labels::Heads;
use crate::number::{Scale, digits, percent};
use crate::record::examined_from;
use crate::server::Prometheus;
use crate::span::{LONGEST, chosen, told};
use crate::statistics::{self, Statistics, quantile};
use crate::table::values;
use crate::unit;
use clients::prometheus::query::{Found, Range};
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
    /// Where it was there.
    there: There,
    /// What it came to; none where it was not there, and where it had no numbers.
    now: Option<Statistics>,
    then: Option<Statistics>,
    /// How far the middle moved, in widths of the middle half of the baseline; none where one of them is missing.
    widths: Option<f64>,
}

/// When a series was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum There {
    Always,
    /// Only now.
    Now,
    /// Only then.
    Then,
    /// Only in one of the two; the other was not read to its end, so it may be there as well.
    Unknown,
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
        let mut pairs = paired(&found, &before);
        pairs.sort_by(|a, b| {
            b.weight().total_cmp(&a.weight()).then_with(|| a.labels.cmp(&b.labels))
        });
        let unit = expression.tree().map(unit::of).unwrap_or_default();
        let most = pairs.iter().flat_map(|it| [&it.now, &it.then]).flatten();
        let most = most.map(Statistics::most).filter(|it| it.is_finite()).fold(0.0, f64::max);
        let scale = Scale::of(unit, most);
        let count = |of: fn(&Pair) -> bool| pairs.iter().filter(|it| of(it)).count();
        let moved = match found.cut || before.cut {
            true => "which are new or gone is not known".to_owned(),
            false => {
                let (new, gone) =
                    (count(|it| it.there == There::Now), count(|it| it.there == There::Then));
                format!("{new} new, {gone} gone")
            }
        };
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
                "{} of {} series differ, {moved}: {} against {} before{suffix}{common}.",
                count(Pair::differs),
                pairs.len(),
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

fn paired(found: &Found, before: &Found) -> Vec<Pair> {
    let mut pairs: BTreeMap<&Labels, (Option<&Series>, Option<&Series>)> = BTreeMap::new();
    for series in &found.series {
        pairs.entry(&series.labels).or_default().0 = Some(series);
    }
    for series in &before.series {
        pairs.entry(&series.labels).or_default().1 = Some(series);
    }
    let of = |series: Option<&Series>| series.and_then(|it| statistics::of(&values(it)));
    let there = |now: Option<&Series>, then: Option<&Series>| match (now, then) {
        (Some(_), None) if !before.cut => There::Now,
        (None, Some(_)) if !found.cut => There::Then,
        (Some(_), Some(_)) => There::Always,
        _ => There::Unknown,
    };
    let pair = |(labels, (now, then)): (&Labels, (Option<&Series>, Option<&Series>))| Pair {
        labels: labels.clone(),
        there: there(now, then),
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
            values(series).iter().map(|it| it.value).filter(|it| it.is_finite()).collect();
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
        match (self.there, self.widths) {
            (There::Now | There::Then, _) => f64::INFINITY,
            (_, Some(widths)) => widths.abs().min(f64::MAX),
            (_, None) => 0.0,
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
        (Some(then), Some(now)) => percent(then.mean, now.mean, 1),
        _ => String::new(),
    });
    row.push(cell(&it.now, |it| it.p95));
    row.push(cell(&it.then, |it| it.p95));
    row.push(verdict(it));
    row
}

fn verdict(it: &Pair) -> String {
    match (it.there, it.widths) {
        (There::Now, _) => "new".to_owned(),
        (There::Then, _) => "gone".to_owned(),
        (There::Unknown, _) => "read once only".to_owned(),
        (There::Always, None) => "no numbers to compare".to_owned(),
        (_, Some(widths)) if widths.abs() >= 1000.0 => {
            format!("{}, was steady", if widths > 0.0 { "higher" } else { "lower" })
        }
        (_, Some(widths)) if widths >= WIDE => format!("higher, {} widths", digits(widths, 2)),
        (_, Some(widths)) if widths <= -WIDE => format!("lower, {} widths", digits(-widths, 2)),
        _ => "as usual".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::METRIC;
    use clients::prometheus::series::{Histogram, Point};

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

    fn verdicts(now: Option<&Series>, then: Option<&Series>, cut: bool) -> Vec<String> {
        let of = |series: Option<&Series>| Found {
            series: series.into_iter().cloned().collect(),
            cut,
            over_time: true,
        };
        paired(&of(now), &of(then)).iter().map(verdict).collect()
    }

    #[test]
    fn what_has_no_numbers_is_there_all_the_same() {
        let (none, some) = (series(&[f64::NAN; 3]), series(&[1.0; 3]));
        assert_eq!(verdicts(Some(&none), Some(&some), false), ["no numbers to compare"]);
        assert_eq!(verdicts(Some(&none), Some(&none), false), ["no numbers to compare"]);
        assert_eq!(verdicts(Some(&some), None, false), ["new"]);
    }

    #[test]
    fn native_histograms_are_compared_by_their_counts() {
        let of = |count: f64| {
            let at = |at: i32| Histogram { at: f64::from(at), count, sum: 1.0 };
            Series { points: Vec::new(), histograms: (0..5).map(at).collect(), ..series(&[]) }
        };
        assert_eq!(verdicts(Some(&of(5.0)), Some(&of(5.0)), false), ["as usual"]);
        assert_eq!(verdicts(Some(&of(50.0)), Some(&of(5.0)), false), ["higher, 90 widths"]);
    }

    #[test]
    fn what_was_not_read_to_its_end_makes_nothing_new_or_gone() {
        let some = series(&[1.0; 3]);
        assert_eq!(verdicts(Some(&some), None, true), ["read once only"]);
        assert_eq!(verdicts(None, Some(&some), true), ["read once only"]);
    }
}
