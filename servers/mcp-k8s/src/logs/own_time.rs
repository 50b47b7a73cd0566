//! The time that a program writes before its lines, where it is the one that the container runtime took.

use clients::kubernetes::logs::LogLine;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// Whole seconds by which the two may differ, what is smaller cut off: the runtime takes a line a moment after it was written. The
/// milliseconds that a program writes go with its time.
const APART: i64 = 1;

/// A time at the start of a line, in the forms that loggers write it: bare, in brackets, as the first field of logfmt or
/// JSON, and klog's, which has no year. Without a zone it may be local, and is then another time than the runtime's.
static START: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let open = r#"\[|(?:time|ts)="?|\{"(?:time|ts|timestamp|@timestamp)":"|(?<klog>[IWEF])(?<month>\d{2})(?<day>\d{2}) "#;
    let date = r"(?<date>\d{4}[-/]\d{2}[-/]\d{2})[T ]";
    let time = r"(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})(?:[.,]\d{1,9})?";
    let zone = r"(?:Z| UTC| ?\+00:?00)?";
    Regex::new(&format!(
        "^(?<open>{open})?(?:{date})?{time}{zone}(?<close>\",|[\"\\]])?(?<gap> +|$)?"
    ))
    .ok()
});

/// A line as it is shown.
pub(crate) struct Said<'a> {
    /// Its text.
    pub(crate) text: Cow<'a, str>,
    /// The program's own time is not in it.
    pub(crate) is_shorter: bool,
}

/// The line without the time that the program wrote before it, where that is the one before the line anyway.
pub(crate) fn without(line: &LogLine) -> Said<'_> {
    match line.at.and_then(|at| rest(at, &line.text)) {
        Some(text) => Said { text, is_shorter: true },
        None => Said { text: Cow::Borrowed(&line.text), is_shorter: false },
    }
}

fn rest(at: Timestamp, text: &str) -> Option<Cow<'_, str>> {
    let found = START.as_ref()?.captures(text)?;
    let group = |name: &str| found.name(name).map(|it| it.as_str());
    let rest = text.get(found.get(0)?.end()..).filter(|rest| !rest.trim().is_empty())?;
    let own = own(at, &found)?;
    if (own.as_second() - at.as_second()).abs() > APART {
        return None;
    }
    if let Some(letter) = group("klog") {
        return Some(Cow::Owned(format!("{letter} {rest}")));
    }
    match (group("open").unwrap_or_default(), group("close").unwrap_or_default()) {
        (open, "\",") if open.starts_with('{') => Some(Cow::Owned(format!("{{{rest}"))),
        ("[", "]") | ("time=\"" | "ts=\"", "\"") | ("" | "time=" | "ts=", "") => {
            // Without a space behind it the time goes on, say with a zone.
            group("gap").map(|_| Cow::Borrowed(rest))
        }
        _ => None,
    }
}

/// The time that was found, on the day of `at` where it says none.
fn own(at: Timestamp, found: &Captures<'_>) -> Option<Timestamp> {
    let number = |name: &str| found.name(name).and_then(|it| it.as_str().parse::<i8>().ok());
    let time = Time::new(number("hour")?, number("minute")?, number("second")?, 0).ok()?;
    let today = Offset::UTC.to_datetime(at).date();
    let date = match (found.name("date"), number("month"), number("day")) {
        (Some(date), ..) => date.as_str().replace('/', "-").parse::<Date>().ok()?,
        (None, Some(month), Some(day)) => Date::new(today.year(), month, day).ok()?,
        _ => today,
    };
    Offset::UTC.to_timestamp(DateTime::from_parts(date, time)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let at = "2026-11-01T10:00:00.4Z".parse().ok();
        let line = LogLine { at, text: text.to_owned(), dropped: 0 };
        without(&line).text.into_owned()
    }

    #[test]
    fn the_time_goes_in_the_forms_that_loggers_write() {
        for (text, rest) in [
            ("2026-11-01T10:00:00.123456Z  INFO started", "INFO started"),
            ("2026-11-01 10:00:00,123 - app - INFO - started", "- app - INFO - started"),
            ("2026/11/01 09:59:59 [error] 7#7: refused", "[error] 7#7: refused"),
            ("[2026-11-01T10:00:01+00:00] started", "started"),
            ("10:00:00.391 [main] INFO started", "[main] INFO started"),
            (r#"time="2026-11-01T10:00:00Z" level=info"#, "level=info"),
            ("ts=2026-11-01T10:00:00.4Z caller=main.go", "caller=main.go"),
            (r#"{"time":"2026-11-01T10:00:00.4Z","level":"INFO"}"#, r#"{"level":"INFO"}"#),
            ("E1101 10:00:00.391000       1 main.go:1] failed", "E 1 main.go:1] failed"),
        ] {
            assert_eq!(said(text), rest, "{text}");
        }
    }

    #[test]
    fn another_time_stays_and_so_does_what_only_looks_like_one() {
        for text in [
            "2026-11-01T09:59:58Z late",
            "2026-11-01 12:00:00 local",
            "2026-11-01T10:00:00+02:00 elsewhere",
            "2026-11-01T10:00:00Z",
            "[10:00:00 torn",
            "10:00:00x",
            r#"{"time":"2026-11-01T10:00:00Z"}"#,
            "E0230 10:00:00.391000 1 main.go:1] no such day",
            "E1031 10:00:00.391000 1 main.go:1] yesterday",
            "started",
        ] {
            assert_eq!(said(text), text);
        }
    }
}
