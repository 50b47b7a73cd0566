//! Concepts of a pool whose connections are all in use, for longer than a caller may wait.

use super::line::Line;

/// Sentences of pools.
const WHOLE: &[&str] = &[
    "pooler error: query wait timeout",
    "timed out in bb8$",
    "timeout occurred while waiting for a slot to become available$",
    "timeout exceeded when trying to connect",
    "timed out waiting for connection$",
    "error: no connections available",
    "reset reason: overflow",
];
/// What pools say whose driver, or whose server, the line names.
const OF_STORE: &[&str] = &[
    "no connection available",
    "httpx.pool timeout",
    "connection from pool timeout after",
    "timeout waiting for connection from pool",
    "excess queuing for connections",
    "request was dropped from queue after",
    "checking out a connection from connection pool",
    "attempt by a client to checkout a connection has timed out",
    "timeout waiting for idle object",
    "sorry, acquisition timeout",
    "while waiting for a connection to server",
    "waiting to acquire a connection to server",
    "already waiting for a connection",
    "wait queue timeout error",
    "could not get a resource from the pool",
    "failed getting connection; pool exhausted",
    "connection request timeout exception",
    "all connections in the universal connection pool are in use",
    "all pooled connections are in use",
    "get connection timeout exception",
    "connection pool reached max wait queue size",
    "pending acquire queue has reached its maximum size",
    "pool acquire timeout exception",
    "connection pool::timeout error: waited",
    "unable to acquire connection from the pool",
];
const POOL: &[&str] = &["pool", "pooled"];
const HELD: &[&str] = &["connection*", "acquire", "acquiring", "checkout", "clients", "resource"];
const EMPTY: &[&str] = &[
    "exhausted",
    "timed out",
    "timeout",
    "no available",
    "no idle",
    "limit reached",
    "depleted",
    "not available",
    "max size reached",
    "too long",
    "queue is full",
    "queue full",
];
const OTHERS: &[&str] = &["discarding", "thread pool", "memory pool", "max pool", "closed pool"];

/// All of a pool's connections are in use.
pub(super) fn is_exhausted(line: &Line<'_>) -> bool {
    line.has_one(WHOLE)
        || line.has_one(OF_STORE) && line.is_named()
        || line.near(70, &[POOL, HELD, EMPTY]) && !line.has_one(OTHERS) && line.is_of_store()
}

/// Signs that are sentences of their own, for the test that none is dead.
#[cfg(test)]
pub(super) const SENTENCES: &[&[&str]] = &[WHOLE];
/// All signs, for the same test.
#[cfg(test)]
pub(super) const SIGNS: &[&[&str]] = &[OF_STORE, WHOLE, POOL, HELD, EMPTY, OTHERS];
