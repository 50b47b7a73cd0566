//! Which lines may tell of an error at all: precision comes before recall.

use super::plain::{has, has_one};
use crate::case::words::levels::is_low;
use crate::case::words::trace::is_frame;

/// Words one of which stands in every line that tells of a failure, as words begin.
const FAILURES: &[&str] = &[
    "error",
    "err",
    "exception",
    "fail",
    "fatal",
    "cannot",
    "can't",
    "can not",
    "could not",
    "couldn't",
    "unable",
    "refus",
    "denied",
    "reject",
    "timed out",
    "timeout",
    "time out",
    "exceed",
    "panic",
    "crit",
    "emerg",
    "severe",
    "not found",
    "not exist",
    "doesn't exist",
    "no such",
    "unknown",
    "invalid",
    "incorrect",
    "unavailable",
    "not available",
    "unexpected",
    "unreachable",
    "not allowed",
    "not permitted",
    "warn",
    "reset",
    "lost",
    "too many",
    "exhausted",
    "not enough",
    "no ",
    "not ",
    "closed",
    "disconnect",
    "broken",
    "eof",
    "dropped",
    "blocked",
    "expired",
    "insufficient",
    "deadlock",
    "locked",
    "nxdomain",
    "throttl",
    "violat",
    "full",
    "read only",
    "rate limit",
    "enospc",
    "alert",
];

/// Words of lines that tell of a thing that works again, or never failed.
const WORKS: &[&str] = &[
    "succeeded",
    "successfully",
    "successful",
    "recovered",
    "reconnected",
    "resolved after",
    "restored",
    "established after",
    "connected after",
    "connected to",
    "is back",
    "retry ok",
    "no error",
    "0 error",
    "errors=0",
    "errors: 0",
    "deprecat",
    "skipping",
    "enabled features",
    "notice: ",
    "[inf]",
    "[dbg]",
];

/// Whether a line is of a kind that tells of anything: no frame of a trace, no line of an access log, nothing told at a low
/// level.
pub(super) fn may_tell(text: &str) -> bool {
    // What a program panics with is its own sentence, unless a library's fixed words are in it.
    !text.starts_with("panic: ") && !is_frame(text) && !is_of_access(text) && !is_low(text)
}

/// Lines that hold words of errors and tell of none: of somebody who came to a server and went, of statements that are logged,
/// of what a program goes on without.
const NO_TROUBLE: &[&[&str]] = &[
    &["could not accept SSL connection"],
    &["could not receive data from client"],
    &["on client connection with an open transaction"],
    &["IP address '", "could not be resolved"],
    &["TLS handshake error from ", "i/o timeout"],
    &["TLS handshake error from ", "connection reset"],
    &["open() \"", "failed (2: ", ", client: "],
    &["Hibernate: "],
    &["LOG:  statement: "],
    &["self-signed certificate support"],
    &["/1: SSL handshake failure"],
    &["continuing anonymously"],
    &["alarms: 0"],
];

/// Whether a line is one of them.
pub(in crate::case::words) fn is_no_trouble(text: &str) -> bool {
    NO_TROUBLE.iter().any(|signs| signs.iter().all(|it| text.contains(it)))
}

/// A metric, as an exporter prints it, or a flag's description.
fn is_listing(text: &str) -> bool {
    let text = text.trim_start();
    let metric = text.split_once('{').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|it| it.is_ascii_lowercase() || matches!(it, b'_' | b':' | b'0'..=b'9'))
    });
    metric && text.contains("} ") && text.ends_with(|it: char| it.is_ascii_digit())
        || ["--", "# HELP ", "# TYPE "].iter().any(|it| text.starts_with(it))
}

/// Whether a line tells that something failed, and not that it works by now.
pub(super) fn tells_failure(text: &str, plain: &str) -> bool {
    let works = WORKS.iter().any(|it| has(plain, it)) && !plain.contains("not connected");
    has_one(plain, FAILURES) && !works && !sets(text) && !is_listing(text)
}

/// An access log has the request in quotes, and a status or a number of bytes behind it.
fn is_of_access(text: &str) -> bool {
    ["HTTP/1.1\" ", "HTTP/1.0\" ", "HTTP/2.0\" ", "HTTP/2\" ", "HTTP/3.0\" "].iter().any(|it| {
        let after = text.split_once(it).map(|(_, after)| after);
        after.is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()))
    })
}

/// A printout of settings: `max_connections = 100`, `timeout: 30s`, and nothing else.
fn sets(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (Some(name), Some(sign)) = (words.next(), words.next()) else { return false };
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.');
    let named = |it: &str| !it.is_empty() && it.chars().all(plain);
    // `db.pool.timeout=30s db.lock_timeout=5s`
    let all =
        text.split_whitespace().all(|it| it.split_once('=').is_some_and(|(name, _)| named(name)));
    all || (sign == "=" && named(name) || name.strip_suffix('=').is_some_and(named))
        && words.count() <= 2
}

#[cfg(test)]
mod tests {
    use super::{is_of_access, sets};

    #[test]
    fn settings_are_no_errors() {
        assert!(sets("max_connections = 100"));
        assert!(!sets("connection timed out = bad"));
    }

    #[test]
    fn an_access_log_has_a_status() {
        assert!(is_of_access(r#"10.2.0.1 - - [x] "GET / HTTP/1.1" 502 12"#));
        assert!(!is_of_access(
            r#"[error] upstream failed, request: "GET / HTTP/1.1", upstream: "x""#
        ));
    }
}
