//! The functions of Prometheus 2.42, by their names.

use crate::prometheus::promql::compile::Compiler;
use crate::prometheus::promql::expression::{
    Each, Expression, Join, OverTime, Replace, Scalar, Vector,
};
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::promql::{date, each, over_time, rate, regression};
use crate::snapshot::metrics::labels::{Labels, NAME, Text, is_label_name};
use promql_parser::label::MatchOp;
use promql_parser::parser::Expr;
use regex::Regex;

/// The call of a function.
pub(super) fn call(
    compiler: Compiler,
    name: &str,
    arguments: &[Box<Expr>],
) -> Result<Expression, Failure> {
    let argument = |place: usize| arguments.get(place).map(Box::as_ref).ok_or_else(|| lacks(name));
    let vector = |place: usize| argument(place).and_then(|one| compiler.vector(one)).map(Box::new);
    let scalar = |place: usize| argument(place).and_then(|one| compiler.scalar(one));
    let text = |place: usize| argument(place).and_then(|one| compiler.text(one));
    let scalars = |from: usize| {
        let rest = arguments.iter().skip(from);
        rest.map(|one| compiler.scalar(one)).collect::<Result<Vec<Scalar>, Failure>>()
    };
    if let Some(function) = over_time_function(name) {
        // Of the one whose window comes second, the first is a number.
        let second = usize::from(name == "quantile_over_time");
        let window = compiler.window(argument(second)?)?;
        let parameters = if second == 1 { vec![scalar(0)?] } else { scalars(1)? };
        let keeps_name = name == "last_over_time";
        return Ok(Expression::Vector(Vector::OverTime {
            function,
            keeps_name,
            window,
            parameters,
        }));
    }
    if let Some(function) = date_function(name) {
        let vector =
            if arguments.is_empty() { Vector::Of(Scalar::Time).into() } else { vector(0)? };
        return Ok(Expression::Vector(Vector::Each { function, vector, parameters: Vec::new() }));
    }
    if let Some(function) = each_function(name) {
        let (vector, parameters) = (vector(0)?, scalars(1)?);
        return Ok(Expression::Vector(Vector::Each { function, vector, parameters }));
    }
    Ok(Expression::Vector(match name {
        "time" => return Ok(Expression::Scalar(Scalar::Time)),
        "pi" => return Ok(Expression::Scalar(Scalar::Number(std::f64::consts::PI))),
        "scalar" => return Ok(Expression::Scalar(Scalar::Only(vector(0)?))),
        "vector" => Vector::Of(scalar(0)?),
        "timestamp" => match *vector(0)? {
            Vector::Selected(selector) => Vector::Times(selector),
            other => Vector::Stamped(other.into()),
        },
        "absent" => Vector::Absent { vector: vector(0)?, labels: told_by(argument(0)?) },
        "absent_over_time" => {
            let argument = argument(0)?;
            Vector::AbsentOverTime { window: compiler.window(argument)?, labels: told_by(argument) }
        }
        "sort" | "sort_desc" => {
            Vector::Sorted { vector: vector(0)?, descending: name == "sort_desc" }
        }
        "histogram_quantile" => {
            Vector::HistogramQuantile { quantile: scalar(0)?, vector: vector(1)? }
        }
        "label_replace" => {
            let texts = [text(1)?, text(2)?, text(3)?, text(4)?];
            Vector::Replaced { vector: vector(0)?, replace: replace(texts)? }
        }
        "label_join" => {
            let from = (3..arguments.len()).map(text).collect::<Result<_, _>>()?;
            Vector::Joined { vector: vector(0)?, join: join(text(1)?, text(2)?, from)? }
        }
        "histogram_count" | "histogram_sum" | "histogram_fraction" => {
            let reason = format!("{name} is for native histograms, which a replay does not have");
            return Err(Failure::execution(reason));
        }
        _ => {
            let reason = format!("parse error: unknown function with name {name:?}");
            return Err(Failure::bad_data(reason));
        }
    }))
}

fn lacks(name: &str) -> Failure {
    Failure::bad_data(format!("parse error: {name} lacks an argument"))
}

