//! Series as rows: the labels that differ, then the value, or what the values over time come to.

use crate::change;
use crate::labels::Heads;
use crate::number::{Scale, clock, digits, percent, with_unit};
use crate::statistics::{self, Statistics};
use crate::unit::Unit;
use clients::prometheus::series::{Point, Series};
use evidence::scope::Window;
use mcp::answer::Table;
use std::cmp::Ordering;

/// Rows with one value each.
pub(crate) fn of_values(series: &[Series], heads: &Heads, unit: Unit) -> Table {
    let has_histograms = series.iter().any(|it| !it.histograms.is_empty());
    let mut columns = heads.columns();
    columns.push("VALUE".to_owned());
    if has_histograms {
        columns.extend(["COUNT", "SUM", "MEAN"].map(str::to_owned));
    }
    let row = |it: &Series| {
        let mut row = heads.cells(&it.labels);
        row.push(it.points.last().map_or_else(|| "-".to_owned(), |it| with_unit(it.value, unit)));
        if has_histograms {
            let cells = it.histograms.last().map(|it| [it.count, it.sum, it.sum / it.count]);
            row.extend(cells.map_or([const { String::new() }; 3], |it| it.map(|it| digits(it, 4))));
        }
        row
    };
    Table { columns, rows: series.iter().map(row).collect() }
}

/// One series over time, with what it comes to.
pub(crate) struct Course<'a> {
    pub(crate) series: &'a Series,
    points: Vec<Point>,
    statistics: Option<Statistics>,
    change: Option<change::Change>,
    gap: Option<String>,
}

impl<'a> Course<'a> {
    /// What the series comes to, in a window that was looked at every `step` seconds.
    pub(crate) fn of(series: &'a Series, window: Window, step: i64) -> Course<'a> {
        let points = values(series);
        let statistics = statistics::of(&points);
        let change = change::of(&points);
        let gap = gap(&points, window, step as f64);
        Course { series, points, statistics, change, gap }
    }

    /// Changes first, then the greatest, then by name.
    pub(crate) fn order(&self, other: &Course<'_>) -> Ordering {
        let most = |it: &Course<'_>| it.statistics.as_ref().map_or(0.0, Statistics::most);
        let changes = other.is_changed().cmp(&self.is_changed());
        let greatest = most(other).total_cmp(&most(self));
        changes.then(greatest).then_with(|| self.series.labels.cmp(&other.series.labels))
    }

    /// Whether its level changed, or it begins, ends or pauses.
    pub(crate) fn is_changed(&self) -> bool {
        self.change.is_some() || self.gap.is_some()
    }

    /// Whether each value is a native histogram.
    pub(crate) fn is_histogram(&self) -> bool {
        self.series.points.is_empty() && !self.series.histograms.is_empty()
    }
}

/// The values; of native histograms the number of observations.
pub(crate) fn values(series: &Series) -> Vec<Point> {
    if series.points.is_empty() {
        return series.histograms.iter().map(|it| Point { at: it.at, value: it.count }).collect();
    }
    series.points.clone()
}

/// Where values are missing: most often a target that went away, or came.
fn gap(points: &[Point], window: Window, step: f64) -> Option<String> {
    let (first, last) = (points.first()?, points.last()?);
    let (start, end) = (seconds(window.start), seconds(window.end));
    let time = |at: f64| clock(at, window.end);
    if last.at + 2.0 * step < end {
        return Some(format!("ends {}", time(last.at)));
    }
    if first.at > start + 2.0 * step {
        return Some(format!("begins {}", time(first.at)));
    }
    let pairs = points.iter().zip(points.iter().skip(1));
    let mut holes = pairs.filter(|(one, next)| next.at - one.at > 1.5 * step);
    let (from, to) = holes.next()?;
    let more = if holes.next().is_some() { ", ..." } else { "" };
    Some(format!("gap {}-{}{more}", time(from.at), time(to.at)))
}

/// Rows with what each series comes to.
pub(crate) struct Courses {
    pub(crate) table: Table,
    /// The unit that the numbers are in; empty for plain ones.
    pub(crate) suffix: &'static str,
}

/// Rows with what each series comes to.
pub(crate) fn of_courses(
    courses: &[Course<'_>],
    heads: &Heads,
    unit: Unit,
    window: Window,
) -> Courses {
    let most = courses.iter().filter_map(|it| it.statistics.as_ref());
    let most = most.map(Statistics::most).filter(|it| it.is_finite());
    let scale = Scale::of(unit, most.fold(0.0, f64::max));
    let cell = |value: f64| match unit {
        Unit::Moment => clock(value, window.end),
        _ => scale.cell(value),
    };
    let (start, end) = (seconds(window.start), seconds(window.end));
    let row = |it: &Course<'_>| {
        let mut row = heads.cells(&it.series.labels);
        let Some(numbers) = &it.statistics else {
            row.extend(["NaN"; 6].map(str::to_owned));
            row.extend([const { String::new() }; 3]);
            return row;
        };
        let Statistics { first, last, min, max, mean, p95 } = *numbers;
        row.extend([first, last, min, max, mean, p95].map(cell));
        row.push(percent(first, last, 0));
        row.push(statistics::shape(&it.points, start, end));
        let level = it.change.as_ref().map(|change| {
            format!(
                "{} {}>{}",
                clock(change.at, window.end),
                cell(change.before),
                cell(change.after)
            )
        });
        let notes: Vec<String> = it.gap.iter().cloned().chain(level).collect();
        row.push(notes.join("; "));
        row
    };
    let mut columns = heads.columns();
    let numbers = ["FIRST", "LAST", "MIN", "MAX", "MEAN", "P95", "CHANGE", "SHAPE", "LEVEL"];
    columns.extend(numbers.map(str::to_owned));
    let suffix = if unit == Unit::Moment { "" } else { scale.suffix };
    Courses { table: Table { columns, rows: courses.iter().map(row).collect() }, suffix }
}

/// Rows with every value, a column for each moment: for programs.
pub(crate) fn of_points(courses: &[Course<'_>], heads: &Heads) -> Table {
    let mut moments: Vec<i64> =
        courses.iter().flat_map(|it| it.points.iter().map(|it| it.at as i64)).collect();
    moments.sort_unstable();
    moments.dedup();
    let mut columns = heads.columns();
    columns.extend(moments.iter().map(ToString::to_string));
    let row = |it: &Course<'_>| {
        let mut row = heads.cells(&it.series.labels);
        let mut points = it.points.iter().peekable();
        for moment in &moments {
            let value = points.next_if(|it| it.at as i64 == *moment);
            row.push(value.map(|it| digits(it.value, 5)).unwrap_or_default());
        }
        row
    };
    Table { columns, rows: courses.iter().map(row).collect() }
}

/// A moment in Unix seconds.
pub(crate) fn seconds(at: jiff::Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}
