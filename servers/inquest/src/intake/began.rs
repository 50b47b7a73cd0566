//! Since when something is reported, in words: how long it can have lasted at most.

use super::words::is_in;
use jiff::SignedDuration;

/// Within a day: what is said of one part of a day, or of hours.
const WITHIN_A_DAY: &str =
    "afternoon evening hour hours minute minutes midnight morning night noon today tonight";
/// Between `since` and the word that says when.
const BETWEEN: &str = "a about an early half last late the this";

/// The longest that a trouble can have lasted by its question: `since last night` is a day at most, `since yesterday` two.
/// None where it does not say, or says something else, as `since the release`.
pub fn longest(question: &str) -> Option<SignedDuration> {
    let lower = question.to_lowercase();
    let words = lower.split(|it: char| !it.is_ascii_alphanumeric());
    let mut words = words.filter(|it| !it.is_empty());
    words.find(|it| *it == "since")?;
    let word = words.find(|it| {
        !is_in(BETWEEN, it) && !it.chars().all(|it| it.is_ascii_digit()) && number(it).is_none()
    })?;
    if is_in(WITHIN_A_DAY, word) {
        return Some(SignedDuration::from_hours(24));
    }
    (word == "yesterday").then_some(SignedDuration::from_hours(48))
}

/// `two hours`: numbers are few in speech.
fn number(word: &str) -> Option<usize> {
    "one two three four five six seven eight nine ten".split_whitespace().position(|it| it == word)
}

#[cfg(test)]
mod tests {
    use super::longest;

    #[test]
    fn words_say_how_long_at_most() {
        for (question, hours) in [
            ("Applicants get no mails since last night. Why?", Some(24)),
            ("Bookings time out since half an hour.", Some(24)),
            ("Pictures are slow since the afternoon", Some(24)),
            ("nothing arrives since two hours", Some(24)),
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
