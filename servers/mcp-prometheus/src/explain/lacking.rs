//! What a rule's expression cannot do without, and nobody has: then it can never be true.

use crate::ask::Desk;
use crate::labels::{METRIC, of_metric};
use crate::tools::list_metrics::lately;
use clients::prometheus::query::Range;
use evidence::fact::alerting_rule::Lack;
use jiff::Timestamp;
use promql_parser::label::MatchOp;
use promql_parser::parser::{Expr, VectorSelector};

/// Selectors that are looked at; a rule has a few.
const MOST: usize = 5;
/// Names that are told beside one that is not there.
const MOST_NEAR: usize = 3;
/// What was there within so many seconds went away: a batch that runs daily, or what stands still over a weekend.
const WEEK: i64 = 7 * 24 * 3600;
/// Labels that name a target. Of others, such as a code or a reason, a value may be there only when something happens.
const OF_TARGETS: [&str; 7] =
    ["cluster", "deployment", "instance", "job", "namespace", "service", "statefulset"];

/// What of it nobody has. Where that could not be found out, nothing is said to be lacking.
pub(crate) async fn of(desk: &Desk, tree: &Expr) -> Vec<Lack> {
    let mut selectors = Vec::new();
    needed(tree, &mut selectors);
    selectors.truncate(MOST);
    let names = desk.read(desk.client.label_values(METRIC, None, lately(desk.now))).await;
    let Ok(names) = names else { return Vec::new() };
    if names.cut || names.names.is_empty() {
        return Vec::new();
    }
    let mut lacks = Vec::new();
    for selector in selectors {
        let Some(metric) = &selector.name else { continue };
        if names.names.contains(metric) {
            lacks.extend(value(desk, selector, metric).await);
        } else if !was_there(desk, metric).await {
            let near = names.names.iter().filter(|it| is_alike(metric, it)).take(MOST_NEAR);
            lacks.push(Lack {
                metric: metric.clone(),
                near: near.cloned().collect(),
                ..Lack::default()
            });
        }
    }
    lacks.dedup();
    // Who did not answer may have it.
    let mut misses_stores = false;
    desk.note(|record| misses_stores = record.misses_stores());
    if misses_stores { Vec::new() } else { lacks }
}

/// The selectors without which an expression has no series. One side of `or` may be empty, as may what `unless` and
/// `absent` speak of.
fn needed<'a>(tree: &'a Expr, into: &mut Vec<&'a VectorSelector>) {
    match tree {
        Expr::VectorSelector(it) => into.push(it),
        Expr::MatrixSelector(it) => into.push(&it.vs),
        Expr::Subquery(it) => needed(&it.expr, into),
        Expr::Paren(it) => needed(&it.expr, into),
        Expr::Unary(it) => needed(&it.expr, into),
        Expr::Aggregate(it) => needed(&it.expr, into),
        Expr::Call(it) if !it.func.name.starts_with("absent") => {
            for argument in &it.args.args {
                needed(argument, into);
            }
        }
        Expr::Binary(it) => match it.op.to_string().as_str() {
            "or" => {}
            "unless" => needed(&it.lhs, into),
            _ => {
                needed(&it.lhs, into);
                needed(&it.rhs, into);
            }
        },
        _ => {}
    }
}

/// A label of a target whose value no series had in a week, of whatever metric: then it did not go away.
async fn value(desk: &Desk, selector: &VectorSelector, metric: &str) -> Option<Lack> {
    let of_target = |name: &str, op: &MatchOp| *op == MatchOp::Equal && OF_TARGETS.contains(&name);
    for matcher in selector.matchers.matchers.iter().filter(|it| of_target(&it.name, &it.op)) {
        let (label, value) = (&matcher.name, &matcher.value);
        // What cannot be told of one label may be told of the next.
        if value.is_empty() || bears(desk, label, value, metric).await != Some(false) {
            continue;
        }
        let all = format!("group by ({label}) ({{{METRIC}={metric:?},{label}!=\"\"}})");
        let Ok(found) = desk.series(&all, desk.now).await else { continue };
        let values = found.series.iter().filter_map(|it| it.labels.get(label));
        let near = values.filter(|it| is_alike(value, it)).take(MOST_NEAR).cloned().collect();
        return Some(Lack {
            metric: metric.to_owned(),
            label: label.clone(),
            value: value.clone(),
            near,
        });
    }
    None
}

