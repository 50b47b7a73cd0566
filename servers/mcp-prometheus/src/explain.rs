//! A rule's expression taken apart into the conditions that it joins, and what each comes to now.

pub(crate) mod lacking;
pub(crate) mod parts;

use crate::ask::Desk;
use crate::labels::METRIC;
use crate::number::{clock, digits, with_unit};
use crate::span::chosen;
use crate::unit;
use clients::prometheus::series::{Labels, Series};
use evidence::scope::Window;
use futures::future::join_all;
use jiff::Timestamp;
use mcp::age::span;
use mcp::answer::Table;
use mcp::outside::leaves_as_it_is;
use parts::{Limit, Part};

/// The time that is looked at for when a condition began to hold, at least and at most, in seconds.
const LEAST: i64 = 3_600;
const MOST: i64 = 24 * 3_600;
/// Characters of a part that is shown.
const SHOWN: usize = 110;

/// What a part comes to.
pub(crate) struct Measured {
    /// The value that decides, with its unit.
    now: String,
    /// The limit, as `> 0.05`.
    limit: String,
    /// How many of how many series fit; none where nothing is compared.
    holds: Option<(usize, usize)>,
    /// Since when it holds, or until when it held.
    since: String,
}

/// What is being explained.
pub(crate) struct Scene<'a> {
    pub(crate) desk: &'a Desk,
    /// The labels of the alert, where one is active: other series do not matter then.
    pub(crate) alert: Option<&'a Labels>,
    /// Since when its expression holds.
    pub(crate) active: Option<Timestamp>,
}

impl Scene<'_> {
    /// What all parts come to, at once.
    pub(crate) async fn measure(&self, parts: &[Part]) -> Vec<Measured> {
        join_all(parts.iter().map(|part| self.part(part))).await
    }

    async fn part(&self, part: &Part) -> Measured {
        let now = self.desk.now;
        let left = match self.desk.series(&part.text, now).await {
            Ok(found) => self.own(found.series),
            Err(failure) => return Measured::unknown(&failure.message),
        };
        let unit = self.desk.client.expression(&part.text).ok();
        let unit = unit.and_then(|it| it.tree().map(unit::of)).unwrap_or_default();
        let Some(Limit { op, right, number }) = &part.limit else {
            return Measured {
                now: match left.iter().map(value).reduce(f64::max) {
                    None => "no series".to_owned(),
                    Some(most) if left.len() == 1 => with_unit(most, unit),
                    Some(most) => {
                        format!("{}, at most {}", series(left.len()), with_unit(most, unit))
                    }
                },
                limit: String::new(),
                holds: None,
                since: String::new(),
            };
        };
        let (fits, since) = tokio::join!(self.fitting(part, &left), self.since(part));
        let decides = decisive(&left, op, *number);
        let limit = match number {
            Some(number) => format!("{op} {}", with_unit(*number, unit)),
            None => match self.desk.series(right, now).await.map(|it| self.own(it.series)) {
                Ok(right) => match right.iter().map(value).reduce(f64::max) {
                    Some(value) => format!("{op} {}", with_unit(value, unit)),
                    None => format!("{op} nothing: `{}` has no series", short(right_text(part))),
                },
                Err(failure) => format!("{op} unknown: {}", failure.message),
            },
        };
        Measured {
            now: decides.map_or_else(|| "no series".to_owned(), |it| with_unit(it, unit)),
            limit,
            holds: fits.map(|fits| (fits, left.len())),
            since,
        }
    }

    /// How many series fit the condition; none where that could not be found out.
    async fn fitting(&self, part: &Part, left: &[Series]) -> Option<usize> {
        let limit = part.limit.as_ref()?;
        if let Some(number) = limit.number {
            return Some(
                left.iter().filter(|it| parts::fits(value(it), &limit.op, number)).count(),
            );
        }
        let found = self.desk.series(&part.whole(), self.desk.now).await.ok()?;
        Some(self.own(found.series).len())
    }

    /// Since when the condition holds without a break, or when it held last.
    async fn since(&self, part: &Part) -> String {
        let now = self.desk.now;
        let length = self.active.map_or(LEAST, |at| 2 * (now.as_second() - at.as_second()));
        let start = now.as_second() - length.clamp(LEAST, MOST);
        let start = Timestamp::from_second(start).unwrap_or(now);
        let range = chosen(Window { start, end: now });
        let Ok(whole) = self.desk.client.expression(&part.whole()) else { return String::new() };
        let Ok(found) = self.desk.over(&whole, range).await else { return String::new() };
        // For as long as any series fits: one pod may take over from another.
        let mut moments: Vec<i64> = self
            .own(found.series)
            .iter()
            .flat_map(|it| it.points.iter().map(|it| it.at as i64))
            .collect();
        moments.sort_unstable();
        moments.dedup();
        let Some(last) = moments.last().copied() else {
            return format!("not in the last {}", span(now.as_second() - range.start.as_second()));
        };
        if last + range.step < now.as_second() {
            return format!("held until {}", clock(last as f64, now));
        }
        let mut first = last;
        for moment in moments.iter().rev() {
            if first - moment > range.step {
                break;
            }
            first = *moment;
        }
        let ago = span(now.as_second() - first);
        match first <= range.start.as_second() {
            true => format!("for {ago} at least"),
            false => format!("since {} ({ago})", clock(first as f64, now)),
        }
    }

    /// The series that this alert can be about.
    fn own(&self, mut series: Vec<Series>) -> Vec<Series> {
        if let Some(alert) = self.alert {
            let is_own = |it: &Series| {
                let same = |(name, value): (&String, &String)| {
                    name == METRIC || alert.get(name).is_none_or(|its| its == value)
                };
                it.labels.iter().all(same)
            };
            // A label that the rule itself sets may stand for another one.
            if series.iter().any(is_own) {
                series.retain(is_own);
            }
        }
        series
    }
}

