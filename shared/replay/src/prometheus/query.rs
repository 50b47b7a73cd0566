//! `/query` and `/query_range`.

use crate::prometheus::json;
use crate::prometheus::parameters::{self, Parameters};
use crate::prometheus::promql;
use crate::prometheus::promql::failure::{Failure, Kind};
use crate::prometheus::promql::steps::Steps;
use crate::prometheus::reply::Reply;
use crate::snapshot::metrics::Metrics;

/// Steps of a range query: a week of minutes, and Prometheus's own limit.
pub(super) const MAX_STEPS: i64 = 11_000;

pub(super) fn instant(
    metrics: &Metrics,
    parameters: &Parameters,
    now: i64,
) -> Result<Reply, Failure> {
    let at = parameters.time_or("time", now)?;
    let query = parameters.text("query");
    let outcome = promql::instant(metrics, query, at).map_err(|failure| match failure.kind {
        Kind::BadData => parameters::invalid("query", failure.message),
        _ => failure,
    })?;
    Ok(Reply::success(&json::outcome(&outcome, at)))
}

pub(super) fn range(metrics: &Metrics, parameters: &Parameters) -> Result<Reply, Failure> {
    let (start, end) = (parameters.time("start")?, parameters.time("end")?);
    if end < start {
        return Err(parameters::invalid("end", "end timestamp must not be before start time"));
    }
    let interval = parameters.step()?;
    if (end - start) / interval > MAX_STEPS {
        let reason = "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)";
        return Err(Failure::bad_data(reason));
    }
    let steps = Steps { start, end, interval };
    let series = promql::range(metrics, parameters.text("query"), steps)?;
    Ok(Reply::success(&json::matrix(&series)))
}
