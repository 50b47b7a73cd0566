//! Why a query has no series: an empty answer is examined before it is believed.
//!
//! The tree of the query is followed down to the part that is empty while all its own parts are not, or to a selector.

mod selector;

use crate::ask::Desk;
use crate::explain::short;
use crate::labels::METRIC;
use crate::number::digits;
use clients::prometheus::expression::Expression;
use clients::prometheus::series::Labels;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use jiff::Timestamp;
use promql_parser::parser::{BinaryExpr, Call, Expr, Offset};
use std::collections::BTreeSet;

/// Levels of a query that are followed down.
const DEEPEST: usize = 8;
/// Lines that say why; more help nobody.
const MOST_LINES: usize = 6;

/// Lines that say why the query has no series at that moment, and what to do.
pub(crate) async fn why(desk: &Desk, expression: &Expression, at: Timestamp) -> Vec<String> {
    let Some(tree) = expression.tree() else { return Vec::new() };
    let mut lines = part(desk, tree, at, DEEPEST).await;
    if lines.is_empty() {
        let nothing = "all its parts have series; why they come to none could not be found out";
        lines.push(nothing.to_owned());
    }
    lines.truncate(MOST_LINES);
    lines
}

/// Why an empty part of a query is empty.
fn part<'a>(
    desk: &'a Desk,
    tree: &'a Expr,
    at: Timestamp,
    deep: usize,
) -> BoxFuture<'a, Vec<String>> {
    async move {
        if deep == 0 {
            return Vec::new();
        }
        match tree {
            Expr::VectorSelector(it) => {
                return selector::why(desk, it, moved(at, it.offset.as_ref()), None).await;
            }
            Expr::MatrixSelector(it) => {
                return selector::why(
                    desk,
                    &it.vs,
                    moved(at, it.vs.offset.as_ref()),
                    Some(it.range),
                )
                .await;
            }
            Expr::Subquery(it) => {
                return part(desk, &it.expr, moved(at, it.offset.as_ref()), deep - 1).await;
            }
            _ => {}
        }
        let parts = parts(tree);
        let counts = join_all(parts.iter().map(|part| count(desk, part, at))).await;
        let empty: Vec<&Expr> =
            parts.iter().zip(counts).filter(|it| it.1 == Some(0.0)).map(|it| *it.0).collect();
        if !empty.is_empty() {
            let all = join_all(empty.into_iter().map(|it| part(desk, it, at, deep - 1))).await;
            let mut lines = Vec::new();
            for line in all.into_iter().flatten() {
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
            return lines;
        }
        match tree {
            Expr::Binary(it) => binary(desk, it, at).await,
            Expr::Call(call) => samples(desk, call, at).await,
            _ => Vec::new(),
        }
    }
    .boxed()
}

/// The parts that have series of their own.
fn parts(tree: &Expr) -> Vec<&Expr> {
    let all: Vec<&Expr> = match tree {
        Expr::Aggregate(it) => vec![&it.expr],
        Expr::Binary(it) if it.op.to_string() == "unless" => vec![&it.lhs],
        Expr::Binary(it) => vec![&it.lhs, &it.rhs],
        Expr::Call(it) => it.args.args.iter().map(|it| &**it).collect(),
        Expr::Paren(it) => vec![&it.expr],
        Expr::Unary(it) => vec![&it.expr],
        _ => Vec::new(),
    };
    let is_number = |it: &&Expr| !matches!(it, Expr::NumberLiteral(_) | Expr::StringLiteral(_));
    all.into_iter().filter(is_number).collect()
}

/// How many series a part has; none where that could not be found out.
async fn count(desk: &Desk, part: &Expr, at: Timestamp) -> Option<f64> {
    let text = match part {
        Expr::MatrixSelector(_) | Expr::Subquery(_) => format!("count(last_over_time({part}))"),
        _ => format!("count({part})"),
    };
    // A scalar cannot be counted, and is always there.
    desk.number(&text, at).await.ok().map(|count| count.unwrap_or(0.0))
}

