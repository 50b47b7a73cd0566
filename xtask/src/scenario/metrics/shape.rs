//! One series: its level over time with a little noise that is the same each time, and what is written of it.

use super::Shape;
use anyhow::{Context, Result};
use std::fmt::Write;

/// Bounds of buckets, in seconds, as client libraries have them.
const BUCKETS: [f64; 12] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, f64::INFINITY];

/// What kind of series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Gauge,
    Counter,
    Histogram,
}

/// One series, or one histogram.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// Without braces.
    pub(super) labels: String,
    level: f64,
    noise: f64,
    rate: f64,
    /// Seconds before now, what it becomes, and over how many seconds; the earliest first.
    changes: Vec<(i64, f64, i64)>,
    /// Seconds before now, from and until.
    gaps: Vec<(i64, i64)>,
}

impl Series {
    /// The series of this name and these labels.
    pub(super) fn new(kind: Kind, text: &str, shape: &Shape) -> Result<Series> {
        let (name, labels) = match text.split_once('{') {
            Some((name, rest)) => (name, rest.strip_suffix('}').context("a brace is open")?),
            None => (text, ""),
        };
        let mut changes = Vec::new();
        for change in &shape.changes {
            let over = change.over.as_deref().map(span).transpose()?.unwrap_or_default();
            changes.push((ago(&change.at)?, change.to, over));
        }
        let mut gaps = Vec::new();
        for gap in &shape.gaps {
            let until = gap.until.as_deref().map(ago).transpose()?.unwrap_or_default();
            gaps.push((ago(&gap.from)?, until));
        }
        Ok(Series {
            kind,
            name: name.to_owned(),
            labels: labels.to_owned(),
            level: shape.level,
            noise: shape.noise,
            rate: shape.rate,
            changes,
            gaps,
        })
    }

    /// Writes its samples: so many steps from `start` on, and the last one at the end.
    pub(super) fn write(
        &self,
        text: &mut String,
        labels: &str,
        start: i64,
        steps: i64,
        step: i64,
    ) -> Result<()> {
        match self.kind {
            Kind::Gauge | Kind::Counter => self.line(text, labels, start, steps, step)?,
            Kind::Histogram => self.histogram(text, labels, start, steps, step)?,
        }
        Ok(())
    }

    fn line(
        &self,
        text: &mut String,
        labels: &str,
        start: i64,
        steps: i64,
        step: i64,
    ) -> Result<()> {
        let series = if labels.is_empty() {
            self.name.clone()
        } else {
            format!("{}{{{labels}}}", self.name)
        };
        let mut noise = Noise::of(&series);
        let mut sum = 0.0;
        for at in 0..=steps {
            let ago = (steps - at) * step;
            let value = self.at(ago) * (1.0 + self.noise * noise.next());
            sum += value * step as f64;
            let shown = if self.kind == Kind::Counter { sum } else { value };
            if !self.is_gap(ago) {
                writeln!(text, "{series} {} {}", short(shown), start + at * step)?;
            }
        }
        Ok(())
    }

    /// An exponential distribution, the 99th percentile of which is the level.
    fn histogram(
        &self,
        text: &mut String,
        labels: &str,
        start: i64,
        steps: i64,
        step: i64,
    ) -> Result<()> {
        let comma = if labels.is_empty() { "" } else { "," };
        let mut noise = Noise::of(&format!("{}{labels}", self.name));
        let mut samples = Vec::new();
        let mut below = [0.0_f64; BUCKETS.len()];
        let mut total = 0.0_f64;
        for at in 0..=steps {
            let ago = (steps - at) * step;
            let slowest = self.at(ago) * (1.0 + self.noise * noise.next());
            let mean = slowest / 100.0_f64.ln();
            let count = self.rate * step as f64;
            for (sum, bound) in below.iter_mut().zip(BUCKETS) {
                *sum += count * (1.0 - (-bound / mean).exp());
            }
            total += count * mean;
            if !self.is_gap(ago) {
                samples.push((start + at * step, below, total));
            }
        }
        for (place, bound) in BUCKETS.iter().enumerate() {
            let bound = if bound.is_finite() { bound.to_string() } else { "+Inf".to_owned() };
            for (at, below, _) in &samples {
                let value = below.get(place).copied().unwrap_or_default().round();
                writeln!(
                    text,
                    "{}_bucket{{{labels}{comma}le=\"{bound}\"}} {value} {at}",
                    self.name
                )?;
            }
        }
        let braced = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        for (at, below, _) in &samples {
            let count = below.last().copied().unwrap_or_default().round();
            writeln!(text, "{}_count{braced} {count} {at}", self.name)?;
        }
        for (at, _, total) in &samples {
            writeln!(text, "{}_sum{braced} {} {at}", self.name, short(*total))?;
        }
        Ok(())
    }

