//! Which lines may tell of an error at all: precision comes before recall.

use super::line::Line;
use crate::case::words::levels::{is_low_bare, is_marked_low};
use crate::case::words::trace::is_frame;

/// Words one of which stands in every line that tells of a failure; a stem ends with `*`. They are looked for before anything
/// of a line is copied.
const FAILURES: &[&str] = &[
    "alert",
    "blocked",
    "broken",
    "can",
    "can't",
    "cannot",
    "clusterdown",
    "closed",
    "couldn't",
    "crit*",
    "deadlock*",
    "denied",
    "disconnect*",
    "doesn't",
    "dropped",
    "emerg*",
    "enospc",
    "eof*",
    "epipe",
    "err",
    "errno",
    "error*",
    "econn*",
    "ehost*",
    "enet*",
    "etim*",
    "eservfail",
    "exceed*",
    "exception*",
    "exhausted",
    "expired",
    "fail*",
    "fatal",
    "full",
    "incorrect",
    "insufficient",
    "invalid",
    "lost",
    "locked",
    "no",
    "not",
    "nxdomain",
    "panic*",
    "read",
    "readonly",
    "refus*",
    "reject*",
    "reset",
    "severe",
    "throttl*",
    "timed",
    "timeout*",
    "too",
    "toomanyrequests",
    "unable",
    "unavailable",
    "unexpected*",
    "unknown",
    "unreachable",
    "unhealthy",
    "violat*",
    "warn*",
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
    "no error*",
    "0 error*",
    "errors=0",
    "errors: 0",
    "deprecat*",
    "skipping",
    "enabled features",
    "notice: ",
    "inf] ",
    "dbg] ",
];

/// Whether a line may tell of anything: a word of a failure stands in it, and it is no frame of a trace, no line of an access
/// log, and not told at a low level.
pub(super) fn may_tell(text: &str) -> bool {
    // What a program panics with is its own sentence, unless a library's fixed words are in it.
    !text.starts_with("panic: ")
        && holds_failure(text)
        && !is_low_bare(text)
        && !is_marked_low(text)
        && !is_frame(text)
        && !is_of_access(text)
        && !is_no_trouble(text)
        && !is_listing(text)
        && !sets(text)
}

/// Whether a word of a failure begins somewhere in a line, in whatever case.
fn holds_failure(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut before = b' ';
    bytes.iter().enumerate().any(|(at, letter)| {
        let opens = !before.is_ascii_alphanumeric() || letter.is_ascii_uppercase();
        before = *letter;
        opens
            && letter.is_ascii_alphabetic()
            && bytes.get(at..).is_some_and(|rest| FAILURES.iter().any(|it| is_word(rest, it)))
    })
}

/// Whether a text begins with a word or a stem. `NotFound` begins with `not`.
fn is_word(text: &[u8], word: &str) -> bool {
    let (stem, open) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
    let stem = stem.as_bytes();
    // Most words differ in their first letter.
    let same = text.first().map(u8::to_ascii_lowercase) == stem.first().copied();
    if !same || !text.get(..stem.len()).is_some_and(|it| it.eq_ignore_ascii_case(stem)) {
        return false;
    }
    let last = stem.len().checked_sub(1).and_then(|at| text.get(at));
    open || text.get(stem.len()).is_none_or(|next| {
        !next.is_ascii_alphanumeric()
            || next.is_ascii_uppercase() && last.is_some_and(u8::is_ascii_lowercase)
    })
}

/// Whether a line in plain words tells that something works by now, or at a low level.
pub(super) fn is_well(line: &Line<'_>) -> bool {
    let works = line.has_one(WORKS) && !line.has_one(&["not connected", "not successful*"]);
    works || is_marked_low(&line.plain)
}

/// Lines that hold words of errors and tell of none: of somebody who came to a server and went, of what a program can do, or
/// goes on without. What no rule at all may read is kept from all of them before.
const NO_TROUBLE: &[&str] = &[
    "on client connection with an open transaction",
    "self-signed certificate support",
    "/1: SSL handshake failure",
    "continuing anonymously",
];

/// Whether a line is one of them.
fn is_no_trouble(text: &str) -> bool {
    NO_TROUBLE.iter().any(|it| text.contains(it))
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