impl Measured {
    fn unknown(why: &str) -> Measured {
        let now = format!("unknown: {why}");
        Measured { now, limit: String::new(), holds: None, since: String::new() }
    }

    /// Whether the condition holds for any series; none where nothing is compared or nobody could tell.
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.holds.map(|(fits, _)| fits > 0)
    }

    /// There is nothing that could be compared.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self.holds, Some((_, 0)))
    }

    /// `0.03, where > 0.05 is asked`.
    pub(crate) fn told(&self) -> String {
        format!("{}, and it must be {}", self.now, self.limit)
    }
}

/// The parts with what they come to.
pub(crate) fn table(parts: &[Part], measured: &[Measured]) -> Table {
    let row = |(part, it): (&Part, &Measured)| {
        let indent = "  ".repeat(part.depth);
        let join = if part.join.is_empty() { String::new() } else { format!("{} ", part.join) };
        let holds = match it.holds {
            None => String::new(),
            Some((0, 0)) => "no".to_owned(),
            Some((fits, 1)) => if fits == 1 { "yes" } else { "no" }.to_owned(),
            Some((fits, all)) => format!("{} of {all}", fits.min(all)),
        };
        vec![
            it.now.clone(),
            it.limit.clone(),
            holds,
            it.since.clone(),
            format!("{indent}{join}{}", short(&part.text)),
        ]
    };
    let columns = ["VALUE", "LIMIT", "HOLDS", "SINCE", "PART"].map(str::to_owned).to_vec();
    Table { columns, rows: parts.iter().zip(measured).map(row).collect() }
}

/// The value that is nearest to fitting, or fits best.
fn decisive(series: &[Series], op: &str, number: Option<f64>) -> Option<f64> {
    let values = series.iter().map(value).filter(|it| !it.is_nan());
    match op {
        "<" | "<=" => values.reduce(f64::min),
        "==" | "!=" => {
            let number = number.unwrap_or_default();
            values.reduce(|a, b| if (b - number).abs() < (a - number).abs() { b } else { a })
        }
        _ => values.reduce(f64::max),
    }
}

fn value(series: &Series) -> f64 {
    series.points.last().map_or(f64::NAN, |it| it.value)
}

fn right_text(part: &Part) -> &str {
    part.limit.as_ref().map_or("", |it| &it.right)
}

fn series(count: usize) -> String {
    format!("{} series", digits(count as f64, 4))
}

/// A part of an expression, short enough for a cell, unless a secret in it would be cut in two.
pub(crate) fn short(text: &str) -> String {
    if text.chars().count() <= SHOWN || !leaves_as_it_is(text) {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(SHOWN - 1).collect::<String>())
}
