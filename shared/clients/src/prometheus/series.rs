//! Series as Prometheus writes them: labels, and values at moments, histograms among them.

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;

/// Labels by name, the metric's own among them as `__name__`.
pub type Labels = BTreeMap<String, String>;

/// One series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// What tells it from others.
    pub labels: Labels,
    /// Its values, the oldest first. In an answer about one moment there is one.
    pub points: Vec<Point>,
    /// Its native histograms, the oldest first.
    pub histograms: Vec<Histogram>,
}

/// A value at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Unix seconds.
    pub at: f64,
    /// The value; may be NaN or infinite.
    pub value: f64,
}

/// A native histogram at a moment; its buckets are not kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Histogram {
    /// Unix seconds.
    pub at: f64,
    /// Observations.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
}

/// One element of a result: a series, or a part of a scalar or a string.
#[derive(Debug)]
pub(crate) enum Element {
    Series(Series),
    Time,
    Text(String),
}

/// A number in a string, as `"+Inf"`; some servers write it plainly.
#[derive(Clone, Copy)]
struct Number(f64);

#[derive(Deserialize)]
struct Sample(f64, Number);

#[derive(Deserialize)]
struct HistogramSample(f64, Buckets);

#[derive(Deserialize)]
struct Buckets {
    count: Number,
    sum: Number,
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series, a time or a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        let mut series = Series::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "metric" => series.labels = map.next_value()?,
                "value" => series.points.push(point(map.next_value()?)),
                "values" => {
                    let values: Vec<Sample> = map.next_value()?;
                    series.points = values.into_iter().map(point).collect();
                }
                "histogram" => series.histograms.push(histogram(map.next_value()?)),
                "histograms" => {
                    let values: Vec<HistogramSample> = map.next_value()?;
                    series.histograms = values.into_iter().map(histogram).collect();
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Element::Series(series))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Element, E> {
        Ok(Element::Time)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Element, E> {
        Ok(Element::Time)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Element, E> {
        Ok(Element::Time)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Element, E> {
        Ok(Element::Text(value.to_owned()))
    }
}

fn point(Sample(at, Number(value)): Sample) -> Point {
    Point { at, value }
}

fn histogram(HistogramSample(at, buckets): HistogramSample) -> Histogram {
    Histogram { at, count: buckets.count.0, sum: buckets.sum.0 }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, as \"1.5\", \"NaN\" or \"+Inf\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
        text.parse().map(Number).map_err(|_| E::custom("a value is no number"))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
        Ok(Number(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number(value as f64))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
        Ok(Number(value as f64))
    }
}