/// Both sides have series, and their combination has none.
async fn binary(desk: &Desk, it: &BinaryExpr, at: Timestamp) -> Vec<String> {
    let (left, right) = (quoted(&it.lhs), quoted(&it.rhs));
    let op = it.op.to_string();
    if op == "unless" {
        return vec![format!("`{left}` has series, and `{right}` takes all of them away")];
    }
    if matches!(*it.rhs, Expr::NumberLiteral(_)) {
        let (least, most) = (format!("min({})", it.lhs), format!("max({})", it.lhs));
        let (least, most) = tokio::join!(desk.number(&least, at), desk.number(&most, at));
        return match (least, most) {
            (Ok(Some(least)), Ok(Some(most))) => vec![format!(
                "nothing fits `{op} {right}`: `{left}` is {}",
                if least == most {
                    digits(least, 4)
                } else {
                    format!("{} to {}", digits(least, 4), digits(most, 4))
                }
            )],
            _ => Vec::new(),
        };
    }
    let (first, second) = (format!("topk(1, {})", it.lhs), format!("topk(1, {})", it.rhs));
    let (first, second) = tokio::join!(desk.series(&first, at), desk.series(&second, at));
    let (Ok(first), Ok(second)) = (first, second) else { return Vec::new() };
    let (Some(first), Some(second)) = (first.series.first(), second.series.first()) else {
        return Vec::new();
    };
    let (only_left, only_right) =
        (beside(&first.labels, &second.labels), beside(&second.labels, &first.labels));
    let compares = matches!(op.as_str(), ">" | "<" | ">=" | "<=" | "==" | "!=");
    if only_left.is_empty() && only_right.is_empty() {
        let what = if compares {
            "no pair of series fits the comparison"
        } else {
            "no pair of series has the same label values"
        };
        return vec![format!("both sides of `{op}` have series, and {what}")];
    }
    let told = |side: &str, labels: &[&str]| match labels {
        [] => String::new(),
        labels => format!("; only the {side} has {}", labels.join(", ")),
    };
    vec![format!(
        "both sides of `{op}` have series, and none match by their labels{}{}: add on(...) or ignoring(...)",
        told("left", &only_left),
        told("right", &only_right)
    )]
}

/// The labels that one has and the other has not.
fn beside<'a>(one: &'a Labels, other: &Labels) -> Vec<&'a str> {
    let others: BTreeSet<&String> = other.keys().collect();
    let only = one.keys().filter(|it| !others.contains(it) && *it != METRIC);
    only.map(String::as_str).collect()
}

/// There are samples, and a function of them has no value: most often there is one where it needs two.
async fn samples(desk: &Desk, call: &Call, at: Timestamp) -> Vec<String> {
    let Some(matrix) = call.args.args.iter().find_map(|it| match &**it {
        Expr::MatrixSelector(matrix) => Some(matrix),
        _ => None,
    }) else {
        return vec![format!("`{}` has no value for what it is given", call.func.name)];
    };
    let (inside, hour) = (
        format!("max(count_over_time({matrix}))"),
        format!("max(count_over_time({}[1h]))", matrix.vs),
    );
    let (inside, hour) = tokio::join!(desk.number(&inside, at), desk.number(&hour, at));
    let inside = inside.ok().flatten().unwrap_or(0.0);
    if inside >= 2.0 {
        return vec![format!("`{}` has no value for what it is given", call.func.name)];
    }
    let advice = match hour.ok().flatten() {
        Some(hour) if hour >= 2.0 => {
            let every = 3600.0 / hour;
            format!(
                "a sample comes every {} s, so use [{}m] or longer",
                digits(every, 2),
                (every * 4.0 / 60.0).ceil()
            )
        }
        _ => "use a longer range".to_owned(),
    };
    vec![format!(
        "`{}` needs two samples, and `{}` has {} at most: {advice}",
        call.func.name,
        quoted(&Expr::MatrixSelector(matrix.clone())),
        digits(inside, 3)
    )]
}

/// The moment that an offset moves another to.
fn moved(at: Timestamp, offset: Option<&Offset>) -> Timestamp {
    let seconds = match offset {
        None => 0,
        Some(Offset::Pos(by)) => -by.as_secs().cast_signed(),
        Some(Offset::Neg(by)) => by.as_secs().cast_signed(),
    };
    Timestamp::from_second(at.as_second().saturating_add(seconds)).unwrap_or(at)
}

/// A part of a query, short enough for a line.
pub(crate) fn quoted(tree: &Expr) -> String {
    short(&tree.to_string())
}
