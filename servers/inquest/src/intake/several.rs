//! Whether a question tells of several troubles, and wants to know whether they are one.

use super::premise::tells_trouble;
use super::words::is_in;

/// What it counts: `the same cause`, `two tickets`, ...
const COUNTS: &str = "same two several";
/// ... and what of.
const COUNTED: &str = "alerts cause causes complaints fault faults incident incidents problem problems reason reasons \
teams tenants things thing tickets";
/// What it may be one of: `one incident or two`, `one reason for both`. `one problem is left` is one.
const SINGLE: &str = "cause fault incident reason";

/// What is asked for beside the one: `one problem or two`.
const MORE: &str = "more several two";

/// Whether it does.
pub fn are_told(question: &str) -> bool {
    question.to_lowercase().split(['.', ',', ';', ':', '?', '!']).any(|clause| {
        let words = clause.split(|it: char| !it.is_ascii_alphanumeric() && it != '\'');
        let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
        let counts = words.windows(2).any(|pair| match pair {
            ["one", counted] => is_in(SINGLE, counted),
            [count, counted] => is_in(COUNTS, count) && is_in(COUNTED, counted),
            _ => false,
        });
        // `are they related`, and not `is it related to the deploy`.
        counts
            || match words.as_slice() {
                [.., "one", "or", more] => is_in(MORE, more),
                [.., "one", counted, "or", more] => is_in(COUNTED, counted) && is_in(MORE, more),
                [.., "related" | "unrelated"] => true,
                _ => false,
            }
    })
}

/// Between two sentences in one.
const JOINTS: [&str; 4] = [", and ", "; ", " and at the same time ", ", while "];

/// Fewer words are no sentence.
const FEWEST: usize = 4;

/// The two halves of `nobody can log in, and at the same time the mails do not leave`, each of which tells of a trouble, in
/// small letters. `in the shop nobody can pay, and mails are missing` has its place in front of both.
pub fn halves(question: &str) -> Option<(String, String)> {
    let lower = question.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    if lower.starts_with("in ") {
        return None;
    }
    let halves = JOINTS.iter().find_map(|joint| lower.split_once(joint));
    let (first, second) = halves?;
    let tells = |half: &str| {
        let words = half.split(|it: char| !it.is_ascii_alphanumeric() && it != '\'');
        let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
        words.len() >= FEWEST && words.iter().any(|it| tells_trouble(it))
    };
    (tells(first) && tells(second)).then(|| (first.to_owned(), second.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{are_told, halves};

    #[test]
    fn a_question_whether_two_are_one_tells_of_several() {
        for question in [
            "The shop answers 503, and the load generator cannot pay. One fault or two?",
            "two tickets: exports are empty, and alerting restarts. related?",
            "carts are lost AND nobody gets mails. same thing?",
            "two tenants down at once: same cause?",
            "payments fail and the catalog hangs. Is there one reason for both?",
            "Nobody can log in, and the mails do not leave. Are these one problem or two?",
            "carts are lost, the export is empty. one thing or several",
        ] {
            assert!(are_told(question), "{question}");
        }
    }

    #[test]
    fn a_question_about_one_trouble_does_not() {
        for question in [
            "web has one pod that restarts. What is the reason?",
            "web crashes. Is it related to yesterday's deploy?",
            "one or two pods restart",
            "one problem is left: web restarts",
            "Is this problem one of the shop or of the bank?",
            "Why do two of three pods not start?",
            "is everything healthy in shop?",
            "checkout fails for one of two customers",
        ] {
            assert!(!are_told(question), "{question}");
        }
    }

    #[test]
    fn two_troubles_in_one_sentence_have_halves() {
        for question in [
            "Nobody can log in to the portal, and at the same time the laboratory cannot save results. Why?",
            "Doctors see no results since noon, and in the portal nobody can book.",
            "payments fail now and then; the export is missing since monday",
        ] {
            assert!(halves(question).is_some(), "{question}");
        }
        for question in [
            "In the portal nobody can book, and no mails are sent.",
            "web was scaled to eight, and not all of the new pods start. Why?",
            "Nobody can log in, and why?",
            "Nobody can log in and nobody can pay",
        ] {
            assert!(halves(question).is_none(), "{question}");
        }
    }
}
