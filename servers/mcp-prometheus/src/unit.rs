//! The unit that the values of a query have, guessed from the names of its metrics and from what is made of them.

use promql_parser::parser::{BinaryExpr, Call, Expr};

/// A unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Unit {
    /// None that is known.
    #[default]
    Plain,
    Bytes,
    BytesPerSecond,
    Seconds,
    PerSecond,
    /// Unix seconds.
    Moment,
}

/// What names of moments end with. Most that end with `_time_seconds` are durations, as `scrape_time_seconds`.
const MOMENTS: [&str; 4] =
    ["_timestamp_seconds", "_created", "_start_time_seconds", "_boot_time_seconds"];

/// The unit of a query's values.
pub(crate) fn of(tree: &Expr) -> Unit {
    match tree {
        Expr::VectorSelector(selector) => of_metric(selector.name.as_deref().unwrap_or_default()),
        Expr::MatrixSelector(matrix) => of_metric(matrix.vs.name.as_deref().unwrap_or_default()),
        Expr::Paren(it) => of(&it.expr),
        Expr::Unary(it) => of(&it.expr),
        Expr::Subquery(it) => of(&it.expr),
        Expr::Aggregate(it) => match it.op.to_string().as_str() {
            "count" | "group" | "count_values" => Unit::Plain,
            _ => of(&it.expr),
        },
        Expr::Call(call) => of_call(call),
        Expr::Binary(it) => of_binary(it),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Unit::Plain,
    }
}

/// By the suffix that Prometheus' naming asks for.
fn of_metric(name: &str) -> Unit {
    if MOMENTS.iter().any(|it| name.ends_with(it)) || name == "node_time_seconds" {
        return Unit::Moment;
    }
    let bare = ["_total", "_sum", "_bucket"].iter().find_map(|it| name.strip_suffix(it));
    match bare.unwrap_or(name) {
        bare if bare.ends_with("_bytes") => Unit::Bytes,
        bare if bare.ends_with("_seconds") => Unit::Seconds,
        _ => Unit::Plain,
    }
}

fn of_call(call: &Call) -> Unit {
    let argument = || call.args.args.iter().map(|it| of(it)).find(|it| *it != Unit::Plain);
    let inner = argument().unwrap_or_default();
    match call.func.name {
        "time" | "timestamp" => Unit::Moment,
        "rate" | "irate" | "deriv" => match inner {
            Unit::Bytes => Unit::BytesPerSecond,
            // Seconds in a second: a share, or cores.
            Unit::Seconds => Unit::Plain,
            _ => Unit::PerSecond,
        },
        "histogram_quantile" => of_buckets(call),
        "count_over_time" | "changes" | "resets" | "absent" | "absent_over_time" | "scalar"
        | "vector" | "sgn" => Unit::Plain,
        _ => inner,
    }
}

/// A quantile of buckets is in the unit of what they count, however often it was counted in a second.
fn of_buckets(call: &Call) -> Unit {
    let mut unit = Unit::Plain;
    for argument in &call.args.args {
        clients::prometheus::expression::each_selector(argument, &mut |selector| {
            let found = of_metric(selector.name.as_deref().unwrap_or_default());
            if found != Unit::Plain {
                unit = found;
            }
        });
    }
    unit
}

fn of_binary(it: &BinaryExpr) -> Unit {
    let (left, right) = (of(&it.lhs), of(&it.rhs));
    match it.op.to_string().as_str() {
        "-" if left == Unit::Moment && right == Unit::Moment => Unit::Seconds,
        "+" | "-" if left == right || right == Unit::Plain => left,
        "+" | "-" => Unit::Plain,
        "*" | "/" | "%" | "^" | "atan2" => Unit::Plain,
        _ if it.return_bool() => Unit::Plain,
        "or" if left == Unit::Plain => right,
        _ => left,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_follow_from_names_and_functions() {
        for (query, unit) in [
            ("node_memory_MemAvailable_bytes", Unit::Bytes),
            (
                "sum by (pod) (rate(container_network_receive_bytes_total[5m]))",
                Unit::BytesPerSecond,
            ),
            ("rate(node_cpu_seconds_total[5m])", Unit::Plain),
            ("rate(http_requests_total[5m])", Unit::PerSecond),
            ("histogram_quantile(0.9, sum by (le) (rate(a_seconds_bucket[5m])))", Unit::Seconds),
            ("time() - process_start_time_seconds", Unit::Seconds),
            ("process_start_time_seconds", Unit::Moment),
            ("node_boot_time_seconds", Unit::Moment),
            ("node_time_seconds", Unit::Moment),
            ("request_processing_time_seconds", Unit::Seconds),
            ("rate(jvm_gc_time_seconds_sum[5m])", Unit::Plain),
            ("a_bytes / b_bytes", Unit::Plain),
            ("a_bytes > 5", Unit::Bytes),
            ("a_bytes > bool 5", Unit::Plain),
            ("count(a_bytes)", Unit::Plain),
            ("max_over_time(a_seconds[1h])", Unit::Seconds),
            ("up", Unit::Plain),
        ] {
            assert_eq!(of(&promql_parser::parser::parse(query).unwrap()), unit, "{query}");
        }
    }
}
