//! Foreign text, made fit to show: stripped, redacted, cut, in the order that lets none hide from the next.

use crate::redact::Redactor;
use crate::sanitise::{cut, strip};

/// `text` stripped of what hides, redacted with the key of this process, and cut to `max_bytes`.
pub fn safe(text: &str, max_bytes: usize) -> String {
    // A secret broken up by an invisible character is found only after stripping, one that is cut in two not at all.
    cut(&Redactor::of_process().text(&strip(text)), max_bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invisible_character_does_not_hide_a_secret() {
        let text = format!("key ghp_{}\u{200b}{}", "a1".repeat(9), "B2".repeat(9));
        assert!(safe(&text, 1000).starts_with("key <redacted len=40"), "{}", safe(&text, 1000));
    }

    #[test]
    fn a_cut_does_not_hide_a_secret() {
        let text = format!("key ghp_{}", "a1".repeat(18));
        assert!(!safe(&text, 30).contains("ghp_"));
    }
}
