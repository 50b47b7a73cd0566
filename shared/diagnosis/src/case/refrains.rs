//! Errors that a log repeats now.

use super::Case;
use super::words::levels::says_error;
use super::words::requests::is_of_others;
use evidence::fact::event::{Line, Log};
use jiff::Timestamp;

/// How often a line of its form must have been said: once is an accident.
const REPEATED: u32 = 2;

/// Words in a row that two lines do not share by chance.
const SHARED: usize = 6;

/// Lines of one form.
#[derive(Clone, Debug)]
pub struct Refrain<'a> {
    /// The last of them.
    pub line: &'a Line,
    /// How many.
    pub count: u32,
    /// When it was first said, as far as the log reaches back and tells times.
    pub since: Option<Timestamp>,
}

impl Case {
    /// The form that a log repeats most, of those that say an error now.
    pub fn refrain<'a>(&self, log: &'a Log) -> Option<Refrain<'a>> {
        let mut forms: Vec<(String, Refrain<'a>)> = Vec::new();
        for line in log.lines.iter().filter(|it| says_error(&it.text) && !is_of_others(&it.text)) {
            let form = form(&line.text);
            let count = line.count.max(1);
            match forms.iter_mut().find(|it| it.0 == form) {
                Some((_, known)) => {
                    (known.line, known.count) = (line, known.count.saturating_add(count));
                }
                None => {
                    forms.push((form, Refrain { line, count, since: line.first.or(line.last) }))
                }
            }
        }
        forms.retain(|(_, it)| it.count >= REPEATED && self.is_said_now(it.line));
        forms.into_iter().map(|(_, it)| it).max_by_key(|it| it.count)
    }
}

/// Whether one line quotes another: they share this many words in a row.
pub fn quotes(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let (one, other) = (words(one), words(other));
    one.windows(SHARED).any(|run| other.windows(SHARED).any(|it| it == run))
}

/// A line without its numbers and ids.
fn form(text: &str) -> String {
    let words = text.split_whitespace().filter(|it| !it.contains(|it: char| it.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{form, quotes};

    #[test]
    fn a_caller_quotes_what_it_was_answered() {
        let said = r#"{"message": "Charge refused. Token rejected by the processor."}"#;
        assert!(quotes("rpc error: desc = Charge refused. Token rejected by the processor.", said));
        assert!(!quotes("rpc error: code = Unknown desc = no such order", said));
    }

    #[test]
    fn lines_of_one_form_differ_in_numbers() {
        assert_eq!(form("order 12 failed in 3ms"), form("order 13 failed in 4ms"));
    }
}
