//! Concepts of a server that does not answer, or answers in another protocol.

use super::plain::{has, has_one, near};
use super::whom::server;
use crate::case::words::said::Said;
use crate::case::words::store::store;

/// The kernel's names of errors, however they are written.
const REFUSED: &[&str] = &["econnrefused", "connection refused"];
const NO_ROUTE: &[&str] = &[
    "ehostunreach",
    "enetunreach",
    "host is unreachable",
    "no route to host",
    "delayed connect error: 113",
];
const RESET: &[&str] = &[
    "eof\"",
    "server: eof",
    "error=eof",
    "client connection lost",
    "idle connection",
    "network closed",
    "failed to respond",
    "end of stream",
    "received no bytes",
    "goaway received",
    "connection was closed",
    "connection closed",
    "connection is closed",
    "connection lost",
    "connection terminated",
    "ended prematurely",
    "connection broken",
    "incomplete read",
    "socket closed",
    "ssl connection has been closed",
    "connection forced",
    "end of file reached",
    "while reading line from the server",
    "at eof",
    "tcp recv: closed",
    "reason: :closed",
    "error,closed",
    "not closed cleanly",
    "bad connection",
    "connection shutdown exception",
    "reading status line from remote",
    "reading a body from connection",
    "econnreset",
    "connection reset",
    "broken pipe",
    "epipe",
    "connection aborted",
    "connection was closed by peer",
    "remote end closed connection",
    "premature close",
    "prematurely closed",
    "unexpected eof",
    "connection closed by peer",
    "closed connection without",
    "empty reply from server",
    "server disconnected",
    "other side closed",
    "connection was forcibly closed",
    "stream was reset",
    "server closed the connection unexpectedly",
    "server has gone away",
    "lost connection to",
];
/// What proxies and balancers say that have nobody to pass a call on to.
const NONE_BEHIND: &[&str] = &[
    "no healthy upstream",
    "no server available",
    "no servers available for service",
    "no available server",
    "no upstreams available",
    "workers are in error state",
    "failure to get a peer from the",
    "any active endpoint",
    "subset not found for",
    "unable to find instance for",
    "does not contain an instance for",
    "service unavailable (logical",
    "no children to pick from",
    "no endpoints available for service",
    "no provider available",
    "no available backend",
    "no healthy endpoints",
    "logical service",
];
/// Clients that have nobody left to talk to.
const UNREACHED: &[&str] = &[
    "no living connections",
    "run out of available brokers",
    "brokers are down",
    "connection attempts failed",
    "no connection established",
    "network related or instance specific error",
    "no response",
    "no hosts available",
    "no node available",
    "no nodes available",
    "fetch failed",
    "unavailable: io exception",
    "no reachable servers",
];

/// What a line says of the network.
pub(super) fn said(text: &str, plain: &str) -> Option<Said> {
    if has_one(plain, NONE_BEHIND) {
        return Some(Said::NoneBehind { peer: server(text) });
    }
    if is_other_protocol(text, plain) {
        return Some(Said::OtherProtocol { peer: server(text) });
    }
    if let Some(said) = unresolved(text, plain) {
        return Some(said);
    }
    if has_one(plain, REFUSED)
        || near(plain, 30, &[&["refused", "refuses"], &["connect"]]) && server(text).is_some()
    {
        return Some(Said::Refused { peer: server(text) });
    }
    if has_one(plain, NO_ROUTE) {
        return Some(Said::NoRoute { peer: server(text) });
    }
    if is_late(text, plain) {
        return Some(Said::TimedOut { peer: server(text) });
    }
    if has_one(plain, UNREACHED) || is_out_of_reach(plain) && server(text).is_some() {
        return Some(Said::Unreached { peer: server(text) });
    }
    has_one(plain, RESET).then(|| Said::Reset { peer: server(text) })
}

