//! Concepts of what a server does no more until somebody does something: no room, a lock that is held, too many requests.

use super::line::Line;
use crate::case::words::said::Said;

/// Sentences of stores that have no room for what they are given.
const FULL: &[&str] = &[
    "error: storage backend has reached its minimum free drive threshold",
    "bucket quota exceeded",
    "cache max memory size exceeded",
    "failure writing output to destination",
];
/// What stores say of room that is lacking.
const NO_ROOM: &[&str] = &[
    "reached its minimum free drive threshold",
    "alarm\":\"nospace",
    "ora 00257",
    "ora 01653",
    "nats: maximum bytes exceeded",
    "disk error when trying to access log file",
    "database or disk is full",
    "file size exceeds temp file limit",
    "database space exceeded",
    "you are over your space quota",
    "could not allocate space for object",
    "insufficient system storage",
    "insufficient storage resources available",
    "jet stream out of space",
];
const ROOM: &[&str] = &["disk", "disk space", "storage", "space", "tablespace", "filegroup"];
const NONE: &[&str] =
    &["is full", "insufficient", "not enough", "out of", "could not allocate", "unable to extend"];
/// Memory has no room either, and is no disk.
const MEMORY: &[&str] = &["heap space", "address space", "key space", "gc", "memory"];
const TABLE: &[&str] = &["the table '", "the transaction log for database '"];

/// A server has no room for what it is given.
pub(super) fn is_full(line: &Line<'_>) -> bool {
    line.has_one(FULL)
        || line.has_one(NO_ROOM) && line.is_of_store()
        || line.near(50, &[TABLE, &["is full"]])
        || line.near(30, &[ROOM, NONE]) && !line.has_one(MEMORY) && line.is_of_store()
}

/// Sentences of stores that say that somebody else holds a lock.
const LOCKED: &[&str] = &[
    "due to a write conflict or a deadlock",
    "error:  deadlock detected$",
    "deadlock found when trying to get lock",
    "lock(s) could not be acquired immediately",
    "failed: another operation (install/upgrade/rollback)",
    "error: another operation (install/upgrade/rollback)",
];
/// What drivers say of a lock.
const LOCK: &[&str] = &[
    "deadlock detected",
    "unable to acquire lock",
    "could not acquire lock",
    "write conflict",
    "locking attempt on",
    "lock held by",
    "lock timeout",
    "lock not available",
    "lock could not be acquired",
    "can't acquire exclusive lock",
    "was deadlocked on lock",
    "possible deadlock avoided",
    "lock acquisition exception",
    "resource busy; acquire with wait timeout expired",
    "exclusive access to locked queue",
    "lock obtain failed exception",
    "exclusive consumer is already connected",
    "database is locked",
    "timeout trying to lock table",
    "restart transaction: transaction retry",
];
/// Sentences of stores that end a statement.
const CANCELLED: &[&str] = &[
    "terminating connection due to idle in transaction timeout",
    "query execution was interrupted (max statement time exceeded)",
    "query timeout limit exceeded",
    "query exceeded maximum time limit",
    "error:  canceling statement due to conflict with recovery",
    "error: canceling statement due to conflict with recovery",
];
/// What drivers say of a statement that was ended.
const TOO_LONG: &[&str] = &[
    "query has timed out",
    "query was cancelled",
    "query timeout",
    "execution timeout expired",
    "timeout during read query",
    "transaction timed out",
    "timeout exceeded: elapsed",
    "request failed to complete in",
    "operation exceeded time limit",
    "execution canceled due to statement timeout",
    "memory limit (for query) exceeded",
    "unambiguous timeout exception",
];

/// A lock is held by somebody else, or a statement took too long.
pub(super) fn is_waiting(line: &Line<'_>) -> Option<Said> {
    if line.has_one(LOCKED) || line.has_one(LOCK) && line.is_of_store() {
        return Some(Said::Locked);
    }
    let ended = line.has_one(CANCELLED) || line.has_one(TOO_LONG) && line.is_of_store();
    ended.then_some(Said::Cancelled)
}

/// Sentences of servers that ask for fewer requests.
const HURRIED: &[&str] = &[
    "toomanyrequests: you have reached your pull rate limit",
    "faraday::too many requests error",
    "the server has received too many requests and has asked us",
    "indicate success: 429 (too many requests",
    "too many concurrent connections, please rate limit",
    "error: too much mail from",
    "client rate limiter wait returned an error",
    "rate limit error: error code: 429",
    "error slow down: please reduce your request rate",
    "error: slow down write: resource requested is unwritable",
    "throttling failure: maximum sending rate exceeded",
    "rate limit quota exceeded",
    "namespace rate limit exceeded",
    "resource exhausted desc = quota exceeded",
    "resource exhausted desc = rate limit exceeded",
    "resource exhausted desc = too many requests",
];
/// What drivers say of their server's limit.
const RATE: &[&str] = &[
    "slow down",
    "too many requests",
    "rate limit reached",
    "rate limit exceeded",
    "rate exceeded",
    "exceeds the rate limit",
    "throttled",
    "server is busy",
    "greylisted",
    "circuit breaking exception",
    "request rate is large",
    "provisioned throughput exceeded exception",
    "throttling exception",
    "throttling quota has been exceeded",
    "rejected execution exception",
    "node is under backpressure",
    "too many concurrent lookup requests",
    "quota exceeded for quota metric",
];

/// It asks for fewer requests.
pub(super) fn is_hurried(line: &Line<'_>) -> bool {
    let hurried = line.has_one(HURRIED) || line.has_one(RATE) && line.is_of_store();
    hurried && !line.has_one(&["client side throttling", "visitor", "from client"])
}

/// Signs that are sentences of their own, for the test that none is dead.
#[cfg(test)]
pub(super) const SENTENCES: &[&[&str]] = &[FULL, LOCKED, CANCELLED, HURRIED];
/// All signs, for the same test.
#[cfg(test)]
pub(super) const SIGNS: &[&[&str]] =
    &[NO_ROOM, FULL, ROOM, NONE, MEMORY, TABLE, LOCKED, LOCK, CANCELLED, TOO_LONG, HURRIED, RATE];
