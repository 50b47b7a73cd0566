//! The conditions in an expression: what `and`, `or` and `unless` join, the two sides of a comparison, and their operands.

use promql_parser::parser::{BinaryExpr, Expr};

/// Parts at most: no rule that people read has more conditions.
const MOST: usize = 10;

/// One part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    /// How deep below a condition: 0 for the condition itself.
    pub(crate) depth: usize,
    /// What joins it to the part before: `and`, `or`, `unless`, or nothing.
    pub(crate) join: String,
    /// What is measured.
    pub(crate) text: String,
    /// What it is compared with; none where it must only have series.
    pub(crate) limit: Option<Limit>,
    /// The whole comparison.
    whole: String,
}

/// What a part is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    /// `>`, `<`, `>=`, `<=`, `==` or `!=`.
    pub(crate) op: String,
    /// The other side.
    pub(crate) right: String,
    /// Its value, where it is a number.
    pub(crate) number: Option<f64>,
}

impl Part {
    /// What must have series, whatever their values.
    pub(crate) fn presence(text: String, depth: usize, join: &str) -> Part {
        Part { depth, join: join.to_owned(), whole: text.clone(), text, limit: None }
    }

    /// The condition as a query: its series are those that fit.
    pub(crate) fn whole(&self) -> String {
        self.whole.clone()
    }
}

/// The parts of an expression, in its order.
pub(crate) fn of(tree: &Expr) -> Vec<Part> {
    let mut parts = Vec::new();
    conditions(tree, "", &mut parts);
    parts.truncate(MOST);
    parts
}

/// Whether a value fits a comparison.
pub(crate) fn fits(value: f64, op: &str, number: f64) -> bool {
    match op {
        ">" => value > number,
        "<" => value < number,
        ">=" => value >= number,
        "<=" => value <= number,
        "==" => value == number,
        "!=" => value != number,
        _ => false,
    }
}

fn conditions(tree: &Expr, join: &str, parts: &mut Vec<Part>) {
    match tree {
        Expr::Paren(it) => conditions(&it.expr, join, parts),
        Expr::Binary(it) if is_set(it) => {
            conditions(&it.lhs, join, parts);
            conditions(&it.rhs, &it.op.to_string(), parts);
        }
        Expr::Binary(it) if is_comparison(it) => {
            // A number on the left is a limit all the same.
            let (measured, limit, op) = match number(&it.lhs) {
                Some(_) => (&it.rhs, &it.lhs, turned(&it.op.to_string())),
                None => (&it.lhs, &it.rhs, it.op.to_string()),
            };
            parts.push(Part {
                depth: 0,
                join: join.to_owned(),
                text: measured.to_string(),
                limit: Some(Limit { op, right: limit.to_string(), number: number(limit) }),
                whole: tree.to_string(),
            });
            operands(measured, 1, parts);
            if number(limit).is_none() {
                operands(limit, 1, parts);
            }
        }
        // A condition may be multiplied with something, to bring in labels.
        Expr::Binary(it) if compares(&it.lhs) || compares(&it.rhs) => {
            conditions(&it.lhs, join, parts);
            conditions(&it.rhs, &it.op.to_string(), parts);
        }
        other => {
            parts.push(Part::presence(other.to_string(), 0, join));
            operands(other, 1, parts);
        }
    }
}

/// The two sides of arithmetic, and what is inside of an aggregation that compares or computes.
fn operands(tree: &Expr, depth: usize, parts: &mut Vec<Part>) {
    if depth > 2 {
        return;
    }
    match tree {
        Expr::Paren(it) => operands(&it.expr, depth, parts),
        Expr::Unary(it) => operands(&it.expr, depth, parts),
        Expr::Binary(it) if !is_set(it) => {
            for side in [&it.lhs, &it.rhs] {
                if number(side).is_none() {
                    parts.push(Part::presence(side.to_string(), depth, ""));
                    operands(side, depth + 1, parts);
                }
            }
        }
        Expr::Aggregate(it) if is_computed(&it.expr) => {
            parts.push(Part::presence(it.expr.to_string(), depth, ""));
        }
        Expr::Call(call) if call.func.name.starts_with("absent") => {
            for argument in &call.args.args {
                if matches!(**argument, Expr::VectorSelector(_)) || is_computed(argument) {
                    parts.push(Part::presence(argument.to_string(), depth, ""));
                }
            }
        }
        _ => {}
    }
}

