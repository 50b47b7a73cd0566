//! What a query comes to, as JSON text. Written by hand, since a number is a text in it, and a time a number.

use crate::prometheus::number;
use crate::prometheus::promql::Outcome;
use crate::snapshot::metrics::labels::Labels;
use crate::snapshot::metrics::{Sample, Series};
use std::fmt::Write;

/// The `data` of an instant query at a time.
pub(crate) fn outcome(outcome: &Outcome, at: i64) -> String {
    let (kind, result) = match outcome {
        Outcome::Scalar(value) => ("scalar", sample(Sample { at, value: *value })),
        Outcome::Text(text) => ("string", format!("[{},{}]", seconds(at), quoted(text))),
        Outcome::Vector(series) => ("vector", list(series, |one| vector_element(one, at))),
        Outcome::Matrix(series) => return matrix(series),
    };
    format!("{{\"resultType\":\"{kind}\",\"result\":{result}}}")
}

/// The `data` of a range query.
pub(crate) fn matrix(series: &[Series]) -> String {
    let result = list(series, |one| {
        let samples = list(&one.samples, |one| sample(*one));
        format!("{{\"metric\":{},\"values\":{samples}}}", labels(&one.labels))
    });
    format!("{{\"resultType\":\"matrix\",\"result\":{result}}}")
}

fn vector_element(series: &Series, at: i64) -> String {
    let value = series.samples.first().map_or(f64::NAN, |sample| sample.value);
    let value = sample(Sample { at, value });
    format!("{{\"metric\":{},\"value\":{value}}}", labels(&series.labels))
}

/// Labels as an object.
pub(crate) fn labels(labels: &Labels) -> String {
    let mut text = String::from("{");
    for (place, (name, value)) in labels.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        // Writing to a String does not fail.
        let _ = write!(text, "{comma}{}:{}", quoted(name), quoted(value));
    }
    text.push('}');
    text
}

/// Elements with commas between them.
pub(crate) fn list<T>(all: &[T], written: impl Fn(&T) -> String) -> String {
    let mut text = String::from("[");
    for (place, one) in all.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&written(one));
    }
    text.push(']');
    text
}

fn sample(sample: Sample) -> String {
    format!("[{},\"{}\"]", seconds(sample.at), number::value(sample.value))
}

fn seconds(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "-" } else { "" };
    let size = milliseconds.unsigned_abs();
    match size % 1000 {
        0 => format!("{sign}{}", size / 1000),
        rest => format!("{sign}{}.{rest:03}", size / 1000),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_numbers_and_values_are_texts() {
        let scalar = outcome(&Outcome::Scalar(f64::INFINITY), 1050);
        assert_eq!(scalar, r#"{"resultType":"scalar","result":[1.050,"+Inf"]}"#);
        let series = Series {
            labels: Labels::of([("a".into(), "\"".into())]),
            samples: vec![Sample { at: -1000, value: 0.5 }],
        };
        let expected =
            r#"{"resultType":"matrix","result":[{"metric":{"a":"\""},"values":[[-1,"0.5"]]}]}"#;
        assert_eq!(matrix(&[series]), expected);
    }
}
