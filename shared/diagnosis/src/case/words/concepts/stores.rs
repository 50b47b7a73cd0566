//! Concepts of what a store, broker or other server refuses.

use super::limits::{is_full, is_hurried, is_waiting};
use super::line::Line;
use super::{identity, members, pool, things};
use crate::case::words::said::Said;

/// What a line says of a store.
pub(super) fn said(line: &Line<'_>) -> Option<Said> {
    if is_full(line) {
        return Some(Said::OutOfSpace { path: None });
    }
    if is_hurried(line) {
        return Some(Said::RateLimited { peer: line.server() });
    }
    if pool::is_exhausted(line) {
        return Some(Said::PoolExhausted);
    }
    if is_crowded(line) {
        return Some(Said::TooManyConnections { peer: line.server() });
    }
    if is_out_of_cache(line) {
        return Some(Said::CacheFull { peer: line.server() });
    }
    if members::is_headless(line) {
        return Some(Said::QuorumLost { peer: line.server() });
    }
    if is_read_only(line) {
        return Some(Said::ReadOnly { peer: line.server() });
    }
    if let Some(said) = is_waiting(line) {
        return Some(said);
    }
    things::said(line).or_else(|| identity::said(line))
}

/// Sentences of servers that take no more connections.
const CROWDED: &[&str] = &[
    "fatal: max clients in session mode",
    "err max number of clients + cluster connections reached",
    "too many open connections$",
    "error: too many connections from",
    "error from rpc listener: rpc: maximum connections from",
    "not allowed   number of channels opened on node",
    "maximum connections exceeded$",
];
/// What drivers say of connections that are not taken.
const NO_MORE: &[&str] = &[
    "is blocked because of many connection errors",
    "no appropriate service handler found", // Oracle's listener, whose handlers are all in use
    "could not find available handler",
    "session limit for the database is",
    "maximum account active connections exceeded",
    "exceeded the maximum number of allowed client connections",
    "no threads available",
    "maximum number of connections per ip",
];
const WHO: &[&str] = &["connection*", "client*", "session*", "channels", "processes"];
const BOUND: &[&str] = &["max*", "limit*", "quota"];
const REACHED: &[&str] = &["exceeded", "reached", "already", "full", "no more"];
const MANY: &[&str] = &["too many", "no more", "no further"];
/// Of a pool's own connections, and of requests, other words tell.
const OTHERS: &[&str] =
    &["pool is", "connection pool", "per second", "rate limit*", "lookup", "retries"];

/// It takes no more connections.
fn is_crowded(line: &Line<'_>) -> bool {
    let bounded = || line.near(60, &[BOUND, WHO, REACHED]) || line.near(20, &[MANY, WHO]);
    line.has_one(CROWDED)
        || line.has_one(NO_MORE) && line.is_of_store()
        || bounded() && !line.has_one(OTHERS) && line.is_of_store()
}

const OUT_OF_CACHE: &[&str] = &[
    "server error out of memory storing object",
    "response error 130: out of memory",
    "command not allowed when used memory",
];
const MEMORY: &[&str] = &["out of memory", "oom"];
const ANSWER: &[&str] = &["response error", "server error", "command not allowed"];

/// A cache's memory is full.
fn is_out_of_cache(line: &Line<'_>) -> bool {
    line.has_one(OUT_OF_CACHE) || line.near(40, &[MEMORY, ANSWER]) && line.is_of_store()
}

/// Sentences of servers that take no writes.
const READ_ONLY: &[&str] = &[
    "write query attempted while in readonly mode",
    "validate connect failed (read only connection)",
    "cannot execute statement in a read only transaction",
    "1836 (hy000): running in read only mode",
];
const MARK: &[&str] = &["read only", "readonly"];
const WRITE: &[&str] =
    &["write*", "insert*", "update*", "delete*", "execute*", "modification*", "command*"];
const FAILS: &[&str] = &[
    "cannot",
    "can't",
    "could not",
    "not allowed",
    "not permitted",
    "not supported",
    "attempted to",
    "attempt to",
    "rejected",
    "refused",
    "denied",
    "unable",
    "failed",
];
/// What drivers say of a member that takes no writes.
const NOT_PRIMARY: &[&str] = &[
    "not primary",
    "not a primary",
    "not master",
    "not the leader",
    "updates are disabled",
    "connection is read only",
    "session is read only",
    "because the database is read only",
    "open for read only access",
    "table is in readonly mode",
    "command cannot be issued to a replica",
    "no write operations are allowed",
    "writes must pass through the leader",
    "blocked by: [forbidden/8/index write (api)]",
    "blocked by: [forbidden/5/index read only (api)]",
];
const FILES: &[&str] = &["file system", "filesystem", "file", "volume", "mount", "disk"];

/// It takes no writes.
fn is_read_only(line: &Line<'_>) -> bool {
    if line.has_one(FILES) {
        return false;
    }
    line.has_one(READ_ONLY)
        || (line.has_one(NOT_PRIMARY) || line.near(40, &[MARK, WRITE, FAILS])) && line.is_of_store()
}

/// Signs that are sentences of their own, for the test that none is dead.
#[cfg(test)]
pub(super) const SENTENCES: &[&[&str]] = &[CROWDED, OUT_OF_CACHE, READ_ONLY];
/// All signs, for the same test.
#[cfg(test)]
pub(super) const SIGNS: &[&[&str]] = &[
    CROWDED,
    NO_MORE,
    WHO,
    BOUND,
    REACHED,
    MANY,
    OTHERS,
    OUT_OF_CACHE,
    MEMORY,
    ANSWER,
    READ_ONLY,
    MARK,
    WRITE,
    FAILS,
    NOT_PRIMARY,
    FILES,
];
