//! Finds where a JSON value ends, going on where it stopped when more bytes have come.

/// How far one value has been scanned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scan {
    position: usize,
    depth: usize,
    in_string: bool,
    escaped: bool,
    scalar: bool,
}

impl Scan {
    /// Whether nothing of a value has been seen yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.position == 0
    }

    /// The length of the value at the head of `bytes`, which grow from call to call; none while it is incomplete. It balances
    /// brackets and quotes; whether the value is JSON is for the decoder to say.
    pub(crate) fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        while let Some(&byte) = bytes.get(self.position) {
            if self.in_string {
                self.skip_string(bytes);
                if !self.in_string && self.depth == 0 {
                    return Some(self.position);
                }
                continue;
            }
            match byte {
                b']' | b'}' | b',' if self.depth == 0 => return Some(self.position),
                b' ' | b'\t' | b'\r' | b'\n' if self.scalar => return Some(self.position),
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth == 1 => {
                    self.position += 1;
                    return Some(self.position);
                }
                b'}' | b']' => self.depth -= 1,
                _ => self.scalar = self.depth == 0,
            }
            self.position += 1;
        }
        None
    }

    /// Passes what is left of a string, its closing quote included if it is there.
    fn skip_string(&mut self, bytes: &[u8]) {
        let rest = bytes.get(self.position..).unwrap_or_default();
        for &byte in rest {
            self.position += 1;
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = false;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_it_is_balanced() {
        for (text, value) in [
            (r#"{"a":"}"},2"#, r#"{"a":"}"}"#),
            ("12,", "12"),
            ("12 ,", "12"),
            ("true]", "true"),
            (r#""a\"b",x"#, r#""a\"b""#),
            (r#""a\\",x"#, r#""a\\""#),
            ("[[],[]]]", "[[],[]]"),
        ] {
            assert_eq!(Scan::default().end(text.as_bytes()), Some(value.len()), "{text}");
        }
    }

    #[test]
    fn an_incomplete_value_has_no_end_yet() {
        for text in ["", "12", "{", r#""a"#, r#""a\""#, "[1,2"] {
            assert_eq!(Scan::default().end(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn it_goes_on_where_it_stopped() {
        let text = br#"{"a\"":["x]"]} "#;
        let mut scan = Scan::default();
        for length in 0..text.len() - 1 {
            assert_eq!(scan.end(&text[..length]), None, "{length}");
        }
        assert_eq!(scan.end(text), Some(text.len() - 1));
    }
}
