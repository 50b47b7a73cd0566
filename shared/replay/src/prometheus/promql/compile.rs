//! From a query's text to what it says: parsed by `promql-parser`, then checked and resolved.

use crate::prometheus::promql::expression::{
    Aggregation, Aggregator, By, Expression, Group, Matching, Operator, Scalar, Selector, Set,
    Shift, Vector, Window,
};
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::promql::functions;
use crate::prometheus::promql::steps::Steps;
use crate::snapshot::metrics::labels::{NAME, is_label_name};
use promql_parser::label::{MatchOp, Matcher, Matchers};
use promql_parser::parser::token as tokens;
use promql_parser::parser::{
    self, AggregateExpr, AtModifier, BinModifier, BinaryExpr, Expr, LabelModifier, Offset,
    SubqueryExpr, VectorMatchCardinality, VectorSelector,
};
use std::time::{Duration, UNIX_EPOCH};

/// Bytes of a query: the longest of the kubernetes-mixin has two thousand.
const MAX_LENGTH: usize = 16 << 10;
/// Parts within parts, since each takes a piece of the stack.
const MAX_DEPTH: usize = 200;
/// The step of a subquery that names none: Prometheus's own evaluation interval, in milliseconds.
const SUBQUERY_STEP: i64 = 60_000;

/// What the text says, when evaluated at these steps.
pub(super) fn expression(query: &str, steps: Steps) -> Result<Expression, Failure> {
    Compiler { steps, left: MAX_DEPTH }.compile(&parse(query)?)
}

/// The matchers of a selector such as `up{job="node"}`.
pub(crate) fn selector(text: &str) -> Result<Vec<Matcher>, Failure> {
    match parse(text)? {
        Expr::VectorSelector(selector) if selector.offset.is_none() && selector.at.is_none() => {
            matchers(&selector)
        }
        _ => Err(wrong("only a selector such as up{job=\"node\"} is expected")),
    }
}

fn parse(query: &str) -> Result<Expr, Failure> {
    if query.len() > MAX_LENGTH {
        return Err(wrong(format!("the query is longer than {MAX_LENGTH} bytes")));
    }
    let mut depth = 0_usize;
    for byte in query.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(too_deep());
        }
    }
    parser::parse(query).map_err(wrong)
}

fn wrong(reason: impl std::fmt::Display) -> Failure {
    Failure::bad_data(format!("parse error: {reason}"))
}

fn too_deep() -> Failure {
    wrong(format!("the query is nested deeper than {MAX_DEPTH} parts"))
}

/// What expressions are resolved with.
#[derive(Clone, Copy)]
pub(super) struct Compiler {
    /// For `@ start()` and `@ end()`.
    steps: Steps,
    /// How much deeper it may go.
    left: usize,
}

impl Compiler {
    pub(super) fn compile(self, expression: &Expr) -> Result<Expression, Failure> {
        let left = self.left.checked_sub(1).ok_or_else(too_deep)?;
        let inner = Compiler { left, ..self };
        Ok(match expression {
            Expr::NumberLiteral(number) => Expression::Scalar(Scalar::Number(number.val)),
            Expr::StringLiteral(text) => Expression::Text(text.val.clone()),
            Expr::Paren(parenthesis) => inner.compile(&parenthesis.expr)?,
            Expr::VectorSelector(selector) => {
                Expression::Vector(Vector::Selected(inner.selector(selector)?))
            }
            Expr::MatrixSelector(matrix) => {
                let selector = inner.selector(&matrix.vs)?;
                Expression::Window(Window::Selected { selector, range: length(matrix.range)? })
            }
            Expr::Subquery(subquery) => Expression::Window(inner.subquery(subquery)?),
            Expr::Unary(unary) => match inner.compile(&unary.expr)? {
                Expression::Scalar(scalar) => Expression::Scalar(Scalar::Negated(scalar.into())),
                Expression::Vector(vector) => Expression::Vector(Vector::Negated(vector.into())),
                _ => return Err(wrong("only a scalar or an instant vector has a sign")),
            },
            Expr::Binary(binary) => inner.binary(binary)?,
            Expr::Aggregate(aggregate) => Expression::Vector(inner.aggregate(aggregate)?),
            Expr::Call(call) => functions::call(inner, call.func.name, &call.args.args)?,
            Expr::Extension(_) => return Err(wrong("unknown syntax")),
        })
    }

    pub(super) fn vector(self, expression: &Expr) -> Result<Vector, Failure> {
        match self.compile(expression)? {
            Expression::Vector(vector) => Ok(vector),
            other => Err(unexpected("instant vector", &other)),
        }
    }

