//! Why a query was not answered, in Prometheus's kinds and words.

/// What Prometheus calls an `errorType`, and the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: String,
}

/// The kinds that a replay has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The request is wrong.
    BadData,
    /// It could not be evaluated.
    Execution,
    /// It would take too long.
    Timeout,
    /// The snapshot does not hold it.
    Unavailable,
}

impl Failure {
    pub(crate) fn bad_data(message: impl Into<String>) -> Failure {
        Failure { kind: Kind::BadData, message: message.into() }
    }

    pub(crate) fn execution(message: impl Into<String>) -> Failure {
        Failure { kind: Kind::Execution, message: message.into() }
    }

    pub(crate) fn unavailable(message: impl Into<String>) -> Failure {
        Failure { kind: Kind::Unavailable, message: message.into() }
    }

    /// Two series that an operation makes the same.
    pub(crate) fn same_labels() -> Failure {
        Failure::execution("vector cannot contain metrics with the same labelset")
    }
}