    /// What it is so many seconds before now, without noise.
    fn at(&self, ago: i64) -> f64 {
        let mut level = self.level;
        for (at, to, over) in &self.changes {
            let since = at - ago;
            if since < 0 {
                continue;
            }
            level = match over {
                0 => *to,
                over => level + (to - level) * (since as f64 / *over as f64).min(1.0),
            };
        }
        level
    }

    fn is_gap(&self, ago: i64) -> bool {
        self.gaps.iter().any(|(from, until)| (*until..=*from).contains(&ago))
    }
}

/// Numbers between -1 and 1 that are the same for the same name: xorshift, seeded by FNV-1a.
struct Noise(u64);

impl Noise {
    fn of(name: &str) -> Noise {
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Noise(name.bytes().fold(0xcbf2_9ce4_8422_2325, hash) | 1)
    }

    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f64 / f64::from(1 << 23) - 1.0
    }
}

/// Six digits: recordings are kept for long.
fn short(value: f64) -> String {
    let digits = 5 - value.abs().max(1e-9).log10().floor() as i32;
    let scale = 10.0_f64.powi(digits.min(9));
    format!("{}", (value * scale).round() / scale)
}

/// The seconds of `40m ago`.
fn ago(text: &str) -> Result<i64> {
    span(
        text.strip_suffix(" ago")
            .with_context(|| format!("{text:?} is no time such as 40m ago"))?,
    )
}

/// The seconds of `40m`.
fn span(text: &str) -> Result<i64> {
    let (number, unit) = text.split_at(text.len().saturating_sub(1));
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => anyhow::bail!("{text:?} is no span such as 40m"),
    };
    let number: i64 = number.parse().with_context(|| format!("{text:?} is no span such as 40m"))?;
    Ok(number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(kind: Kind, shape: &Shape) -> String {
        let mut text = String::new();
        let series = Series::new(kind, "a{b=\"c\"}", shape).unwrap();
        series.write(&mut text, "b=\"c\"", 0, 4, 30).unwrap();
        text
    }

    #[test]
    fn a_gauge_follows_its_changes() {
        let change = Change { at: "1m ago".to_owned(), to: 5.0, over: None };
        let shape = Shape { level: 1.0, changes: vec![change], ..Shape::default() };
        let values: Vec<String> = series(Kind::Gauge, &shape)
            .lines()
            .map(|it| it.split(' ').nth(1).unwrap().to_owned())
            .collect();
        assert_eq!(values, ["1", "1", "5", "5", "5"]);
    }

    #[test]
    fn a_counter_adds_up_and_a_gap_leaves_out() {
        let gap = Gap { from: "1m ago".to_owned(), until: Some("30s ago".to_owned()) };
        let shape = Shape { level: 2.0, gaps: vec![gap], ..Shape::default() };
        assert_eq!(
            series(Kind::Counter, &shape),
            "a{b=\"c\"} 60 0\na{b=\"c\"} 120 30\na{b=\"c\"} 300 120\n"
        );
    }

    use super::super::{Change, Gap};
}
