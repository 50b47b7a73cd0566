//! Concepts of what a store, broker or other server refuses.

use super::limits::{is_blocked, is_full, is_hurried, is_waiting};
use super::plain::{has, has_one, near};
use super::whom::server;
use super::{identity, things};
use crate::case::words::said::Said;

/// What a line says of a store.
pub(super) fn said(text: &str, plain: &str) -> Option<Said> {
    if is_full(plain) {
        return Some(Said::OutOfSpace { path: None });
    }
    if is_blocked(plain) {
        return Some(Said::PublishersBlocked);
    }
    if is_hurried(plain) {
        return Some(Said::RateLimited { peer: server(text) });
    }
    if is_pool_exhausted(plain) {
        return Some(Said::PoolExhausted);
    }
    if is_crowded(plain) {
        return Some(Said::TooManyConnections { peer: server(text) });
    }
    if is_out_of_cache(plain) {
        return Some(Said::CacheFull { peer: server(text) });
    }
    if is_headless(plain) {
        return Some(Said::QuorumLost { peer: server(text) });
    }
    if is_read_only(plain) {
        return Some(Said::ReadOnly { peer: server(text) });
    }
    if let Some(said) = is_waiting(plain) {
        return Some(said);
    }
    things::said(text, plain).or_else(|| identity::said(text, plain))
}

/// It takes no more connections.
fn is_crowded(plain: &str) -> bool {
    const WHO: &[&str] =
        &["connection", "client", "session", "channels", "processes", "simultaneous queries"];
    const BOUND: &[&str] = &["max", "limit", "quota"];
    const REACHED: &[&str] =
        &["is blocked because", "exceed", "reached", "hit", "already", "full", "no more"];
    if has_one(
        plain,
        &["pool is", "connection pool", "per second", "rate limit", "lookup", "retries"],
    ) {
        return false;
    }
    near(plain, 20, &[&["too many"], WHO]) && !has(plain, "many connection errors")
        || near(plain, 60, &[BOUND, WHO, REACHED])
        || near(plain, 30, &[&["no more", "no further"], WHO, &["allowed", "accept", "available", "permit"]])
        // Oracle's listener, whose handlers are all in use.
        || has_one(plain, &["no appropriate service handler found", "could not find available handler", "blocked because of many connection errors", "no threads available", "maximum number of connections per ip"])
}

/// All of a pool's connections are in use.
fn is_pool_exhausted(plain: &str) -> bool {
    const EMPTY: &[&str] = &[
        "exhaust",
        "timed out",
        "timeout",
        "time out",
        "no available",
        "no idle",
        "limit reached",
        "deplet",
        "not available",
        "max size reached",
        "too long",
        "queue is full",
        "queue full",
        "overflow",
        "acquire",
        "cannot serve them fast enough",
        "dropped from queue",
        "max wait queue",
    ];
    const HELD: &[&str] = &["connection", "acquir", "checkout", "client", "resource"];
    const WHOLE: &[&str] = &[
        "pool timeout",
        "timed out in bb8",
        "excess queuing for connections",
        "waiting for a slot to become available",
        "timeout exceeded when trying to connect",
        "timed out waiting for connection",
        "no connections available",
        "no connection available",
        "checking out a connection",
        "checkout a connection",
        "waiting for idle object",
        "acquisition timeout",
        "waiting for a connection to server",
        "already waiting for a connection",
        "wait queue timeout",
        "query wait timeout",
        "resource from the pool",
        "max connections error",
        "reset reason: overflow",
        "connection request timeout exception",
        "pool are in use",
    ];
    has_one(plain, WHOLE)
        || near(plain, 70, &[&["pool"], HELD, EMPTY])
            && !has_one(
                plain,
                &[
                    "discarding",
                    "thread pool",
                    "memory pool",
                    "pool size =",
                    "max pool",
                    "closed pool",
                ],
            )
}

