//! Lines in which a program says that what it was given is too old, and of when it is.

use super::said::Said;
use jiff::Timestamp;

/// What says that something is too old, in small letters.
const OLD: [&str; 6] = ["older than", "out of date", "outdated", "stale", "too old", "tooold"];

/// What stands before the moment of which it is.
const OF: [&str; 9] =
    ["at", "created", "dated", "fetched", "from", "of", "since", "updated", "written"];

/// What a line says of an age.
pub fn said(text: &str) -> Option<Said> {
    let lowered = text.to_ascii_lowercase();
    if !OLD.iter().any(|sign| lowered.contains(sign)) {
        return None;
    }
    let parts = |it: char| it.is_whitespace() || "\"'()[]{},;=".contains(it);
    let mut before = "";
    for word in text.split(parts).filter(|it| !it.is_empty()) {
        // The moment at which the line was written stands behind no such word.
        if OF.contains(&before.trim_end_matches(':'))
            && let Ok(of) = word.trim_end_matches('.').parse::<Timestamp>()
        {
            return Some(Said::Outdated { of });
        }
        before = word;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::said;
    use crate::case::words::said::Said;

    #[test]
    fn programs_say_of_when_it_is() {
        for text in [
            "c.t.a.fx.QuoteTooOldException: quote EUR/PLN of fx is as of 2026-11-19T18:22:04Z, older than 48h",
            "2026-11-21T11:59:00Z WARN prices are stale (from 2026-11-19T18:22:04Z)",
            r#"{"time":"2026-11-21T11:59:00Z","msg":"refused: index out of date, updated: 2026-11-19T18:22:04Z"}"#,
        ] {
            let of = "2026-11-19T18:22:04Z".parse().unwrap();
            assert_eq!(said(text), Some(Said::Outdated { of }), "{text}");
        }
    }

    #[test]
    fn others_say_nothing() {
        for text in [
            "2026-11-21T11:59:00Z removed 14 files older than 7d",
            r#"{"time":"2026-11-21T11:59:00Z","msg":"stale lock removed"}"#,
            "quotes from 2026-11-19T18:22:04Z loaded",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }
}
