//! PromQL over a snapshot's series, with the semantics of Prometheus 2.42.

mod aggregate;
mod arithmetic;
mod binary;
mod compile;
mod counting;
mod date;
mod each;
mod evaluate;
pub(crate) mod expression;
pub(crate) mod failure;
mod functions;
mod histogram;
mod matching;
mod over_time;
mod quantile;
mod ranking;
mod rate;
mod regression;
mod relabel;
mod rows;
mod select;
pub(crate) mod steps;
mod sum;
mod window;

use crate::prometheus::promql::counting::Counting;
use crate::prometheus::promql::evaluate::Evaluation;
use crate::prometheus::promql::expression::Expression;
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::promql::steps::Steps;
use crate::snapshot::metrics::{Metrics, Series};
pub(crate) use compile::selector;
pub(crate) use select::{LOOKBACK, selection};

/// What a query comes to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// One value at one time.
    Scalar(f64),
    /// A string literal.
    Text(String),
    /// One value of each series at one time.
    Vector(Vec<Series>),
    /// Series over time.
    Matrix(Vec<Series>),
}

/// Evaluates a query at one time, in milliseconds since 1970.
pub(crate) fn instant(metrics: &Metrics, query: &str, at: i64) -> Result<Outcome, Failure> {
    let steps = Steps::at(at);
    let expression = compile::expression(query, steps)?;
    let counting = Counting::default();
    let evaluation = Evaluation { metrics, steps, counting: &counting };
    Ok(match &expression {
        Expression::Text(text) => Outcome::Text(text.clone()),
        Expression::Scalar(scalar) => {
            let values = evaluation.scalar(scalar)?;
            Outcome::Scalar(values.first().copied().unwrap_or(f64::NAN))
        }
        Expression::Vector(vector) => Outcome::Vector(evaluation.vector(vector)?),
        Expression::Window(window) => Outcome::Matrix(evaluation.samples_of(window)?),
    })
}

/// Evaluates a query at every step; the series come in the order of their labels.
pub(crate) fn range(metrics: &Metrics, query: &str, steps: Steps) -> Result<Vec<Series>, Failure> {
    let counting = Counting::default();
    let evaluation = Evaluation { metrics, steps, counting: &counting };
    let not_a_vector = |kind: &str| {
        let reason = format!(
            "invalid expression type {kind:?} for range query, must be Scalar or instant Vector"
        );
        Err(Failure::bad_data(reason))
    };
    let mut series = match compile::expression(query, steps)? {
        Expression::Text(_) => return not_a_vector("string"),
        Expression::Window(_) => return not_a_vector("range vector"),
        Expression::Vector(vector) => evaluation.vector(&vector)?,
        Expression::Scalar(scalar) => evaluation.of_scalar(&scalar)?,
    };
    series.sort_by(|one, other| one.labels.cmp(&other.labels));
    Ok(series)
}
