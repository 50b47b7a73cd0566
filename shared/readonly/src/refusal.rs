//! Why a read brought nothing back: which system, and which of a few kinds.

/// A read that failed, and why. A message says what was tried, once; the cause, where there is one, is its source.
#[derive(Debug, thiserror::Error)]
#[error("{system}: {kind}")]
pub struct Refusal {
    /// The upstream system, such as `kubernetes`.
    pub system: &'static str,
    /// What was asked, as `GET /api/v1/pods`.
    pub request: String,
    /// Which kind of failure.
    pub kind: Kind,
}

/// The kinds of failure.
#[derive(Debug, thiserror::Error)]
pub enum Kind {
    /// It is not on the allow-list; nothing was sent.
    #[error("refused to send {0}, which is not on the list of reads")]
    NotARead(String),
    /// Nobody answered.
    #[error("could not reach {address}")]
    Unreachable {
        /// The address tried, without credentials.
        address: String,
        /// What the transport said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nobody answered in time.
    #[error("no answer within {seconds} s ({phase})")]
    TimedOut {
        /// Seconds waited.
        seconds: u64,
        /// `connect`, `headers`, `body` or `total`.
        phase: &'static str,
    },
    /// The asker went away.
    #[error("cancelled")]
    Cancelled,
    /// 401: the credentials are absent, wrong or expired.
    #[error("the credentials were not accepted (401)")]
    Unauthorized,
    /// 403: the identity may not read this.
    #[error("may not be read (403): {0}")]
    Forbidden(String),
    /// 404: there is no such thing.
    #[error("not found (404): {0}")]
    NotFound(String),
    /// 429: told to come back later, and there was no time to.
    #[error("throttled (429)")]
    Throttled {
        /// Seconds that it asked us to wait, where it did.
        retry_after: Option<u64>,
    },
    /// Another status that is not a success.
    #[error("answered {status}: {message}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The start of what it said, cleaned.
        message: String,
    },
    /// The answer is not in the form that its documentation promises.
    #[error("answered in a form we do not know: {0}")]
    Malformed(String),
    /// The answer is larger than we read.
    #[error("answered more than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes after decompression.
        limit: u64,
    },
}