/// Whether there is more to see in it than series that are summed up.
fn is_computed(tree: &Expr) -> bool {
    match tree {
        Expr::Binary(_) => true,
        Expr::Paren(it) => is_computed(&it.expr),
        _ => false,
    }
}

fn compares(tree: &Expr) -> bool {
    match tree {
        Expr::Paren(it) => compares(&it.expr),
        Expr::Binary(it) => {
            is_comparison(it) || is_set(it) || compares(&it.lhs) || compares(&it.rhs)
        }
        _ => false,
    }
}

fn is_comparison(it: &BinaryExpr) -> bool {
    matches!(it.op.to_string().as_str(), ">" | "<" | ">=" | "<=" | "==" | "!=")
}

fn is_set(it: &BinaryExpr) -> bool {
    matches!(it.op.to_string().as_str(), "and" | "or" | "unless")
}

/// The value of what is a number, or is made of numbers.
fn number(tree: &Expr) -> Option<f64> {
    match tree {
        Expr::NumberLiteral(it) => Some(it.val),
        Expr::Paren(it) => number(&it.expr),
        Expr::Unary(it) => number(&it.expr).map(|it| -it),
        Expr::Binary(it) => {
            let (left, right) = (number(&it.lhs)?, number(&it.rhs)?);
            match it.op.to_string().as_str() {
                "+" => Some(left + right),
                "-" => Some(left - right),
                "*" => Some(left * right),
                "/" => Some(left / right),
                "^" => Some(left.powf(right)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The comparison with its sides exchanged.
fn turned(op: &str) -> String {
    match op {
        ">" => "<",
        "<" => ">",
        ">=" => "<=",
        "<=" => ">=",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(query: &str) -> Vec<String> {
        let tree = promql_parser::parser::parse(query).unwrap();
        of(&tree)
            .iter()
            .map(|it| {
                let limit = it.limit.as_ref().map(|it| format!(" {} {:?}", it.op, it.number));
                format!(
                    "{}{}|{}{}",
                    " ".repeat(it.depth),
                    it.join,
                    it.text,
                    limit.unwrap_or_default()
                )
            })
            .collect()
    }

    #[test]
    fn conditions_are_those_that_are_joined() {
        assert_eq!(
            told("(a > 5 and b{x=\"1\"} == 0) unless on (job) up"),
            ["|a > Some(5.0)", "and|b{x=\"1\"} == Some(0.0)", "unless|up"]
        );
    }

    #[test]
    fn a_ratio_is_shown_with_its_operands() {
        assert_eq!(
            told("sum(rate(e[5m])) / sum(rate(t[5m])) > 0.05"),
            [
                "|sum(rate(e[5m])) / sum(rate(t[5m])) > Some(0.05)",
                " |sum(rate(e[5m]))",
                " |sum(rate(t[5m]))"
            ]
        );
    }

    #[test]
    fn a_limit_may_stand_left_and_be_computed() {
        assert_eq!(told("5 * 60 < a"), ["|a > Some(300.0)"]);
        assert_eq!(told("a > b * 2"), ["|a > None", " |b"]);
    }

    #[test]
    fn a_condition_that_brings_in_labels_is_taken_apart_too() {
        assert_eq!(told("(a > 0) * on (pod) group_left (node) i"), ["|a > Some(0.0)", "*|i"]);
    }

    #[test]
    fn an_aggregation_of_a_comparison_shows_it() {
        assert_eq!(told("count(up == 0) > 1"), ["|count(up == 0) > Some(1.0)", " |up == 0"]);
        assert_eq!(told("absent(up{job=\"x\"})"), ["|absent(up{job=\"x\"})", " |up{job=\"x\"}"]);
    }
}
