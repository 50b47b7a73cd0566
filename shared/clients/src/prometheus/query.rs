//! Asks PromQL, at one moment or over time, and reads the answer as it arrives, up to a bound.

use crate::prometheus::connection::Prometheus;
use crate::prometheus::expression::Expression;
use crate::prometheus::form::Form;
use crate::prometheus::reads::{QUERY, QUERY_RANGE};
use crate::prometheus::series::{Element, Series};
use crate::web::said::Said;
use jiff::Timestamp;
use readonly::items::Items;
use readonly::refusal::Refusal;
use readonly::transport::Body;
use serde_json::Value;

/// Values of one answer that are kept, some 8 MB: 1,000 series with 240 points each.
const MOST_POINTS: usize = 240_000;

/// A span of time, and how often in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Its first moment.
    pub start: Timestamp,
    /// Its last moment.
    pub end: Timestamp,
    /// Seconds between two moments.
    pub step: i64,
}

/// What a query came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// One number.
    Scalar(f64),
    /// A text.
    Text(String),
    /// Series.
    Series(Found),
}

/// Series, as far as they were read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Those that were kept, in the server's order.
    pub series: Vec<Series>,
    /// There are more than were kept.
    pub cut: bool,
    /// Each is over time.
    pub over_time: bool,
}

impl Prometheus {
    /// Asks about the moment `at`, and keeps at most so many series.
    ///
    /// # Errors
    /// Where the server refuses the query or does not answer.
    pub async fn query(
        &self,
        expression: &Expression,
        at: Timestamp,
        most: usize,
    ) -> Result<Said<Outcome>, Refusal> {
        let form = self.form(expression, most).with("time", seconds(at));
        read(self.post(QUERY, &form).await?, most).await
    }

    /// Asks about a span of time, and keeps at most so many series.
    ///
    /// # Errors
    /// Where the server refuses the query or does not answer.
    pub async fn query_range(
        &self,
        expression: &Expression,
        range: Range,
        most: usize,
    ) -> Result<Said<Outcome>, Refusal> {
        let form = self
            .form(expression, most)
            .with("start", seconds(range.start))
            .with("end", seconds(range.end))
            .with("step", range.step.to_string());
        read(self.post(QUERY_RANGE, &form).await?, most).await
    }

    fn form(&self, expression: &Expression, most: usize) -> Form {
        Form::default()
            .with("query", expression.sent())
            .with("timeout", self.patience())
            // Prometheus 3 keeps to it; others do not know it. One more tells that there are more.
            .with("limit", (most + 1).to_string())
    }
}

/// Unix seconds with milliseconds where there are any.
fn seconds(at: Timestamp) -> String {
    match at.as_millisecond() % 1000 {
        0 => at.as_second().to_string(),
        _ => format!("{:.3}", at.as_millisecond() as f64 / 1000.0),
    }
}

async fn read(said: Said<http::Response<Body>>, most: usize) -> Result<Said<Outcome>, Refusal> {
    let (response, said) = said.apart();
    let mut items = Items::<Element>::within(response, &["data"], "result");
    let mut found = Found::default();
    let (mut parts, mut points) = (Vec::new(), 0);
    while let Some(element) = items.next().await? {
        match element {
            Element::Series(series) => {
                points += series.points.len() + series.histograms.len();
                // What is not read any more is not sent any more, either.
                if found.series.len() >= most || (points > MOST_POINTS && !found.series.is_empty())
                {
                    found.cut = true;
                    break;
                }
                found.series.push(series);
            }
            Element::Time => {}
            Element::Text(text) => parts.push(text),
        }
    }
    let rest = items.rest();
    let kind = rest.get("resultType").and_then(Value::as_str).unwrap_or_default();
    found.over_time = kind == "matrix";
    let data = match (kind, parts.pop()) {
        ("scalar", Some(text)) => Outcome::Scalar(text.parse().unwrap_or(f64::NAN)),
        ("string", Some(text)) => Outcome::Text(text),
        _ => Outcome::Series(found),
    };
    let texts = |name: &str| rest.get(name).and_then(Value::as_array).into_iter().flatten();
    let warnings = texts("warnings").chain(texts("infos")).filter_map(Value::as_str);
    // That it was cut at our own limit is told by us, with how much there is.
    let warnings = warnings.filter(|it| !it.contains("truncated due to limit"));
    let warnings = warnings.map(str::to_owned).collect();
    Ok(Said { warnings, ..said }.around(data))
}
