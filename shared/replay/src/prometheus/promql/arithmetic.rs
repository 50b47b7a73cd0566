//! What operators make of two numbers.

use crate::prometheus::promql::expression::Operator;

impl Operator {
    pub(super) fn compares(self) -> bool {
        use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Unequal};
        matches!(self, Equal | Unequal | Greater | Less | GreaterOrEqual | LessOrEqual)
    }

    /// Whether the result is another metric. Prometheus 2.42 forgot the arctangent.
    pub(super) fn drops_name(self) -> bool {
        !self.compares() && self != Operator::Arctangent
    }
}

/// The result; 1 or 0 of a comparison.
pub(super) fn of(operator: Operator, left: f64, right: f64) -> f64 {
    match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Remainder => left % right,
        Operator::Power => left.powf(right),
        Operator::Arctangent => left.atan2(right),
        Operator::Equal => f64::from(u8::from(left == right)),
        Operator::Unequal => f64::from(u8::from(left != right)),
        Operator::Greater => f64::from(u8::from(left > right)),
        Operator::Less => f64::from(u8::from(left < right)),
        Operator::GreaterOrEqual => f64::from(u8::from(left >= right)),
        Operator::LessOrEqual => f64::from(u8::from(left <= right)),
    }
}

/// The same between elements of vectors: a comparison gives its left side back where it is true, and nothing where it
/// is not, unless it is asked for 1 or 0.
pub(super) fn of_element(operator: Operator, as_bool: bool, left: f64, right: f64) -> Option<f64> {
    let value = of(operator, left, right);
    if as_bool || !operator.compares() {
        return Some(value);
    }
    (value == 1.0).then_some(left)
}
