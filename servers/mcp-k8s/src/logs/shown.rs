//! Lines of a log as they are shown: when, and what; the same line again and again once.

use super::own_time;
use clients::kubernetes::logs::LogLine;
use jiff::Timestamp;
use mcp::age::to_second;
use std::fmt::Write;

/// The lines as text, and whether any of them is without the time that the program wrote before it, since that is the
/// one before the line.
pub(crate) fn shown(lines: &[&LogLine]) -> (String, bool) {
    let (mut text, mut is_shorter) = (String::new(), false);
    let mut lines = lines.iter().map(|line| (line.at, own_time::without(line))).peekable();
    while let Some((at, said)) = lines.next() {
        let (mut again, mut last) = (1, at);
        while let Some((at, _)) = lines.next_if(|(_, next)| next.text == said.text) {
            again += 1;
            last = at;
        }
        if let Some(at) = at {
            let _ = write!(text, "{} ", to_second(at));
        }
        text.push_str(&said.text);
        is_shorter |= said.is_shorter;
        if again > 1 {
            let _ = write!(text, " (x{again}{})", until(at, last));
        }
        text.push('\n');
    }
    (text, is_shorter)
}

/// When the last of several was written, where that is not when the first was.
fn until(first: Option<Timestamp>, last: Option<Timestamp>) -> String {
    let (first, last) = (first.map(to_second), last.map(to_second));
    let form = |it: Timestamp, form| it.strftime(form).to_string();
    match (first, last) {
        (Some(first), Some(last)) if first == last => String::new(),
        (Some(first), Some(last)) if form(first, "%F") == form(last, "%F") => {
            format!(", last at {}", form(last, "%T"))
        }
        (_, Some(last)) => format!(", last at {last}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(all: &[(&str, &str)]) -> String {
        let line = |(at, text): &(&str, &str)| LogLine {
            at: at.parse().ok(),
            text: (*text).to_owned(),
            dropped: 0,
        };
        let all: Vec<LogLine> = all.iter().map(line).collect();
        shown(&all.iter().collect::<Vec<_>>()).0
    }

    #[test]
    fn the_same_line_again_is_counted() {
        assert_eq!(lines(&[("", "x"), ("", "x"), ("", "x"), ("", "y")]), "x (x3)\ny\n");
    }

    #[test]
    fn the_same_line_over_some_time_says_until_when() {
        let text = lines(&[
            ("2026-11-01T10:00:00.1Z", "10:00:00 beat"),
            ("2026-11-01T10:00:00.9Z", "10:00:00 beat"),
            ("2026-11-01T10:01:10.2Z", "10:01:10 beat"),
        ]);
        assert_eq!(text, "2026-11-01T10:00:00Z beat (x3, last at 10:01:10)\n");
    }
}