fn over_time_function(name: &str) -> Option<OverTime> {
    Some(match name {
        "rate" => rate::rate,
        "increase" => rate::increase,
        "delta" => rate::delta,
        "irate" => rate::instant_rate,
        "idelta" => rate::instant_delta,
        "deriv" => regression::slope,
        "predict_linear" => regression::predicted,
        "resets" => over_time::resets,
        "changes" => over_time::changes,
        "avg_over_time" => over_time::average,
        "min_over_time" => over_time::least,
        "max_over_time" => over_time::greatest,
        "sum_over_time" => over_time::sum,
        "count_over_time" => over_time::count,
        "last_over_time" => over_time::last,
        "present_over_time" => over_time::present,
        "quantile_over_time" => over_time::quantile,
        "stddev_over_time" => over_time::deviation,
        "stdvar_over_time" => over_time::variance,
        _ => return None,
    })
}

fn date_function(name: &str) -> Option<Each> {
    Some(match name {
        "minute" => date::minute,
        "hour" => date::hour,
        "day_of_week" => date::day_of_week,
        "day_of_month" => date::day_of_month,
        "day_of_year" => date::day_of_year,
        "days_in_month" => date::days_in_month,
        "month" => date::month,
        "year" => date::year,
        _ => return None,
    })
}

fn each_function(name: &str) -> Option<Each> {
    Some(match name {
        "abs" => |value, _| Some(value.abs()),
        "ceil" => |value, _| Some(value.ceil()),
        "floor" => |value, _| Some(value.floor()),
        "exp" => |value, _| Some(value.exp()),
        "sqrt" => |value, _| Some(value.sqrt()),
        "ln" => |value, _| Some(value.ln()),
        "log2" => |value, _| Some(value.log2()),
        "log10" => |value, _| Some(value.log10()),
        "sin" => |value, _| Some(value.sin()),
        "cos" => |value, _| Some(value.cos()),
        "tan" => |value, _| Some(value.tan()),
        "asin" => |value, _| Some(value.asin()),
        "acos" => |value, _| Some(value.acos()),
        "atan" => |value, _| Some(value.atan()),
        "sinh" => |value, _| Some(value.sinh()),
        "cosh" => |value, _| Some(value.cosh()),
        "tanh" => |value, _| Some(value.tanh()),
        "asinh" => |value, _| Some(value.asinh()),
        "acosh" => |value, _| Some(value.acosh()),
        "atanh" => |value, _| Some(value.atanh()),
        "rad" => |value, _| Some(value * std::f64::consts::PI / 180.0),
        "deg" => |value, _| Some(value * 180.0 / std::f64::consts::PI),
        "sgn" => each::sign,
        "round" => each::round,
        "clamp" => each::clamp,
        "clamp_max" => each::clamp_max,
        "clamp_min" => each::clamp_min,
        _ => return None,
    })
}

/// The labels that a selector tells for sure, which `absent` gives to what is not there. A label that is named twice, or
/// other than with `=`, is not told.
fn told_by(argument: &Expr) -> Labels {
    let selector = match argument {
        Expr::Paren(parenthesis) => return told_by(&parenthesis.expr),
        Expr::VectorSelector(selector) => selector,
        Expr::MatrixSelector(matrix) => &matrix.vs,
        _ => return Labels::default(),
    };
    let mut pairs: Vec<(Text, Text)> = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for matcher in selector.matchers.matchers.iter().filter(|matcher| matcher.name != NAME) {
        let name = matcher.name.as_str();
        let equal = matches!(matcher.op, MatchOp::Equal) && !told.contains(&name);
        let value = if equal { matcher.value.as_str() } else { "" };
        if equal {
            told.push(name);
        }
        pairs.push((name.into(), value.into()));
    }
    Labels::of(pairs)
}

fn replace([to, replacement, from, pattern]: [String; 4]) -> Result<Replace, Failure> {
    let Ok(compiled) = Regex::new(&format!("^(?:{pattern})$")) else {
        let reason = format!("invalid regular expression in label_replace(): {pattern}");
        return Err(Failure::execution(reason));
    };
    if !is_label_name(&to) {
        let reason = format!("invalid destination label name in label_replace(): {to}");
        return Err(Failure::execution(reason));
    }
    Ok(Replace { to, replacement, from, pattern: compiled })
}

fn join(to: String, separator: String, from: Vec<String>) -> Result<Join, Failure> {
    if let Some(wrong) = from.iter().find(|name| !is_label_name(name)) {
        let reason = format!("invalid source label name in label_join(): {wrong}");
        return Err(Failure::execution(reason));
    }
    if !is_label_name(&to) {
        let reason = format!("invalid destination label name in label_join(): {to}");
        return Err(Failure::execution(reason));
    }
    Ok(Join { to, separator, from })
}
