//! What a query says, in a form that cannot have wrong types.

use crate::prometheus::promql::over_time::Stretch;
use crate::snapshot::metrics::labels::Labels;
use promql_parser::label::Matcher;
use regex::Regex;

/// A query, or a part of it.
#[derive(Debug)]
pub(crate) enum Expression {
    Scalar(Scalar),
    Vector(Vector),
    Window(Window),
    Text(String),
}

/// One value at each step.
#[derive(Debug)]
pub(crate) enum Scalar {
    Number(f64),
    /// `time()`.
    Time,
    /// `scalar(v)`.
    Only(Box<Vector>),
    Negated(Box<Scalar>),
    Binary {
        operator: Operator,
        left: Box<Scalar>,
        right: Box<Scalar>,
    },
}

/// Series with at most one value at each step.
#[derive(Debug)]
pub(crate) enum Vector {
    Selected(Selector),
    /// `timestamp(selector)`: when the samples were taken.
    Times(Selector),
    /// `vector(s)`.
    Of(Scalar),
    /// A function over time.
    OverTime {
        function: OverTime,
        keeps_name: bool,
        window: Window,
        parameters: Vec<Scalar>,
    },
    AbsentOverTime {
        window: Window,
        labels: Labels,
    },
    Absent {
        vector: Box<Vector>,
        labels: Labels,
    },
    /// A function of each value by itself.
    Each {
        function: Each,
        vector: Box<Vector>,
        parameters: Vec<Scalar>,
    },
    /// `timestamp(v)` of anything but a selector: the time of the step.
    Stamped(Box<Vector>),
    HistogramQuantile {
        quantile: Scalar,
        vector: Box<Vector>,
    },
    Replaced {
        vector: Box<Vector>,
        replace: Replace,
    },
    Joined {
        vector: Box<Vector>,
        join: Join,
    },
    Sorted {
        vector: Box<Vector>,
        descending: bool,
    },
    Negated(Box<Vector>),
    Aggregated {
        aggregation: Aggregation,
        vector: Box<Vector>,
    },
    /// A vector and a scalar; `swapped` where the scalar stands on the left.
    Scaled {
        operator: Operator,
        as_bool: bool,
        swapped: bool,
        vector: Box<Vector>,
        scalar: Scalar,
    },
    Matched {
        operator: Operator,
        as_bool: bool,
        matching: Matching,
        sides: Box<[Vector; 2]>,
    },
    Combined {
        set: Set,
        by: By,
        sides: Box<[Vector; 2]>,
    },
}

/// Several values of each series at each step.
#[derive(Debug)]
pub(crate) enum Window {
    /// `selector[range]`, milliseconds.
    Selected { selector: Selector, range: i64 },
    /// `vector[range:step] offset .. @ ..`, milliseconds.
    Subquery { vector: Box<Vector>, range: i64, step: i64, shift: Shift },
}

/// Which series, and when.
#[derive(Debug)]
pub(crate) struct Selector {
    pub(crate) matchers: Vec<Matcher>,
    pub(crate) shift: Shift,
}

/// When, in relation to the step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shift {
    /// Milliseconds before.
    pub(crate) offset: i64,
    /// Before this time rather than before the step.
    pub(crate) at: Option<i64>,
}

impl Shift {
    pub(crate) fn of(self, step: i64) -> i64 {
        self.at.unwrap_or(step).saturating_sub(self.offset)
    }
}

/// None where the series has no value at the step.
pub(crate) type OverTime = fn(&Stretch, &[f64]) -> Option<f64>;
/// None where the value is dropped.
pub(crate) type Each = fn(f64, &[f64]) -> Option<f64>;

/// `label_replace`.
#[derive(Debug)]
pub(crate) struct Replace {
    pub(crate) to: String,
    pub(crate) replacement: String,
    pub(crate) from: String,
    pub(crate) pattern: Regex,
}

/// `label_join`.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) to: String,
    pub(crate) separator: String,
    pub(crate) from: Vec<String>,
}

/// How an operator or an aggregation takes series together.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// `by (...)`, `on (...)`.
    Only(Vec<String>),
    /// `without (...)`, `ignoring (...)`.
    AllBut(Vec<String>),
}

/// `sum by (job)`, `topk(3, ...)`.
#[derive(Debug)]
pub(crate) struct Aggregation {
    pub(crate) operator: Aggregator,
    pub(crate) by: By,
}

#[derive(Debug)]
pub(crate) enum Aggregator {
    Sum,
    Average,
    Least,
    Greatest,
    Count,
    Group,
    Deviation,
    Variance,
    Top(Scalar),
    Bottom(Scalar),
    Quantile(Scalar),
    CountValues(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Arctangent,
    Equal,
    Unequal,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    And,
    Or,
    Unless,
}

/// How the series of two sides find each other.
#[derive(Debug)]
pub(crate) struct Matching {
    pub(crate) by: By,
    pub(crate) group: Group,
}

/// Which side may have several series for one of the other, and the labels taken from the one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Group {
    OneToOne,
    Left(Vec<String>),
    Right(Vec<String>),
}