fn is_other_protocol(text: &str, plain: &str) -> bool {
    const ODD: &[&str] = &[
        "wrong ",
        "too large",
        "no valid",
        "first received",
        "weird",
        "not match",
        "expected http",
        "can't parse",
        "failed reading",
        "error reading",
        "invalid data",
        "trying to connect an",
        "unexpected",
        "unsupported",
        "malformed",
        "invalid",
        "bad ",
        "garbage",
        "illegal",
        "unrecognized",
        "unknown",
        "corrupt",
        "not a valid",
    ];
    const FORM: &[&str] = &[
        "content type",
        "http1.x server",
        "http/1",
        "status code received from server",
        "server reply",
        "valid http response",
        "bad http response",
        "http parser",
        "size",
        "frame",
        "layer7",
        "http2",
        "server preface",
        "protocol version",
        "preface",
        "packet",
        "frame",
        "handshake message",
        "response header",
        "status line",
        "header while reading",
        "magic",
        "http version",
        "http response",
        "reply type",
        "greeting",
        "cgi protocol",
        "protocol message",
        "protocol error",
        "initial connection",
        "server response",
        "first record",
        "http/0.9",
        "message type",
        "response line",
        "server handshake",
        "reply from",
    ];
    const WHOLE: &[&str] = &[
        "received http/0.9 when not allowed",
        "not a redis server",
        "http/1.x transport connection broken",
        "http server gave",
        "reset reason: protocol error",
        "connection dropped: protocol error",
        "parse error: expected http",
        "bad status line",
        "malformed packet",
        "first received frame was not settings",
        "expected http/, rtsp",
        "http/2 error code 'protocol error'",
        "weird server reply",
        "http1.x server",
        "frame too large",
        "too large http2 frame",
        "respond with a valid http response",
        "sent no valid http",
        "can't parse \"http",
        "does not match the http/1.1 protocol",
    ];
    const SPOKEN: &[&str] = &[
        "protocol",
        "rpc error",
        "upstream",
        "http2",
        "frame with invalid size",
        "net::http",
        "status line",
        "http version",
        "status runtime exception",
    ];
    let is_of_caller = has_one(plain, &["client", "from peer"]) && !has(plain, "upstream");
    let named = || server(text).is_some() || store(text).is_some() || has_one(plain, SPOKEN);
    has_one(plain, WHOLE) || near(plain, 34, &[ODD, FORM]) && !is_of_caller && named()
}

fn unresolved(text: &str, plain: &str) -> Option<Said> {
    const ASK: &[&str] = &[
        "querya",
        "query srv",
        "query a",
        "nameserver",
        "querysrv",
        "resolv",
        "resolution",
        "lookup",
        "dns",
        "host name",
        "hostname",
        "nxdomain",
        "getaddrinfo",
        "unresolved",
        "name service",
    ];
    const FAILS: &[&str] = &[
        "not found",
        "fail",
        "could not",
        "couldn't",
        "unknown",
        "no such",
        "unable",
        "cannot",
        "can't",
        "nxdomain",
        "not known",
        "error",
        "does not resolve",
        "unresolved",
        "not be resolved",
    ];
    const SILENT: &[&str] = &[
        "etimeout",
        "eservfail",
        "expired",
        "timeout",
        "timed out",
        "temporar",
        "try again",
        "servfail",
        "server failure",
        "refused",
        "eai again",
        "no response",
        "no nameserver",
    ];
    const WHOLE: &[&str] = &[
        "no record found for query",
        "dns query name does not exist",
        "no resolvable bootstrap",
        "unresolved address exception",
        "could not resolve host",
        "nxdomain",
        "name or service not known",
        "unknown host",
        "no address associated",
        "host not found",
        "unresolved address",
        "enotfound",
        "no such host is known",
    ];
    const AGAIN: &[&str] = &[
        "errno 3] try again",
        "dns resolution failure",
        "queryA",
        "query srv etimeout",
        "query a etimeout",
        "query a eservfail",
        "dns name resolver timeout",
    ];
    if has_one(plain, AGAIN) {
        return Some(Said::ResolverFailed { name: server(text) });
    }
    let asks = near(plain, 50, &[ASK, FAILS]);
    if !asks && !has_one(plain, WHOLE) {
        return None;
    }
    if near(plain, 60, &[ASK, SILENT]) {
        return Some(Said::ResolverFailed { name: server(text) });
    }
    (has_one(plain, WHOLE) || server(text).is_some())
        .then(|| Said::NameNotFound { name: server(text) })
}

fn is_late(text: &str, plain: &str) -> bool {
    const LATE: &[&str] = &["timeout", "timed out", "time out", "deadline", "time limit"];
    const HOW: &[&str] = &[
        "exceed",
        "expired",
        "after",
        "while",
        "waiting",
        "elapsed",
        "reached",
        "exception",
        "error",
        "connect",
        "read",
        "during",
        "performing",
        "request",
        "fail",
        "period",
    ];
    if has_one(
        plain,
        &[
            "idle timeout",
            "session timeout",
            "keep alive",
            "worker timeout",
            "ask timed out",
            "async request timeout",
        ],
    ) {
        return false;
    }
    near(plain, 50, &[LATE, HOW])
        && (server(text).is_some()
            || has_one(
                plain,
                &[
                    "timeout exception",
                    "timeout error",
                    "deadline exceeded",
                    "timed out",
                    "nats: timeout",
                    "reason: :timeout",
                    "timeout rejected",
                ],
            ))
}

fn is_out_of_reach(plain: &str) -> bool {
    near(
        plain,
        40,
        &[
            &[
                "cannot",
                "could not",
                "couldn't",
                "unable",
                "fail",
                "can't",
                "not possible",
                "error while",
            ],
            &["connect", "reach", "contact", "establish", "dial"],
        ],
    )
}
