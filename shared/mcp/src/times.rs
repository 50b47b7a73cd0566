//! Times before the lines of a quote: what one has in common with the one before it is said once.

use std::borrow::Cow;

/// Bytes of a time to the second with the space behind it, as `2026-11-21T11:56:58Z `.
pub(crate) const LENGTH: usize = 21;
/// Where its date ends, with what separates it.
const DATE: usize = 11;
/// Where its minutes end, with what separates them.
const MINUTE: usize = 17;
/// Where its seconds end.
const SECOND: usize = 19;

/// The lines, each with as much of its time as is new: `58 ...` in the minute of the line before it, `11:57:00 ...` on
/// the day of it. None unless there are several and each begins with a time.
pub(crate) fn brief<'a>(lines: &[&'a str]) -> Option<Vec<Cow<'a, str>>> {
    if lines.len() < 2 || !lines.iter().all(|line| is_timed(line)) {
        return None;
    }
    let mut brief = Vec::with_capacity(lines.len());
    let mut before = "";
    for line in lines {
        let same = |end: usize| before.get(..end).is_some_and(|it| line.get(..end) == Some(it));
        let begins = match (same(MINUTE), same(DATE)) {
            (true, _) => MINUTE,
            (_, true) => DATE,
            _ => 0,
        };
        brief.push(match (begins, line.get(begins..SECOND), line.get(LENGTH..)) {
            (1.., Some(time), Some(rest)) => Cow::Owned(format!("{time} {rest}")),
            _ => Cow::Borrowed(*line),
        });
        before = line;
    }
    Some(brief)
}

/// It begins with a time to the second.
fn is_timed(line: &str) -> bool {
    let head = line.as_bytes().iter().take(LENGTH);
    let form = b"0000-00-00T00:00:00Z ";
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == form,
    };
    line.len() >= LENGTH && head.zip(form).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_of_a_time_is_said() {
        let lines = [
            "2026-11-21T23:59:58Z a",
            "2026-11-21T23:59:59Z b",
            "2026-11-21T23:59:59Z c",
            "2026-11-22T00:00:00Z d",
            "2026-11-22T00:01:00Z ",
        ];
        assert_eq!(
            brief(&lines).unwrap(),
            ["2026-11-21T23:59:58Z a", "59 b", "59 c", "2026-11-22T00:00:00Z d", "00:01:00 "]
        );
    }

    #[test]
    fn a_line_without_a_time_leaves_all_as_they_are() {
        assert_eq!(brief(&["2026-11-21T23:59:58Z a", "b"]), None);
        assert_eq!(brief(&["2026-11-21T23:59:58Z a"]), None);
    }
}
