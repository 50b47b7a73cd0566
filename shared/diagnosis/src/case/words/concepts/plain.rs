//! A line in plain words: small letters, the parts of names apart, so that one word finds them however a library writes it.

/// How much of a line is looked at, in characters: what an error says stands before its trace.
const LOOKED_AT: usize = 4000;

/// A line's words: `NoSuchBucketException: read-only` becomes `no such bucket exception: read only`.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len().min(LOOKED_AT) + 32);
    let (mut before, mut last) = (' ', ' ');
    let mut letters = text.chars().take(LOOKED_AT).peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        // `readOnly`, and `SSLHandshake`, of which the last capital belongs to what follows.
        let opens = letter.is_ascii_uppercase()
            && (last.is_ascii_lowercase()
                || last.is_ascii_uppercase()
                    && before.is_ascii_alphabetic()
                    && next.is_ascii_lowercase());
        if opens {
            plain.push(' ');
        }
        match letter {
            '_' | '-' | '\u{a0}' => plain.push(' '),
            '’' => plain.push('\''),
            '\\' => {}
            _ => plain.push(letter.to_ascii_lowercase()),
        }
        (before, last) = (last, letter);
    }
    plain
}

/// Whether a word begins somewhere in a text: what stands before is no letter. Its end is open: `fail` finds `failed`.
pub(super) fn has(text: &str, word: &str) -> bool {
    places(text, word).next().is_some()
}

/// Whether one of some words begins somewhere in a text.
pub(super) fn has_one(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| has(text, word))
}

/// Whether one word of each group stands in a text, all within so many letters to either side of that of the first.
pub(super) fn near(text: &str, span: usize, groups: &[&[&str]]) -> bool {
    let Some((first, others)) = groups.split_first() else { return false };
    first.iter().any(|word| {
        places(text, word).any(|at| {
            let around = around(text, at, at + word.len(), span);
            others.iter().all(|group| has_one(around, group))
        })
    })
}

/// Where a word begins in a text.
fn places<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word).map(|(at, _)| at).filter(|at| {
        let before = at.checked_sub(1).and_then(|it| text.as_bytes().get(it));
        !before.is_some_and(u8::is_ascii_alphanumeric) || !word.starts_with(char::is_alphanumeric)
    })
}

/// The part of a text from so many letters before a place to so many after another.
fn around(text: &str, from: usize, to: usize, span: usize) -> &str {
    let mut start = from.saturating_sub(span);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (to + span).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    text.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{has, near, plain};

    #[test]
    fn names_are_taken_apart() {
        for (text, expected) in [
            ("NoSuchBucketException: read-only", "no such bucket exception: read only"),
            ("SSLHandshakeException", "ssl handshake exception"),
            ("ActiveRecord::ReadOnlyError", "active record::read only error"),
            ("NOT_ENOUGH_REPLICAS", "not enough replicas"),
            ("I/O error", "i/o error"),
            ("DNSErrorX", "dns error x"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn words_begin_where_no_letter_stands_before() {
        assert!(has("it failed", "fail"));
        assert!(!has("the unlimited", "limit"));
        assert!(has("é limit", "limit"));
    }

    #[test]
    fn words_of_one_thing_stand_together() {
        let groups: &[&[&str]] = &[&["connection", "client"], &["max", "limit"], &["exceeded"]];
        assert!(near("server maximum connections exceeded", 40, groups));
        let apart = format!("max {} connections exceeded", "x".repeat(50));
        assert!(!near(&apart, 40, groups));
        assert!(!near("max connections = 100", 40, groups));
    }
}