/// Whether series of the metric, or of any, had this value in the last week; none where nobody can tell.
async fn bears(desk: &Desk, label: &str, value: &String, metric: &str) -> Option<bool> {
    if values(desk, label, Some(metric)).await?.contains(value) {
        return Some(true);
    }
    Some(values(desk, label, None).await?.contains(value))
}

/// Whether there were samples of a metric in the last week: then it went away, and is not misspelt. Where nobody can tell,
/// there were.
async fn was_there(desk: &Desk, metric: &str) -> bool {
    values(desk, METRIC, Some(metric)).await.is_none_or(|it| !it.is_empty())
}

/// The values that a label had in the last week, of a metric or of all; none where not all of them could be read.
async fn values(desk: &Desk, label: &str, metric: Option<&str>) -> Option<Vec<String>> {
    let start = Timestamp::from_second(desk.now.as_second() - WEEK).ok()?;
    let week = Range { start, end: desk.now, step: 1 };
    let of = metric.map(|it| desk.client.expression(&of_metric(it))).transpose().ok()?;
    let read = desk.read(desk.client.label_values(label, of.as_ref(), week)).await.ok()?;
    (!read.cut).then_some(read.names)
}

/// Whether a name is another with one word written otherwise, or left out: `http_request_total` for `http_requests_total`.
fn is_alike(wanted: &str, name: &str) -> bool {
    let parts = |it: &str| -> Vec<String> {
        it.split(|it: char| !it.is_ascii_alphanumeric())
            .map(str::to_owned)
            .filter(|it| !it.is_empty())
            .collect()
    };
    let (one, other) = (parts(wanted), parts(name));
    if one.concat() == other.concat() {
        return true;
    }
    if one.len() == other.len() {
        let mut differ = one.iter().zip(&other).filter(|(one, other)| one != other);
        let (Some((left, right)), None) = (differ.next(), differ.next()) else { return false };
        let same = left.chars().zip(right.chars()).take_while(|(one, other)| one == other).count();
        return same >= 3 && same + 2 >= left.len().min(right.len());
    }
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    // Two words of more tell more than one that was left out.
    short.len() >= 2
        && short.len() + 1 == long.len()
        && (long.starts_with(&short) || long.ends_with(&short))
}

#[cfg(test)]
mod tests {
    use super::{is_alike, needed};

    #[test]
    fn only_what_it_cannot_do_without_is_needed() {
        let rows = [
            ("rate(a[5m]) / b > 1", vec!["a", "b"]),
            ("absent(a) and b", vec!["b"]),
            ("a or b", vec![]),
            ("a unless b", vec!["a"]),
            ("sum by (x) (a) * on (x) group_left () c > 2", vec!["a", "c"]),
        ];
        for (query, expected) in rows {
            let tree = promql_parser::parser::parse(query).unwrap();
            let mut selectors = Vec::new();
            needed(&tree, &mut selectors);
            let names: Vec<&str> = selectors.iter().filter_map(|it| it.name.as_deref()).collect();
            assert_eq!(names, expected, "{query}");
        }
    }

    #[test]
    fn a_name_that_is_nearly_another_is_alike() {
        assert!(is_alike("http_request_total", "http_requests_total"));
        assert!(is_alike("http_requests", "http_requests_total"));
        assert!(is_alike("web-app", "webapp"));
        assert!(!is_alike("orders_failed_total", "orders_placed_total"));
        assert!(!is_alike("up", "http_requests_total"));
    }
}
