//! Concepts of a server that does not answer, or answers in another protocol.

use super::line::Line;
use super::resolver;
use crate::case::words::said::Said;

/// The kernel's names of errors where other modules know them in another case: Erlang's `:econnrefused`, Bun's
/// `ConnectionRefused`.
const REFUSED: &[&str] = &["econnrefused", "connection refused"];
const NO_ROUTE: &[&str] =
    &["ehostunreach", "enetunreach", "host is unreachable", "delayed connect error: 113"];
/// Sentences of clients whose connection was cut.
const CUT: &[&str] = &[
    "fatal:  terminating connection due to administrator command",
    "fatal: terminating connection due to administrator command",
    "error returned from database: terminating connection due to",
    "exception (320) reason: \"connection forced",
    "502 bad gateway error=eof",
    "connection lost: the server closed the connection",
    "socket error: other side closed",
    "connection terminated unexpectedly$",
    "error: write epipe",
    "error: connection is closed",
    "connection closed before message completed",
    "connection error: connection closed",
    "expected to read 5 bytes, got 0 bytes at eof",
    "error,closed}",
    "err=\"driver: bad connection",
    "error\":\"driver: bad connection",
    "error: driver: bad connection",
];
/// What drivers say of a connection that was cut.
const CLOSED: &[&str] = &[
    "eof\"",
    "server closed the connection",
    "broken pipe",
    "connection was closed",
    "connection closed",
    "connection lost",
    "connection aborted",
    "connection terminated",
    "socket closed",
    "closed connection without",
    "premature close",
    "error reading from server: eof",
    "network closed for unknown reason",
    "connection prematurely closed before response",
    "failed to respond",
    "unexpected end of stream",
    "header parser received no bytes",
    "goaway received",
    "connection shutdown exception",
    "stream reset exception",
    "the response ended prematurely",
    "past the end of the stream",
    "connection broken: incomplete read",
    "server disconnected",
    "ssl connection has been closed unexpectedly",
    "lost connection to my sql server",
    "my sql server has gone away",
    "connection forced",
    "eof error: end of file reached",
    "empty reply from server",
    "error while reading line from the server",
    "tcp recv: closed",
    "was not closed cleanly: internal error",
    "upstream prematurely closed connection",
    "error reading status line from remote server",
    "prematurely reached end of stream",
    "pq: unexpected eof",
    "reason: :closed",
];
/// What proxies and balancers say that have nobody to pass a call on to.
const NONE_BEHIND: &[&str] = &[
    "no servers available for service",
    "failure to get a peer from the ring balancer",
    "wrr: no available server",
    "error\":\"subset not found for",
    "does not have any active endpoint",
    "has no server available",
    "no upstreams available",
];
/// What clients say that choose among servers.
const NOBODY: &[&str] = &[
    "all workers are in error state",
    "unable to find instance for",
    "does not contain an instance for the service",
    "no children to pick from",
    "no endpoints available for service",
    "no provider available from registry",
];
const LOGICAL: &[&str] = &["logical service"];
const UNAVAILABLE: &[&str] = &["service unavailable"];
/// Sentences of clients that have nobody left to talk to.
const UNREACHED: &[&str] = &["503 backend fetch failed", "unavailable: no connection established"];
/// What drivers say that reach none of their servers.
const OUT_OF_REACH: &[&str] = &[
    "could not be established",
    "no living connections",
    "run out of available brokers",
    "brokers are down",
    "all connection attempts failed",
    "network related or instance specific error",
    "type error: fetch failed",
    "unavailable: io exception",
    "no reachable servers",
];
const CANNOT: &[&str] = &[
    "cannot",
    "could not",
    "couldn't",
    "unable to",
    "failed to",
    "can't",
    "not possible to",
    "not able to",
    "wasn't able to",
];
const REACH: &[&str] = &["connect to", "establish a connection", "establish connection", "dial"];

/// What a line says of the network.
pub(super) fn said(line: &Line<'_>) -> Option<Said> {
    let peer = || line.server();
    if line.has_one(NONE_BEHIND)
        || line.has_one(NOBODY) && line.is_named()
        || line.near(60, &[LOGICAL, UNAVAILABLE])
    {
        return Some(Said::NoneBehind { peer: peer() });
    }
    if is_other_protocol(line) {
        return Some(Said::OtherProtocol { peer: peer() });
    }
    if let Some(said) = resolver::said(line) {
        return Some(said);
    }
    if line.has_one(REFUSED)
        || line.near(30, &[&["refused", "refuses"], &["connect*"]]) && peer().is_some()
    {
        return Some(Said::Refused { peer: peer() });
    }
    if line.has_one(NO_ROUTE) {
        return Some(Said::NoRoute { peer: peer() });
    }
    if is_late(line) {
        return Some(Said::TimedOut { peer: peer() });
    }
    let unreached = || {
        let cannot = line.near(14, &[CANNOT, REACH]);
        (cannot || line.has_one(&["no response"])) && peer().is_some()
            || cannot && line.is_of_store()
    };
    if line.has_one(UNREACHED) || line.has_one(OUT_OF_REACH) && line.is_named() || unreached() {
        return Some(Said::Unreached { peer: peer() });
    }
    let cut = line.has_one(CUT) || line.has_one(CLOSED) && line.is_named();
    cut.then(|| Said::Reset { peer: peer() })
}

