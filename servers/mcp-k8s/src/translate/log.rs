//! What a container wrote, similar lines folded into one.

use super::meta::shortened;
use evidence::fact::event::{Line, Log};
use evidence::message;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How many different lines a fact holds.
const MOST_LINES: usize = 200;

/// A line as it was read: when it was written, where that is known, and its text.
pub type Written = (Option<Timestamp>, String);

/// Folds lines that differ only in numbers, hashes and identifiers. What stands is the last of each, in the order of
/// their first; of too many, those written last.
pub fn lines(written: impl IntoIterator<Item = Written>) -> (u32, Vec<Line>) {
    let mut read: u32 = 0;
    let mut folded: BTreeMap<String, Fold> = BTreeMap::new();
    for (at, text) in written {
        read = read.saturating_add(1);
        let line = Line { text: shortened(text), count: 1, first: at, last: at, moves: false };
        match folded.get_mut(&template(&line.text)) {
            Some(fold) => fold.again(read, line),
            None => {
                folded.insert(template(&line.text), Fold { first: read, last: read, line });
            }
        }
    }
    let mut folds: Vec<Fold> = folded.into_values().collect();
    folds.sort_by_key(|fold| std::cmp::Reverse(fold.last));
    folds.truncate(MOST_LINES);
    folds.sort_by_key(|fold| fold.first);
    (read, folds.into_iter().map(|fold| fold.line).collect())
}

/// A container's log. `truncated` says that older lines were not read.
pub fn log(
    namespace: &str,
    pod: &str,
    container: &str,
    previous: bool,
    truncated: bool,
    written: impl IntoIterator<Item = Written>,
) -> Log {
    let (read, lines) = lines(written);
    Log {
        namespace: namespace.to_owned(),
        pod: pod.to_owned(),
        container: container.to_owned(),
        previous,
        read,
        truncated,
        lines,
    }
}

struct Fold {
    first: u32,
    last: u32,
    line: Line,
}

impl Fold {
    fn again(&mut self, position: u32, line: Line) {
        self.last = position;
        self.line.moves = self.line.moves || moves(&self.line.text, &line.text);
        self.line.text = line.text;
        self.line.count = self.line.count.saturating_add(1);
        self.line.last = line.last.or(self.line.last);
    }
}

/// Whether two lines name another offset, or another message.
fn moves(one: &str, other: &str) -> bool {
    offset(one) != offset(other) || message::id(one) != message::id(other)
}

/// How far a consumer says that it came: the number behind `offset`, or behind the `@` of `trips-7@884121`.
fn offset(text: &str) -> Option<&str> {
    let named = text.find("offset").map(|at| at + "offset".len());
    let rest = text.get(named.or_else(|| text.find('@').map(|at| at + 1))?..)?;
    let digits = rest.trim_start_matches(|it: char| !it.is_ascii_digit());
    digits.split(|it: char| !it.is_ascii_digit()).next()
}

/// A text with what varies masked: a word of digits, or of hexadecimal digits and dashes with a digit among them.
pub fn template(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut word = String::new();
    for letter in text.chars() {
        if letter.is_alphanumeric() || letter == '-' || letter == '_' {
            word.push(letter);
            continue;
        }
        close(&mut word, &mut masked);
        masked.push(letter);
    }
    close(&mut word, &mut masked);
    masked
}

fn close(word: &mut String, masked: &mut String) {
    let digits = word.strip_prefix("0x").unwrap_or(word);
    let hexadecimal = digits.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-');
    let has_digit = word.chars().any(|letter| letter.is_ascii_digit());
    if hexadecimal && has_digit {
        masked.push('#');
    } else {
        // `worker-12` and `500ms` keep their letters.
        let mut in_number = false;
        for letter in word.chars() {
            let is_digit = letter.is_ascii_digit();
            if !is_digit {
                masked.push(letter);
            } else if !in_number {
                masked.push('#');
            }
            in_number = is_digit;
        }
    }
    word.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(texts: &[&str]) -> Vec<(String, u32)> {
        let written = texts.iter().map(|text| (None, (*text).to_owned()));
        lines(written).1.into_iter().map(|line| (line.text, line.count)).collect()
    }

    #[test]
    fn lines_that_differ_in_numbers_are_one_and_the_last_stands() {
        assert_eq!(
            fold(&["took 12ms", "panic: no route", "took 900ms"]),
            [("took 900ms".to_owned(), 2), ("panic: no route".to_owned(), 1)]
        );
    }

    #[test]
    fn an_offset_that_moves_on_is_noted() {
        let moves = |texts: [&str; 2]| {
            let written = texts.map(|text| (None, text.to_owned()));
            lines(written).1.into_iter().map(|line| (line.count, line.moves)).collect::<Vec<_>>()
        };
        assert_eq!(moves(["12:01 failed at offset 8", "12:02 failed at offset 9"]), [(2, true)]);
        assert_eq!(moves(["12:01 failed at offset 8", "12:02 failed at offset 8"]), [(2, false)]);
        assert_eq!(moves(["gave up on trips-7@41", "gave up on trips-7@42"]), [(2, true)]);
        assert_eq!(
            moves(["requeued message_id=41 at 7", "requeued message_id=42 at 8"]),
            [(2, true)]
        );
        assert_eq!(
            moves(["requeued message_id=42 at 7", "requeued message_id=42 at 8"]),
            [(2, false)]
        );
        let of_mail = |id: u8| format!("no mail to ann@example.com, requeued MESSAGE_ID={id}");
        assert_eq!(moves([&of_mail(41), &of_mail(42)]), [(2, true)]);
        assert_eq!(moves(["took 12ms", "took 13ms"]), [(2, false)]);
    }

    #[test]
    fn identifiers_are_masked() {
        let lines = fold(&[
            "request 5f0c1d3e-0000-4000-8000-00000000000a done",
            "request 6a1b2c3d-1111-4111-8111-11111111111b done",
            "at 0x7ffe32 worker-7",
            "at 0x8bbb01 worker-12",
        ]);
        let counts: Vec<u32> = lines.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [2, 2]);
    }

    #[test]
    fn different_words_stay_different() {
        assert_eq!(fold(&["cannot reach db", "cannot reach cache"]).len(), 2);
    }

    #[test]
    fn of_too_many_lines_the_last_ones_stay() {
        let letters: Vec<String> = (0..400_u32)
            .map(|number| format!("line {}", "x".repeat(usize::try_from(number).unwrap() + 1)))
            .collect();
        let (read, lines) = lines(letters.iter().map(|text| (None, text.clone())));
        assert_eq!((read, lines.len()), (400, MOST_LINES));
        assert_eq!(lines.last().unwrap().text, *letters.last().unwrap());
    }

    #[test]
    fn the_first_and_the_last_time_are_kept() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let (_, lines) = lines([
            (at("2026-11-01T10:00:00Z"), "try 1".to_owned()),
            (at("2026-11-01T10:01:00Z"), "try 2".to_owned()),
        ]);
        assert_eq!(lines[0].first, at("2026-11-01T10:00:00Z"));
        assert_eq!(lines[0].last, at("2026-11-01T10:01:00Z"));
    }
}
