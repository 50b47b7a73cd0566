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

#[cfg(test)]
mod tests {
    use super::plain;

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
}