    pub(super) fn scalar(self, expression: &Expr) -> Result<Scalar, Failure> {
        match self.compile(expression)? {
            Expression::Scalar(scalar) => Ok(scalar),
            other => Err(unexpected("scalar", &other)),
        }
    }

    pub(super) fn window(self, expression: &Expr) -> Result<Window, Failure> {
        match self.compile(expression)? {
            Expression::Window(window) => Ok(window),
            other => Err(unexpected("range vector", &other)),
        }
    }

    pub(super) fn text(self, expression: &Expr) -> Result<String, Failure> {
        match self.compile(expression)? {
            Expression::Text(text) => Ok(text),
            other => Err(unexpected("string", &other)),
        }
    }

    fn selector(self, selector: &VectorSelector) -> Result<Selector, Failure> {
        let shift = self.shift(selector.offset.as_ref(), selector.at.as_ref())?;
        Ok(Selector { matchers: matchers(selector)?, shift })
    }

    fn shift(self, offset: Option<&Offset>, at: Option<&AtModifier>) -> Result<Shift, Failure> {
        let offset = match offset {
            None => 0,
            Some(Offset::Pos(duration)) => length(*duration)?,
            Some(Offset::Neg(duration)) => -length(*duration)?,
        };
        let at = match at {
            None => None,
            Some(AtModifier::Start) => Some(self.steps.start),
            Some(AtModifier::End) => Some(self.steps.end),
            Some(AtModifier::At(time)) => Some(match time.duration_since(UNIX_EPOCH) {
                Ok(since) => length(since)?,
                Err(before) => -length(before.duration())?,
            }),
        };
        Ok(Shift { offset, at })
    }

    fn subquery(self, subquery: &SubqueryExpr) -> Result<Window, Failure> {
        Ok(Window::Subquery {
            vector: self.vector(&subquery.expr)?.into(),
            range: length(subquery.range)?,
            step: subquery.step.map_or(Ok(SUBQUERY_STEP), length)?.max(1),
            shift: self.shift(subquery.offset.as_ref(), subquery.at.as_ref())?,
        })
    }

    fn binary(self, binary: &BinaryExpr) -> Result<Expression, Failure> {
        let modifier = binary.modifier.clone().unwrap_or_default();
        if modifier.fill_values.lhs.or(modifier.fill_values.rhs).is_some() {
            return Err(wrong("fill modifiers are newer than Prometheus 2.42"));
        }
        let (left, right) = (self.compile(&binary.lhs)?, self.compile(&binary.rhs)?);
        if let Some(set) = set(binary.op.id()) {
            let (Expression::Vector(left), Expression::Vector(right)) = (left, right) else {
                return Err(wrong(format!("{} needs two instant vectors", binary.op)));
            };
            let by = by(modifier.matching.as_ref());
            let sides = Box::new([left, right]);
            return Ok(Expression::Vector(Vector::Combined { set, by, sides }));
        }
        let operator = operator(binary.op.id())
            .ok_or_else(|| wrong(format!("unknown operator {}", binary.op)))?;
        let as_bool = modifier.return_bool;
        Ok(match (left, right) {
            (Expression::Scalar(left), Expression::Scalar(right)) => {
                let (left, right) = (left.into(), right.into());
                Expression::Scalar(Scalar::Binary { operator, left, right })
            }
            (Expression::Vector(vector), Expression::Scalar(scalar)) => {
                let vector = vector.into();
                Expression::Vector(Vector::Scaled {
                    operator,
                    as_bool,
                    swapped: false,
                    vector,
                    scalar,
                })
            }
            (Expression::Scalar(scalar), Expression::Vector(vector)) => {
                let vector = vector.into();
                Expression::Vector(Vector::Scaled {
                    operator,
                    as_bool,
                    swapped: true,
                    vector,
                    scalar,
                })
            }
            (Expression::Vector(left), Expression::Vector(right)) => {
                let matching = matching(&modifier);
                let sides = Box::new([left, right]);
                Expression::Vector(Vector::Matched { operator, as_bool, matching, sides })
            }
            _ => return Err(wrong("operators stand between scalars and instant vectors")),
        })
    }

