//! Names given by a caller, checked before they come near a path.

use crate::sanitise::clean;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;

/// What a URL may hold as it is, everywhere (RFC 3986, unreserved).
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Bytes of a bad name that are shown: enough to recognise it, too few to fill a page.
const SHOWN: usize = 80;

const LABEL: &str = "it must be 1 to 63 lower-case letters, digits or '-', beginning and ending with a letter or digit (DNS-1123 label)";
const SUBDOMAIN: &str = "it must be 1 to 253 lower-case letters, digits, '-' or '.', each part between dots beginning and ending with a letter or digit (DNS-1123 subdomain)";
const SEGMENT: &str = "it must be 1 to 253 characters without '/', '%' or control characters, and not '.' or '..' (path segment name)";

/// A name that cannot be one: which argument, what was given, and the rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{argument} {given:?} is not a valid name: {rule}")]
pub struct BadName {
    /// The argument, as the caller calls it.
    pub argument: &'static str,
    /// The start of what was given, cleaned.
    pub given: String,
    /// What a valid one looks like.
    pub rule: &'static str,
}

/// Checks the name of a namespace, Service or container: a DNS-1123 label.
pub fn label(argument: &'static str, name: &str) -> Result<(), BadName> {
    if name.len() <= 63 && is_label(name) {
        return Ok(());
    }
    Err(bad(argument, name, LABEL))
}

/// Checks the name of most objects, of an API group or a plural: a DNS-1123 subdomain.
pub fn subdomain(argument: &'static str, name: &str) -> Result<(), BadName> {
    if name.len() <= 253 && name.split('.').all(is_label) {
        return Ok(());
    }
    Err(bad(argument, name, SUBDOMAIN))
}

/// Checks a name that may hold nearly anything (`system:node`): whether it can stand as one segment of a path.
pub fn segment(argument: &'static str, name: &str) -> Result<(), BadName> {
    let odd = |c: char| c.is_control() || matches!(c, '/' | '%' | '\\');
    if (1..=253).contains(&name.len())
        && !name.starts_with("..")
        && name != "."
        && !name.contains(odd)
    {
        return Ok(());
    }
    Err(bad(argument, name, SEGMENT))
}

/// `text` percent-encoded as one segment of a path, or as one value in a query.
pub fn encode(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, &RESERVED).into()
}

fn is_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && !text.starts_with('-') && !text.ends_with('-') && text.bytes().all(inner)
}

fn bad(argument: &'static str, name: &str, rule: &'static str) -> BadName {
    BadName { argument, given: clean(name, SHOWN).into_owned(), rule }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_short_and_plain() {
        let longest = "a".repeat(63);
        for good in ["a", "web-1", "0", longest.as_str()] {
            assert_eq!(label("namespace", good), Ok(()));
        }
        let too_long = "a".repeat(64);
        for wrong in ["", "-a", "a-", "A", "a.b", "a_b", "ü", "a b", "../x", too_long.as_str()] {
            assert!(label("namespace", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_subdomain_has_parts() {
        for good in ["web", "apps.example.com", "v1.2"] {
            assert_eq!(subdomain("name", good), Ok(()));
        }
        let too_long = "a.".repeat(126) + "bc";
        for wrong in ["", ".", "..", "a..b", ".a", "a.", "a.-b", "a/b", "../../x", &too_long] {
            assert!(subdomain("name", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_segment_cannot_leave_its_place() {
        assert_eq!(segment("name", "system:node"), Ok(()));
        for wrong in ["", ".", "..", "..;", "a/b", "a%2fb", "a\nb", "a\\b"] {
            assert!(segment("name", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_bad_name_says_the_argument_and_the_rule_in_one_short_line() {
        let message =
            label("namespace", &"\u{1b}[31m../x\n".repeat(100_000)).unwrap_err().to_string();
        assert!(message.starts_with("namespace \"../x"), "{message}");
        assert!(message.contains("DNS-1123 label") && !message.contains('\n'));
        assert!(message.len() < 400);
    }

    #[test]
    fn encoding_leaves_no_separator() {
        assert_eq!(encode("web-1.a_b~c"), "web-1.a_b~c");
        assert_eq!(encode("a/b?c#d%e&f=g h"), "a%2Fb%3Fc%23d%25e%26f%3Dg%20h");
    }
}
