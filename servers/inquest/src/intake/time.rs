//! Spans and moments as people write them.

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use std::time::Duration;

/// Further back than this nothing is kept, and arithmetic on times stays in range.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 365);

/// A span of time such as `30s`, `15m`, `1h30m` or `7d`, up to a year.
///
/// # Errors
/// One line that shows how a span is written.
pub fn span(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a span of time such as 30s, 15m, 1h or 7d");
    let span: Span = text.trim().parse().map_err(|_| wrong())?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    if duration > LONGEST {
        return Err(format!("{text:?} is longer than a year"));
    }
    if duration.is_zero() {
        return Err(format!("{text:?} is no time at all"));
    }
    Duration::try_from(duration).map_err(|_| wrong())
}

/// A moment: RFC 3339, Unix seconds, or a span before `now` such as `now-1h`.
///
/// # Errors
/// One line that shows how a moment is written.
pub fn moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let wrong =
        || format!("{text:?} is not a moment such as 2026-05-03T10:00:00Z, 1777802400 or now-1h");
    let text = text.trim();
    if text == "now" {
        return Ok(now);
    }
    if let Some(back) = text.strip_prefix("now-") {
        return now.checked_sub(span(back)?).map_err(|_| wrong());
    }
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).map_err(|_| wrong());
    }
    text.parse().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        assert_eq!(span("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(span("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(span("7d"), Ok(Duration::from_secs(7 * 86400)));
    }

    #[test]
    fn what_is_no_span_says_what_one_is() {
        for text in ["soon", "", "-1h", "0s", "400d", "1"] {
            assert!(span(text).is_err(), "{text}");
        }
        assert!(span("soon").unwrap_err().contains("15m"));
    }

    #[test]
    fn moments_are_absolute_or_before_now() {
        let now: Timestamp = "2026-05-03T10:00:00Z".parse().unwrap();
        assert_eq!(moment("now-1h", now).unwrap().to_string(), "2026-05-03T09:00:00Z");
        assert_eq!(moment("1777802400", now).unwrap(), now);
        assert_eq!(moment("2026-05-03T12:00:00+02:00", now).unwrap(), now);
        assert!(moment("yesterday", now).unwrap_err().contains("now-1h"));
    }
}