/// A cache's memory is full.
fn is_out_of_cache(plain: &str) -> bool {
    near(
        plain,
        40,
        &[
            &["out of memory", "oom"],
            &[
                "storing object",
                "command not allowed",
                "response error",
                "used memory",
                "server error",
            ],
        ],
    ) || plain.contains("command not allowed when used memory")
}

/// It takes no writes.
fn is_read_only(plain: &str) -> bool {
    const MARK: &[&str] = &["read only", "readonly"];
    const WRITE: &[&str] = &[
        "running in",
        "open for",
        "intent",
        "write",
        "attempt",
        "cannot",
        "can't",
        "not allowed",
        "not permitted",
        "not supported",
        "insert",
        "update",
        "reject",
        "refus",
        "denied",
        "while in",
        "transaction",
        "replica",
        "connection",
        "session is",
        "api",
        "database",
    ];
    const FAILS: &[&str] = &[
        "ora 16000",
        "must be",
        "cannot",
        "can't",
        "not allowed",
        "attempt",
        "fail",
        "reject",
        "refus",
        "error",
        "exception",
        "denied",
        "not permitted",
        "not supported",
        "unable",
        "blocked by",
    ];
    const PRIMARY: &[&str] = &[
        "not primary",
        "not master",
        "not a primary",
        "not a leader",
        "not the leader",
        "notaleader",
        "cannot be issued to a replica",
        "against a replica",
        "index write (api)",
        "not writable",
        "writes must pass through the leader",
        "updates are disabled",
    ];
    const FILES: &[&str] = &["file system", "filesystem", "file ", "volume", "mount", "disk"];
    if has_one(plain, FILES) {
        return false;
    }
    near(plain, 60, &[MARK, WRITE]) && has_one(plain, FAILS)
        || has_one(plain, PRIMARY) && has_one(plain, FAILS)
}

/// Too few members of a server are there to answer, or none of them leads.
fn is_headless(plain: &str) -> bool {
    const TOGETHER: &[&str] = &["quorum", "consistency", "in sync replica", "replicas", "isr"];
    const LACKS: &[&str] = &[
        "not enough",
        "required but only",
        "unavailable",
        "lost",
        "not reached",
        "not met",
        "no quorum",
        "insufficient",
        "cannot achieve",
        "fewer",
        "below",
        "without",
        "not available",
        "could not",
        "lack",
        "too few",
    ];
    const HEADLESS: &[&str] = &[
        "no leader",
        "no primary available",
        "no primary found",
        "no primary server",
        "no master",
        "no cluster leader",
        "without leader",
        "without a leader",
        "no known leader",
        "no elected leader",
        "leader not available",
        "leader is not available",
        "leaderless",
        "has no leader",
        "master not discovered",
        "no suitable leader",
        "no suitable peer",
        "not enough replicas",
        "cluster is down",
        "clusterdown",
        "not yet prepared node for application use",
        "non primary view",
        "does not have a leader",
        "there is no leader",
    ];
    const WHOLE: &[&str] = &[
        "leader changed",
        "leader failure",
        "not currently serving requests",
        "keeper server not running",
        "system temporarily unavailable",
        "data bearing nodes",
        "matching read preference",
        "waiting for replication timed out",
        "able to reach a majority",
        "see a majority",
        "no good slave",
        "not discovered or elected",
        "shard is not active",
        "no shard available",
        "split brain protection",
        "no registered leader",
        "not enough bookies",
        "non faulty bookies",
        "resource requested is unreadable",
        "failed to get leader",
        "region is unavailable",
        "update leader lock",
        "retrieve routing information",
        "towards write server",
        "durability impossible",
        "not enough hosts to serve",
        "live replicas required",
        "partition has been lost",
        "not prepared node",
        "yet prepared node",
        "active cluster node not found",
        "read index response took too long",
        "cluster no metadata leader",
        "number of drives online",
        "split brain",
    ];
    has_one(plain, WHOLE)
        || near(plain, 60, &[TOGETHER, LACKS])
            && !has_one(plain, &["deployment", "replica set", "replicaset", "stateful set"])
        || has_one(plain, HEADLESS)
}
