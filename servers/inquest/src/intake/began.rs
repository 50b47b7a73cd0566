//! Since when something is reported, in words: how long it can have lasted at most.

use super::words::is_in;
use jiff::SignedDuration;

/// Within a day: what is said of one part of a day, or of hours.
const WITHIN_A_DAY: &str =
    "afternoon evening hour hours minute minutes midnight morning night noon today tonight";
/// Between `since` and the word that says when.
const BETWEEN: &str = "a about an early half last late the this";

/// The longest that a trouble can have lasted by its question: `since last night` is a day at most, `since yesterday` two,
/// `for about half an hour` twice that. None where it does not say, or says something else, as `since the release`.
pub fn longest(question: &str) -> Option<SignedDuration> {
    let lower = question.to_lowercase();
    let words: Vec<&str> =
        lower.split(|it: char| !it.is_ascii_alphanumeric()).filter(|it| !it.is_empty()).collect();
    let after =
        |sign: &str| words.iter().position(|it| *it == sign).and_then(|at| words.get(at + 1..));
    let counted = ["since", "for"].into_iter().filter_map(after).find_map(span);
    if let Some(counted) = counted {
        return Some(counted * 2);
    }
    let word = after("since")?.iter().find(|it| !is_in(BETWEEN, it) && count(it).is_none())?;
    if is_in(WITHIN_A_DAY, word) {
        return Some(SignedDuration::from_hours(24));
    }
    (*word == "yesterday").then_some(SignedDuration::from_hours(48))
}

/// The span of time that words begin with: `about half an hour`, `the last ten minutes`, `two hours`.
fn span(words: &[&str]) -> Option<SignedDuration> {
    let mut words = words.iter().skip_while(|it| is_in("about almost good last over some the", it));
    let mut first = *words.next()?;
    let is_one = is_in("a an", first);
    if is_one {
        first = *words.find(|it| **it != "good")?;
    }
    if matches!(first, "half" | "quarter") {
        let is_hour = words.find(|it| !is_in("a an of", it)) == Some(&"hour");
        let minutes = if first == "half" { 30 } else { 15 };
        return is_hour.then_some(SignedDuration::from_mins(minutes));
    }
    let (number, unit) = if is_one { (1, first) } else { (count(first)?, *words.next()?) };
    match unit {
        "minute" | "minutes" | "min" | "mins" => Some(SignedDuration::from_mins(number)),
        "hour" | "hours" => Some(SignedDuration::from_hours(number)),
        _ => None,
    }
}

/// `two hours`, `20 minutes`: numbers are few in speech.
fn count(word: &str) -> Option<i64> {
    if let Ok(number) = word.parse::<u16>() {
        return Some(i64::from(number));
    }
    let named = "zero one two three four five six seven eight nine ten";
    let at = named.split_whitespace().position(|it| it == word)?;
    i64::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::longest;

    #[test]
    fn words_say_how_long_at_most() {
        for (question, hours) in [
            ("Applicants get no mails since last night. Why?", Some(24)),
            ("Bookings time out since half an hour.", Some(1)),
            ("Bookings time out for about half an hour", Some(1)),
            ("nobody can log in for two hours now", Some(4)),
            ("pages have been empty for the last 30 minutes", Some(1)),
            ("the export hangs for all of them", None),
            ("it has been so for a good hour", Some(2)),
            ("it is slow since a quarter of an hour", Some(0)),
            ("Pictures are slow since the afternoon", Some(24)),
            ("nothing arrives since two hours", Some(4)),
            ("web fails since yesterday morning", Some(48)),
            ("web fails since the release of this morning", None),
            ("it is so since monday", None),
            ("why is web down?", None),
        ] {
            let found = longest(question).map(|it| it.as_hours());
            assert_eq!(found, hours, "{question}");
        }
    }
}
