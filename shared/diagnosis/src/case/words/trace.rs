//! What a line of a trace means together with the lines around it: a trace names the error in one line, and the driver
//! that met it in others.

use super::levels::is_heading;
use super::network;
use super::peer::peer;
use super::said::Said;
use super::store::{Store, store};
use super::tls::{self, says_plain_call};
use evidence::fact::event::{Line, Log};

/// How many lines above an inner exception may say who was called: the outer one, and what was tried.
const ABOVE: usize = 2;

/// How many lines of a trace are looked at to each side.
const NEAR: usize = 16;

/// Errors of Python that say that something took too long, and not what.
const PLAIN: [&str; 4] = [
    "TimeoutError",
    "asyncio.exceptions.TimeoutError",
    "asyncio.TimeoutError",
    "concurrent.futures._base.TimeoutError",
];

/// The kind of store whose words a line uses, or else the rest of the trace that it is of.
pub fn store_of(log: &Log, line: &Line) -> Option<Store> {
    store(&line.text).or_else(|| {
        let at = log.lines.iter().position(|it| std::ptr::eq(it, line))?;
        store_near(log, at)
    })
}

/// What a line of a trace means with those around it.
pub fn said(log: &Log, at: usize) -> Option<Said> {
    inner(log, at).or_else(|| waited(log, at))
}

/// What .NET tells of an inner exception, or a program of an answer, in a line below the one that says who was called:
/// Npgsql's `Failed to connect to 10.96.0.7:5432` says no more than that. See `Connect` of
/// <https://github.com/npgsql/npgsql/blob/main/src/Npgsql/Internal/NpgsqlConnector.cs>.
fn inner(log: &Log, at: usize) -> Option<Said> {
    let text = log.lines.get(at)?.text.trim_start();
    let text = text.strip_prefix("---> ").or_else(|| says_plain_call(text).then_some(text))?;
    let above = log.lines.iter().take(at).rev().take(ABOVE);
    let called = Some(above.take_while(|it| !is_heading(&it.text)).find_map(|it| peer(&it.text))?);
    match network::said(text).or_else(|| tls::said(text))? {
        Said::TimedOut { peer: None } => Some(Said::TimedOut { peer: called }),
        Said::Refused { peer: None } => Some(Said::Refused { peer: called }),
        Said::NoRoute { peer: None } => Some(Said::NoRoute { peer: called }),
        Said::ResolverFailed { name: None } => Some(Said::ResolverFailed { name: called }),
        Said::TlsFailed { peer: None, why } => Some(Said::TlsFailed { peer: called, why }),
        _ => None,
    }
}

/// What the last line of a trace means whose frames lead through the driver of a store: a wait for it that took too long.
fn waited(log: &Log, at: usize) -> Option<Said> {
    let text = log.lines.get(at)?.text.trim();
    let error = text.split(':').next().unwrap_or(text);
    let is_plain = PLAIN.contains(&error) && network::said(text).is_none();
    (is_plain && store_near(log, at).is_some()).then_some(Said::TimedOut { peer: None })
}

/// The store that the lines of a trace around one of them name, those before it first.
fn store_near(log: &Log, at: usize) -> Option<Store> {
    let of_trace = |it: &&Line| is_of_trace(&it.text);
    if !is_of_trace(&log.lines.get(at)?.text) {
        return None;
    }
    let before = log.lines.iter().take(at).rev().take(NEAR).take_while(of_trace);
    let after = log.lines.iter().skip(at + 1).take(NEAR).take_while(|it| is_frame(&it.text));
    before.chain(after).find_map(|it| store(&it.text))
}

fn is_of_trace(text: &str) -> bool {
    let trimmed = text.trim_start();
    let opens = trimmed.starts_with("Traceback (most recent call last)")
        || trimmed.starts_with("Caused by: ")
        || trimmed.starts_with("During handling of the above exception")
        || trimmed.starts_with("The above exception was the direct cause");
    let word = trimmed.split([':', ' ']).next().unwrap_or_default();
    let error = word.ends_with("Error") || word.ends_with("Exception") || word.ends_with("Timeout");
    // Python writes the code of a frame below it, further in.
    opens || error || is_frame(text) || text.starts_with("    ")
}

/// Whether a line is a frame of a trace.
pub fn is_frame(text: &str) -> bool {
    let trimmed = text.trim_start();
    trimmed.starts_with("at ") || trimmed.starts_with("File \"") || trimmed.starts_with("... ")
}

#[cfg(test)]
mod tests {
    use super::{said, store_of};
    use crate::case::words::peer::Peer;
    use crate::case::words::said::{Said, Tls};
    use crate::case::words::store::Store;
    use evidence::fact::event::{Line, Log};

    fn log(lines: &[&str]) -> Log {
        let line = |text: &&str| Line { text: (*text).to_owned(), ..Line::default() };
        Log { lines: lines.iter().map(line).collect(), ..Log::default() }
    }

    #[test]
    fn an_inner_exception_is_about_whom_the_outer_one_names() {
        let outer = "Npgsql.NpgsqlException (0x80004005): Failed to connect to 10.96.0.7:5432";
        let of = |inner: &str| said(&log(&[outer, inner]), 1);
        let peer = Peer::parse("10.96.0.7:5432");
        assert_eq!(
            of(" ---> System.TimeoutException: Timeout during connection attempt"),
            Some(Said::TimedOut { peer: peer.clone() })
        );
        assert_eq!(
            of(" ---> System.Net.Sockets.SocketException (111): Connection refused"),
            Some(Said::Refused { peer })
        );
        assert_eq!(of("   at Npgsql.Internal.NpgsqlConnector.RawOpen(Boolean async)"), None);
        let lines = [
            "GET https://statements.billing:8443/v1/customers failed",
            "System.Net.Http.HttpRequestException: The SSL connection could not be established, see inner exception.",
            " ---> System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of errors in the certificate chain: NotTimeValid",
        ];
        let peer = Peer::parse("statements.billing:8443");
        assert_eq!(
            said(&log(&lines), 2),
            Some(Said::TlsFailed { peer: peer.clone(), why: Tls::Expired })
        );
        let [called, _, inner] = lines;
        assert_eq!(said(&log(&[called, "info: Next.Request[2]", inner]), 2), None);
        let plain = "This combination of host and port requires TLS.";
        assert_eq!(
            said(&log(&[called, plain]), 1),
            Some(Said::TlsFailed { peer, why: Tls::NotSpoken })
        );
    }

    #[test]
    fn a_trace_names_its_driver_elsewhere() {
        let python = log(&[
            "Traceback (most recent call last):",
            "  File \"/usr/lib/python3/site-packages/asyncpg/connection.py\", line 2, in connect",
            "    async with compat.timeout(timeout):",
            "TimeoutError",
        ]);
        assert_eq!(said(&python, 3), Some(Said::TimedOut { peer: None }));
        assert_eq!(store_of(&python, &python.lines[3]), Some(Store::Postgres));
        let java = log(&[
            "org.postgresql.util.PSQLException: The connection attempt failed.",
            "    at org.postgresql.Driver.connect(Driver.java:1)",
            "Caused by: java.net.SocketTimeoutException: Connect timed out",
        ]);
        assert_eq!(store_of(&java, &java.lines[2]), Some(Store::Postgres));
    }

    #[test]
    fn a_trace_without_a_driver_says_nothing() {
        let own = log(&["Traceback (most recent call last):", "TimeoutError"]);
        assert_eq!(said(&own, 1), None);
        let other = log(&["psycopg pool is open", "TimeoutError"]);
        assert_eq!(said(&other, 1), None);
    }
}
