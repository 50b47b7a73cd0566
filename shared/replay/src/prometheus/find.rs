//! `/series`, `/labels`, `/label/NAME/values` and `/metadata`: what there is.

use crate::prometheus::json;
use crate::prometheus::parameters::{self, Parameters};
use crate::prometheus::promql;
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::reply::Reply;
use crate::snapshot::metrics::labels::{Labels, is_label_name};
use crate::snapshot::metrics::{Metrics, Series};
use promql_parser::label::Matcher;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(super) fn series(metrics: &Metrics, parameters: &Parameters) -> Result<Reply, Failure> {
    if parameters.all("match[]").next().is_none() {
        return Err(Failure::bad_data("no match[] parameter provided"));
    }
    let found: BTreeSet<&Labels> =
        matching(metrics, parameters)?.into_iter().map(|one| &one.labels).collect();
    let found: Vec<&Labels> = found.into_iter().collect();
    Ok(Reply::success(&json::list(&found, |labels| json::labels(labels))))
}

pub(super) fn label_names(metrics: &Metrics, parameters: &Parameters) -> Result<Reply, Failure> {
    let found = matching(metrics, parameters)?;
    let names: BTreeSet<&str> =
        found.iter().flat_map(|one| one.labels.iter().map(|(name, _)| name)).collect();
    Ok(Reply::value(&json!(names)))
}

pub(super) fn label_values(
    metrics: &Metrics,
    name: &str,
    parameters: &Parameters,
) -> Result<Reply, Failure> {
    if !is_label_name(name) {
        return Err(Failure::bad_data(format!("invalid label name: {name:?}")));
    }
    let found = matching(metrics, parameters)?;
    let mut values: BTreeSet<&str> = found.iter().map(|one| one.labels.get(name)).collect();
    values.remove("");
    Ok(Reply::value(&json!(values)))
}

pub(super) fn metadata(metrics: &Metrics, parameters: &Parameters) -> Result<Reply, Failure> {
    let limit = match parameters.text("limit") {
        "" => None,
        text => match text.parse::<i64>() {
            Ok(limit) => usize::try_from(limit).ok(),
            Err(_) => return Err(Failure::bad_data("limit must be a number")),
        },
    };
    let wanted = parameters.text("metric");
    let mut said = Map::new();
    for (name, family) in &metrics.families {
        if limit.is_some_and(|limit| said.len() >= limit) {
            break;
        }
        if wanted.is_empty() || wanted == name {
            let kind = family.kind.as_deref().unwrap_or("unknown");
            let said_of_it = json!([{"type": kind, "help": family.help.as_deref().unwrap_or_default(),
                "unit": family.unit.as_deref().unwrap_or_default()}]);
            said.insert(name.clone(), said_of_it);
        }
    }
    Ok(Reply::value(&Value::from(said)))
}

/// The series that any of the selectors selects, with a sample in the time that is asked for.
fn matching<'a>(metrics: &'a Metrics, parameters: &Parameters) -> Result<Vec<&'a Series>, Failure> {
    let (start, end) = parameters.span()?;
    let mut selectors: Vec<Vec<Matcher>> = Vec::new();
    for text in parameters.all("match[]") {
        let matchers = promql::selector(text)
            .map_err(|failure| parameters::invalid("match[]", failure.message))?;
        selectors.push(matchers);
    }
    let inside = |one: &&Series| {
        let next = one.samples.partition_point(|sample| sample.at < start);
        one.samples.get(next).is_some_and(|sample| sample.at <= end)
    };
    if selectors.is_empty() {
        return Ok(metrics.series.iter().filter(inside).collect());
    }
    let mut found = Vec::new();
    for matchers in &selectors {
        found.extend(promql::selection(metrics, matchers).filter(inside));
    }
    Ok(found)
}