const ODD: &[&str] = &[
    "wrong",
    "too large",
    "no valid",
    "weird",
    "not match",
    "can't parse",
    "failed reading",
    "error reading",
    "invalid",
    "unexpected",
    "unsupported",
    "malformed",
    "bad",
    "garbage",
    "illegal",
    "unrecognized",
    "unknown",
    "corrupt*",
];
/// What a protocol is made of, and a program's own things are not.
const FORM: &[&str] = &[
    "http/1*",
    "http1*",
    "http2*",
    "http/2*",
    "http/0.9",
    "http status code",
    "http version",
    "http response",
    "http parser*",
    "server preface",
    "connection preface",
    "server reply",
    "reply type",
    "status line",
    "protocol version",
    "protocol message",
    "protocol error",
    "response header",
    "header while reading",
    "handshake message",
    "server handshake",
    "first record",
];
/// Sentences of clients that were answered in another protocol.
const ANSWERED: &[&str] = &[
    "reset reason: protocol error",
    "parse error: expected http",
    "connection error: frame with invalid size",
    "does not match the http/1.1 protocol",
];
/// What drivers say of such an answer.
const OTHERWISE: &[&str] = &[
    "received http/0.9 when not allowed",
    "transport: received unexpected content type",
    "status code 503 invalid content type",
    "http/1.x transport connection broken",
    "connection dropped: protocol error",
    "expected http/, rtsp",
    "bad status line",
    "unexpected status line",
    "wrong status line",
    "illegal status line",
    "invalid status line",
    "malformed packet",
    "first received frame was not settings",
    "server sent invalid data on the connection",
    "frame too large",
    "too large http2 frame",
    "respond with a valid http response",
    "sent no valid http",
    "can't parse \"http",
    "invalid response: protocol error",
    "weird server reply",
];

fn is_other_protocol(line: &Line<'_>) -> bool {
    let of_caller = || line.has_one(&["client", "from peer"]) && !line.has_one(&["upstream"]);
    line.has_one(ANSWERED)
        || line.has_one(OTHERWISE) && line.is_named()
        || line.near(34, &[ODD, FORM]) && !of_caller() && line.is_named()
}

/// Sentences of clients that waited long enough.
const WAITED: &[&str] = &[
    "timed out waiting for cache to be synced",
    "not present in metadata after", // Kafka's producer, which does not say whether there is such a topic
    "headers timeout error",
    "error: command timed out",
];
/// What drivers say of an answer that came too late.
const LATE: &[&str] = &[
    "request timeout$",
    "timed out",
    "timeout exception",
    "timeout error",
    "deadline exceeded",
    "network timeout at",
    "connection timeout to host",
    "terminal signal within",
    "polly.timeout",
    "timeout during reading attempt",
    "timeout on reading data from socket",
    "the operation was aborted due to timeout",
    "reason: :timeout",
    "nats: timeout",
];
/// What is a setting as well, and what says that its time is over.
const LIMIT: &[&str] = &["timeout", "timeout period", "time limit", "deadline", "time out"];
const OVER: &[&str] = &[
    "expired",
    "exceeded",
    "elapsed",
    "reached",
    "after",
    "while",
    "waiting",
    "performing",
    "reading",
];
/// Times that pass without anybody waiting for a server.
const NOT_LATE: &[&str] = &[
    "idle timeout",
    "session timeout",
    "session timed out",
    "inactivity",
    "blocked connection timeout",
    "keep alive",
    "worker timeout",
    "ask timed out",
    "async request timeout",
];

fn is_late(line: &Line<'_>) -> bool {
    if line.has_one(WAITED) {
        return true;
    }
    let late = line.has_one(LATE) || line.near(40, &[LIMIT, OVER]);
    late && !line.has_one(NOT_LATE) && line.is_named()
}

/// Signs that are sentences of their own, for the test that none is dead.
#[cfg(test)]
pub(super) const SENTENCES: &[&[&str]] = &[CUT, NONE_BEHIND, UNREACHED, ANSWERED, WAITED];
/// All signs, for the same test.
#[cfg(test)]
pub(super) const SIGNS: &[&[&str]] = &[
    OTHERWISE,
    OUT_OF_REACH,
    NOBODY,
    REFUSED,
    NO_ROUTE,
    CUT,
    CLOSED,
    NONE_BEHIND,
    LOGICAL,
    UNAVAILABLE,
    UNREACHED,
    CANNOT,
    REACH,
    ODD,
    FORM,
    ANSWERED,
    WAITED,
    LATE,
    LIMIT,
    OVER,
    NOT_LATE,
];
