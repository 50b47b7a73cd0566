//! The values that were given to a release, without the secrets in them.

use super::{Revision, lines};
use crate::objects::written;
use clients::helm::redact::{self, Secrets};
use clients::helm::release::Values;
use mcp::answer::{Answer, Quote};
use mcp::failure::{Code, Failure};
use mcp::part;
use serde_json::Value;

/// All of them, or the part that a path names; of what was not given, the chart's own.
pub(crate) fn of(revision: &Revision<'_>, path: Option<&str>) -> Result<Answer, Failure> {
    let name = revision.name();
    let given = read(&revision.release.config, &revision.secrets, &format!("values of {name}"))?;
    let Some(path) = path else {
        if given.as_object().is_some_and(|fields| fields.is_empty()) {
            let summary = format!("No values were given to {name}: those of the chart apply.");
            return Ok(Answer { summary, ..Answer::default() });
        }
        return quoted(&given, format!("Values given to {name}"), "values");
    };
    match part::of(&given, path) {
        Ok(part) => quoted(part, format!("{path} of the values given to {name}"), path),
        Err(failure) => {
            let chart = &revision.release.chart;
            let what = format!("values of the chart of {name}");
            let defaults = read(&chart.values, &revision.secrets, &what)?;
            let Ok(part) = part::of(&defaults, path) else { return Err(failure) };
            let chart = format!("{}-{}", chart.metadata.name, chart.metadata.version);
            let what = format!("{path} is not among the values given to {name}; in chart {chart}");
            quoted(part, what, path)
        }
    }
}

/// Values without their secrets, wherever else among them these stand.
///
/// # Errors
/// Where they are larger than is read.
pub(crate) fn read(values: &Values, secrets: &Secrets, what: &str) -> Result<Value, Failure> {
    let mut value = values.read().map_err(|size| Failure {
        code: Code::TooLarge,
        message: format!("the {what} are {size} bytes long, which is more than is read"),
        retryable: false,
        hint: String::new(),
    })?;
    redact::values(&mut value);
    secrets.take_from(&mut value);
    Ok(value)
}

fn quoted(value: &Value, what: String, label: &str) -> Result<Answer, Failure> {
    let text = written(value)?;
    Ok(Answer {
        summary: format!("{what}: {}.", lines(&text)),
        quotes: vec![Quote { label: label.to_owned(), text }],
        ..Answer::default()
    })
}
