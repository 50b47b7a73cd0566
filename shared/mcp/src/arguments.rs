//! Arguments that mean the same in every tool: how far back, how many, and names.

use crate::age::span;
use crate::failure::Failure;
use evidence::scope::Window;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// A moment, absolute or seen from now: `15m`, `2h`, `7d`, `now-1h`, RFC 3339, or unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", description = "")]
pub enum Since {
    /// Seconds before now.
    Ago(i64),
    /// A moment.
    At(Timestamp),
}

/// Nothing that we read is older, and a longer time overflows calendars.
const LONGEST_AGO: i64 = 366 * 24 * 3600;

impl TryFrom<String> for Since {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let text = text.trim();
        if text == "now" {
            return Ok(Since::Ago(0));
        }
        if let Some(seconds) = ago(text.strip_prefix("now-").unwrap_or(text)) {
            return Ok(Since::Ago(seconds));
        }
        let unix = text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        if let Some(moment) = unix.or_else(|| text.parse().ok()) {
            return Ok(Since::At(moment));
        }
        Err("must be a time such as 15m, 2h, 7d, now-1h, 2026-01-31T12:00:00Z or unix seconds, at most a year back".to_owned())
    }
}

impl Since {
    /// The moment it means, seen from `now`.
    pub fn seen_from(self, now: Timestamp) -> Timestamp {
        match self {
            Since::At(moment) => moment,
            Since::Ago(seconds) => {
                Timestamp::from_second(now.as_second().saturating_sub(seconds)).unwrap_or(now)
            }
        }
    }
}

/// The time that `since`, or `start`, and `end` mean: up to now unless `end` is given, and `default` seconds long unless its
/// beginning is given, which `since` counts back from its end.
///
/// # Errors
/// One line that names the argument, where they contradict each other or the time is longer than `most` seconds.
pub fn window(
    now: Timestamp,
    since: Option<Since>,
    start: Option<Since>,
    end: Option<Since>,
    default: i64,
    most: i64,
) -> Result<Window, Failure> {
    if since.is_some() && start.is_some() {
        return Err(Failure::invalid("arguments `since` and `start` say the same; give one"));
    }
    let end = end.map_or(now, |end| end.seen_from(now)).min(now);
    let beginning = since.unwrap_or(Since::Ago(default)).seen_from(end);
    let start = start.map_or(beginning, |start| start.seen_from(now));
    if start >= end {
        return Err(Failure::invalid(format!(
            "argument `start` must be before `end` and before now: {start} is not before {end}"
        )));
    }
    if end.as_second() - start.as_second() > most {
        let (asked, most) = (span(end.as_second() - start.as_second()), span(most));
        return Err(Failure::invalid(format!(
            "argument `start` or `since`: {asked} is too long; at most {most}"
        )));
    }
    Ok(Window { start, end })
}

/// The seconds that `15m` means.
fn ago(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        'w' => 7 * 24 * 3600,
        _ => return None,
    };
    let digits = text.get(..text.len() - 1)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = digits.parse::<i64>().ok()?.checked_mul(unit)?;
    (seconds <= LONGEST_AGO).then_some(seconds)
}

/// `given` or `default`, where it lies in 1 to `most`.
///
/// # Errors
/// One line that names the argument and the range.
pub fn limit(name: &str, given: Option<u64>, default: u64, most: u64) -> Result<u64, Failure> {
    let limit = given.unwrap_or(default);
    if (1..=most).contains(&limit) {
        return Ok(limit);
    }
    Err(Failure::invalid(format!("argument `{name}` must be 1 to {most}, not {limit}")))
}

/// Checks the name of a namespace, pod's container or the like: a DNS-1123 label.
///
/// # Errors
/// One line that names the argument and the rule.
pub fn label(argument: &str, name: &str) -> Result<(), Failure> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let at_edge = name.starts_with('-') || name.ends_with('-');
    if (1..=63).contains(&name.len()) && !at_edge && name.bytes().all(is_plain) {
        return Ok(());
    }
    Err(Failure::invalid(format!(
        "argument `{argument}` must be 1 to 63 lower-case letters, digits and -, beginning and ending with a letter or digit"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-01-31T12:00:00Z";

    fn meant(text: &str) -> Option<String> {
        let now = NOW.parse().expect("a time");
        Since::try_from(text.to_owned()).ok().map(|since| since.seen_from(now).to_string())
    }

    #[test]
    fn every_way_to_name_a_moment() {
        for (text, moment) in [
            ("15m", "2026-01-31T11:45:00Z"),
            ("now-1h", "2026-01-31T11:00:00Z"),
            ("7d", "2026-01-24T12:00:00Z"),
            ("now", NOW),
            ("2026-01-30T00:00:00+01:00", "2026-01-29T23:00:00Z"),
            ("1769860800", NOW),
        ] {
            assert_eq!(meant(text).as_deref(), Some(moment), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "m", "-5m", "5 m", "yesterday", "99999999999999999999d", "400d", "now-", "١٥m"]
        {
            assert_eq!(meant(text), None, "{text}");
        }
    }

    #[test]
    fn a_window_ends_now_unless_its_end_is_given() {
        let now = NOW.parse().expect("a time");
        let told = |since: Option<Since>, start, end| {
            window(now, since, start, end, 3600, 86_400)
                .map(|it| format!("{} {}", it.start, it.end))
                .map_err(|it| it.message)
        };
        let ago = |seconds| Some(Since::Ago(seconds));
        assert_eq!(
            told(None, None, None).as_deref(),
            Ok("2026-01-31T11:00:00Z 2026-01-31T12:00:00Z")
        );
        // `since` counts back from the end, `start` from now.
        assert_eq!(
            told(ago(60), None, ago(600)).as_deref(),
            Ok("2026-01-31T11:49:00Z 2026-01-31T11:50:00Z")
        );
        assert_eq!(
            told(None, ago(660), ago(600)).as_deref(),
            Ok("2026-01-31T11:49:00Z 2026-01-31T11:50:00Z")
        );
        assert!(
            told(None, ago(600), ago(660))
                .is_err_and(|it| it.contains("`start` must be before `end`"))
        );
        assert!(told(ago(60), ago(60), None).is_err_and(|it| it.contains("say the same")));
        assert!(told(ago(86_401), None, None).is_err_and(|it| it.contains("at most 24h")));
    }

    #[test]
    fn a_namespace_is_a_label() {
        for name in ["", "a.b", "A", "-a", "a-", "../x", &"a".repeat(64)] {
            assert!(label("namespace", name).is_err(), "{name:?}");
        }
        assert_eq!(label("namespace", "kube-system"), Ok(()));
    }

    #[test]
    fn a_limit_out_of_range_names_the_range() {
        assert_eq!(limit("limit", None, 50, 200), Ok(50));
        let refused = limit("limit", Some(201), 50, 200).expect_err("out of range");
        assert_eq!(refused.message, "argument `limit` must be 1 to 200, not 201");
    }
}
