//! Concepts of what a server does no more until somebody does something: no room, a lock that is held, too many requests.

use super::plain::{has_one, near};
use crate::case::words::said::Said;

/// A server has no room for what it is given.
pub(super) fn is_full(plain: &str) -> bool {
    const ROOM: &[&str] = &[
        "disk",
        "space",
        "storage",
        "tablespace",
        "filegroup",
        "transaction log",
        "temporary file",
        "file system",
        "drive",
    ];
    const NONE: &[&str] = &[
        "is full",
        "full, ",
        "full!",
        "exceed",
        "insufficient",
        "not enough",
        "could not allocate",
        "unable to extend",
        "out of space",
        "less than required",
        "nospace",
        "over your",
        "minimum free",
        "lack of",
    ];
    const WHOLE: &[&str] = &[
        "nospace",
        "no space left",
        "ora 00257",
        "ora 01653",
        "nats: maximum bytes exceeded",
        "minimum free drive threshold",
        "bucket quota exceeded",
        "max memory size exceeded",
        "failure writing output to destination",
        "disk error when trying to access log file",
    ];
    const TABLE: &[&str] = &["the table '"];
    has_one(plain, WHOLE)
        || near(plain, 40, &[ROOM, NONE])
            && !has_one(
                plain,
                &[
                    "namespace",
                    "heap space",
                    "address space",
                    "gc ",
                    "key space",
                    "blocking",
                    "stopping producer",
                ],
            )
        || near(plain, 50, &[TABLE, &["is full"]])
}

/// A broker takes no messages until its consumers or its administrator make room.
pub(super) fn is_blocked(plain: &str) -> bool {
    const WHO: &[&str] = &[
        "publisher",
        "producer",
        "connection blocked",
        "blocked connection",
        "message production",
        "destination address",
    ];
    const HOW: &[&str] =
        &["blocked", "blocking", "stopping", "low on", "flooding", "quota exceeded", "backlog"];
    near(plain, 60, &[WHO, HOW])
        || has_one(
            plain,
            &[
                "memory resource limit alarm set",
                "buffer exhausted",
                "writable ledger directories",
                "local: queue full",
            ],
        )
}

/// A lock is held by somebody else, or a statement took too long.
pub(super) fn is_waiting(plain: &str) -> Option<Said> {
    const LOCKED: &[&str] = &[
        "deadlock",
        "could not be acquired immediately",
        "unable to acquire lock",
        "write conflict",
        "restart transaction",
        "exclusive access to locked",
        "locking attempt",
        "trying to lock",
        "lock held by",
        "lock obtain failed",
        "exclusive consumer is already",
        "another operation (install",
        "lock wait timeout",
        "lock timeout",
        "could not obtain lock",
        "could not acquire lock",
        "database is locked",
        "lock request time out",
        "lock not available",
        "resource busy",
        "lock could not be acquired",
        "lock acquisition",
    ];
    const CANCELLED: &[&str] = &[
        "idle in transaction timeout",
        "execution timeout expired",
        "query has timed out",
        "request failed to complete in",
        "memory limit (for query) exceeded",
        "timeout during read query",
        "transaction timed out",
        "busy running a script",
        "query exceeded maximum time",
        "unambiguous timeout exception",
        "statement timeout",
        "query execution was interrupted",
        "query timeout",
        "query was cancelled",
        "max execution time",
        "statement cancelled",
        "canceling statement due to",
        "query cancelled",
        "maximum execution time",
        "timeout exceeded: elapsed",
        "exceeded time limit",
        "operation exceeded time limit",
    ];
    if has_one(plain, LOCKED) {
        return Some(Said::Locked);
    }
    (has_one(plain, CANCELLED)
        && !has_one(plain, &["user request", "maximum execution time of", "max execution time of"]))
    .then_some(Said::Cancelled)
}

/// It asks for fewer requests.
pub(super) fn is_hurried(plain: &str) -> bool {
    const SIGNS: &[&str] = &[
        "toomanyrequests",
        "concurrent connections, please rate limit",
        "too much mail",
        "circuit breaking exception",
        "rate limiter wait returned an error",
        "resource exhausted desc = quota",
        "too many requests",
        "rate limit reached",
        "rate exceeded",
        "rate limit exceeded",
        "exceeds the rate limit",
        "rate limit quota exceeded",
        "throttled",
        "throttling",
        "slow down",
        "quota exceeded for",
        "reduce your request rate",
        "request rate is large",
        "throughput exceeded",
        "sending rate exceeded",
        "throttling quota",
        "your pull rate limit",
        "rejected execution",
        "greylisted",
        "rate limit error",
        "server is busy",
        "concurrent lookup requests",
        "backpressure",
    ];
    has_one(plain, SIGNS) && !has_one(plain, &["client side throttling", "visitor", "from client"])
}