    fn aggregate(self, aggregate: &AggregateExpr) -> Result<Vector, Failure> {
        let parameter = || {
            aggregate
                .param
                .as_deref()
                .ok_or_else(|| wrong(format!("{} lacks a parameter", aggregate.op)))
        };
        let operator = match aggregate.op.id() {
            tokens::T_SUM => Aggregator::Sum,
            tokens::T_AVG => Aggregator::Average,
            tokens::T_MIN => Aggregator::Least,
            tokens::T_MAX => Aggregator::Greatest,
            tokens::T_COUNT => Aggregator::Count,
            tokens::T_GROUP => Aggregator::Group,
            tokens::T_STDDEV => Aggregator::Deviation,
            tokens::T_STDVAR => Aggregator::Variance,
            tokens::T_TOPK => Aggregator::Top(self.scalar(parameter()?)?),
            tokens::T_BOTTOMK => Aggregator::Bottom(self.scalar(parameter()?)?),
            tokens::T_QUANTILE => Aggregator::Quantile(self.scalar(parameter()?)?),
            tokens::T_COUNT_VALUES => {
                let label = self.text(parameter()?)?;
                if !is_label_name(&label) {
                    return Err(Failure::execution(format!("invalid label name {label:?}")));
                }
                Aggregator::CountValues(label)
            }
            _ => return Err(wrong(format!("unknown aggregation {}", aggregate.op))),
        };
        let by = match &aggregate.modifier {
            Some(LabelModifier::Exclude(labels)) => By::AllBut(labels.labels.clone()),
            Some(LabelModifier::Include(labels)) => By::Only(labels.labels.clone()),
            None => By::Only(Vec::new()),
        };
        let vector = self.vector(&aggregate.expr)?.into();
        Ok(Vector::Aggregated { aggregation: Aggregation { operator, by }, vector })
    }
}

/// The matchers of a selector, that of the name among them.
pub(super) fn matchers(selector: &VectorSelector) -> Result<Vec<Matcher>, Failure> {
    let Matchers { matchers, or_matchers } = &selector.matchers;
    if !or_matchers.is_empty() {
        return Err(wrong("`or` between matchers is not Prometheus's"));
    }
    let name = selector.name.iter().map(|name| Matcher::new(MatchOp::Equal, NAME, name));
    Ok(name.chain(matchers.iter().cloned()).collect())
}

fn matching(modifier: &BinModifier) -> Matching {
    let group = match &modifier.card {
        VectorMatchCardinality::ManyToOne(labels) => Group::Left(labels.labels.clone()),
        VectorMatchCardinality::OneToMany(labels) => Group::Right(labels.labels.clone()),
        VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany => Group::OneToOne,
    };
    Matching { by: by(modifier.matching.as_ref()), group }
}

fn by(modifier: Option<&LabelModifier>) -> By {
    match modifier {
        Some(LabelModifier::Include(labels)) => By::Only(labels.labels.clone()),
        Some(LabelModifier::Exclude(labels)) => By::AllBut(labels.labels.clone()),
        None => By::AllBut(Vec::new()),
    }
}

fn set(token: tokens::TokenId) -> Option<Set> {
    Some(match token {
        tokens::T_LAND => Set::And,
        tokens::T_LOR => Set::Or,
        tokens::T_LUNLESS => Set::Unless,
        _ => return None,
    })
}

fn operator(token: tokens::TokenId) -> Option<Operator> {
    Some(match token {
        tokens::T_ADD => Operator::Add,
        tokens::T_SUB => Operator::Subtract,
        tokens::T_MUL => Operator::Multiply,
        tokens::T_DIV => Operator::Divide,
        tokens::T_MOD => Operator::Remainder,
        tokens::T_POW => Operator::Power,
        tokens::T_ATAN2 => Operator::Arctangent,
        tokens::T_EQLC => Operator::Equal,
        tokens::T_NEQ => Operator::Unequal,
        tokens::T_GTR => Operator::Greater,
        tokens::T_LSS => Operator::Less,
        tokens::T_GTE => Operator::GreaterOrEqual,
        tokens::T_LTE => Operator::LessOrEqual,
        _ => return None,
    })
}

/// Milliseconds.
fn length(duration: Duration) -> Result<i64, Failure> {
    // Three hundred years: sums of a few of them still fit.
    let fits = |milliseconds: &i64| *milliseconds < 10_000_000_000_000;
    let milliseconds = i64::try_from(duration.as_millis()).ok().filter(fits);
    milliseconds.ok_or_else(|| wrong("duration out of range"))
}

pub(super) fn unexpected(wanted: &str, got: &Expression) -> Failure {
    let got = match got {
        Expression::Scalar(_) => "scalar",
        Expression::Vector(_) => "instant vector",
        Expression::Window(_) => "range vector",
        Expression::Text(_) => "string",
    };
    wrong(format!("expected type {wanted}, got {got}"))
}
