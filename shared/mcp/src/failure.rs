//! Why a tool could not answer. It reaches the caller as text, never as structured content.

use readonly::refusal::{Kind, Refusal};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;

/// A tool's failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which kind.
    pub code: Code,
    /// One line: what was tried, or which argument is wrong and what would be right.
    pub message: String,
    /// The same call may work later.
    pub retryable: bool,
    /// What to do instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// An argument is unknown, absent or out of range.
    InvalidArgument,
    /// What was named does not exist.
    NotFound,
    /// Our identity may not read it.
    Forbidden,
    /// Our credentials were not accepted.
    Unauthorized,
    /// The upstream did not answer.
    Unreachable,
    /// It did not answer in time.
    Timeout,
    /// It told us to come back later.
    Throttled,
    /// It answered with an error or in an unknown form.
    UpstreamError,
    /// It answered more than we read.
    TooLarge,
    /// Too many calls at once; try again.
    Busy,
    /// The caller went away.
    Cancelled,
    /// Our own fault.
    Internal,
}

impl Failure {
    /// A wrong argument: `message` names it and the valid values.
    pub fn invalid(message: impl Into<String>) -> Self {
        Failure {
            code: Code::InvalidArgument,
            message: message.into(),
            retryable: false,
            hint: String::new(),
        }
    }
}

impl From<&Refusal> for Failure {
    /// What an upstream's refusal means to the caller: the whole chain of causes, on one line.
    fn from(refusal: &Refusal) -> Self {
        let (code, retryable) = match &refusal.kind {
            Kind::NotARead(_) => (Code::InvalidArgument, false),
            Kind::Unreachable { .. } => (Code::Unreachable, true),
            Kind::TimedOut { .. } => (Code::Timeout, true),
            Kind::Cancelled => (Code::Cancelled, true),
            Kind::Unauthorized => (Code::Unauthorized, false),
            Kind::Forbidden(_) => (Code::Forbidden, false),
            Kind::NotFound(_) => (Code::NotFound, false),
            Kind::Throttled { .. } => (Code::Throttled, true),
            Kind::Status { status, .. } => (Code::UpstreamError, *status >= 500),
            Kind::Malformed(_) => (Code::UpstreamError, false),
            Kind::TooLarge { .. } => (Code::TooLarge, false),
        };
        let mut message = refusal.to_string();
        let mut cause = refusal.kind.source();
        while let Some(error) = cause {
            message = format!("{message}: {error}");
            cause = error.source();
        }
        Failure { code, message, retryable, hint: String::new() }
    }
}

impl fmt::Display for Code {
    /// The name on the wire, as `invalid_argument`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
