//! What need not be read through every form of a secret: nothing of it would be redacted, however much it looks like one.

use readonly::redact::{Redactor, is_harmless};

/// The shortest secrets of their forms, and values beside the names that tell them.
const SECRETS: [&str; 12] = [
    "xoxb-a1b2c3d4e5",
    "eyJhbGciOiJIU..",
    "sk_test_a1b2c3d4e5",
    "xapp-1-a1b2c3d4e5f6a7b8c9d0",
    "AKIAIOSFODNN7EXAMPLE",
    "hvs.a1b2c3d4e5f6a7b8c9d0",
    "://u:p@h",
    "Bearer a1b2c3d4e5f6",
    "pwd=x1y2",
    "token: x1y2z3",
    "--password hunter2",
    "<secret>x1</secret>",
];

#[test]
fn nothing_is_redacted_in_what_is_harmless() {
    let redactor = Redactor::with_key([7; 32]);
    let mut seen = 0;
    for secret in SECRETS {
        assert_ne!(redactor.text(secret), secret);
        assert!(!is_harmless(secret), "{secret}");
        for at in 0..secret.len() {
            for word in (1..=secret.len()).filter_map(|length| secret.get(at..at + length)) {
                assert!(!is_harmless(word) || redactor.text(word) == word, "{word}");
                seen += usize::from(is_harmless(word));
            }
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn what_most_cells_hold_is_harmless() {
    for word in ["1.91", "-71%", "web-7d4b9", "10/s", "…x7k2p", ""] {
        assert!(is_harmless(word), "{word}");
    }
    for word in ["pwd=x", "pwd: x", "a\u{200b}b", "one two", "a\nb", "a…b"] {
        assert!(!is_harmless(word), "{word}");
    }
}
