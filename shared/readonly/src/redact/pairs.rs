//! Secrets that are known by the name before them: `password=…`, `"token": "…"`, `--api-key …`, `Authorization: Bearer …`.

use super::MARK;
use super::name::holds_a_secret;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What every name of a secret has within it. It only says where to look closer.
const HINTS: &str = r"(?i)pass|pwd|secret|token|cred|dsn|auth|cookie|jwt|bearer|connection.?str|conn.?str|[_.\- ]sas|(?:api|access|account|app|application|client|deploy|encryption|license|master|private|shared|signing|ssh|storage)[_.\-]?key";

/// The value of an environment variable that is written beside its name, in YAML or JSON.
const BESIDE: &str = r#"^\\?["']?\s{0,80},?\s{0,80}\\?["']?value\\?["']?\s{0,8}:[ \t]{0,8}"#;

static PATTERNS: LazyLock<[Option<Regex>; 2]> =
    LazyLock::new(|| [HINTS, BESIDE].map(|pattern| Regex::new(pattern).ok()));

/// Values that say something about a secret without being one.
const PLAIN: &str = "\
    absent denied disabled empty enabled error expired failed false forbidden incorrect \
    invalid is malformed missing mismatch must never nil no none not null ok optional \
    rejected required revoked true unauthorized undefined unexpected unknown unset wrong yes";

/// Schemes that stand before the secret in a header.
const SCHEMES: &str = "basic bearer digest negotiate token apikey splunk aws4-hmac-sha256";

/// The ranges of the values in `text` that belong to the name of a secret.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let [Some(hints), Some(beside)] = &*PATTERNS else {
        return Vec::new();
    };
    let mut secrets = Vec::new();
    let mut from = 0;
    while let Some(hint) = hints.find_at(text, from) {
        let name = name_around(text, hint.range(), from);
        from = name.end.max(hint.end());
        if !text.get(name.clone()).is_some_and(holds_a_secret) {
            continue;
        }
        if let Some(secret) = value_of(text, &name, beside) {
            from = from.max(secret.end);
            secrets.push(secret);
        }
    }
    secrets
}

/// The name that a hint is part of, begun no earlier than `least`.
fn name_around(text: &str, hint: Range<usize>, least: usize) -> Range<usize> {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let before = text.as_bytes().get(least..hint.start).unwrap_or_default();
    let after = text.as_bytes().get(hint.end..).unwrap_or_default();
    let start = hint.start - before.iter().rev().take_while(|byte| part(byte)).count();
    let end = hint.end + after.iter().take_while(|byte| part(byte)).count();
    start..end
}

fn value_of(text: &str, name: &Range<usize>, beside: &Regex) -> Option<Range<usize>> {
    let rest = text.get(name.end..)?;
    let before = text.get(..name.start)?;
    if let Some(between) = beside.find(rest) {
        return value_at(text, name.end + between.end());
    }
    let unquoted = rest.strip_prefix('\\').unwrap_or(rest);
    let unquoted = unquoted.strip_prefix(['"', '\'']).unwrap_or(unquoted);
    let bare = unquoted.trim_start_matches([' ', '\t']);
    let name = text.get(name.clone())?;
    let is_element = before.ends_with('<') && rest.starts_with('>');
    let parted =
        [":=", "=>", "=", ":"].iter().find_map(|sign| Some((*sign, bare.strip_prefix(sign)?)));
    let (sign, value) = match parted {
        Some(parted) => parted,
        None if is_element => (">", rest.strip_prefix('>')?),
        None if name.starts_with("--") && rest.starts_with([' ', '\t']) => (" ", rest),
        None => return None,
    };
    // `a == b` compares and `token://` is an address.
    if value.starts_with(['=', '~']) || (sign == ":" && value.starts_with("//")) {
        return None;
    }
    let value = value.trim_start_matches([' ', '\t']);
    let secret = value_at(text, text.len() - value.len())?;
    if sign == ":" && name.to_ascii_lowercase().ends_with("cookie") {
        return Some(secret.start..secret.start + header_length(text.get(secret.start..)?));
    }
    let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
    let in_sentence = sign == ":" && line.ends_with(|c: char| c.is_alphanumeric());
    (!in_sentence || !is_prose(text, &secret)).then_some(secret)
}

/// How long the value of a header with several parts is.
fn header_length(text: &str) -> usize {
    text.find(['\n', '\r', '"', '\'', '\\']).unwrap_or(text.len())
}

/// Whether a value is the next word of a sentence: `failed to fetch oauth token: unexpected status`.
fn is_prose(text: &str, value: &Range<usize>) -> bool {
    let word = text.get(value.clone()).unwrap_or_default();
    let next = text.get(value.end..).unwrap_or_default();
    let followed =
        next.starts_with(' ') && next.trim_start().starts_with(|c: char| c.is_alphabetic());
    followed && word.len() <= 16 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The value that begins at `start`, in its quotes or up to a delimiter; none where it is no secret.
fn value_at(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let (range, quoted) = match quote(rest) {
        Some(quote) => {
            let inner = start + quote.len();
            let length = quoted_length(text.get(inner..)?, quote);
            (inner..inner + length, true)
        }
        None => (start..start + bare_length(rest), false),
    };
    let value = text.get(range.clone())?;
    let scheme = value.split([' ', '\t']).next().unwrap_or_default();
    if SCHEMES.split(' ').any(|known| known.eq_ignore_ascii_case(scheme)) {
        let after = text.get(range.start + scheme.len()..)?;
        let credentials = after.trim_start_matches([' ', '\t']);
        let start = text.len() - credentials.len();
        let end = if quoted { range.end } else { start + bare_length(credentials) };
        let value = text.get(start..end)?;
        return (after.len() > credentials.len() && is_secret(value)).then_some(start..end);
    }
    is_secret(value).then_some(range)
}

fn quote(text: &str) -> Option<&'static str> {
    ["\\\"", "\"", "'", "`"].into_iter().find(|quote| text.starts_with(quote))
}

/// How long a text in quotes is, up to the quote that ends it or the end of the line.
fn quoted_length(text: &str, quote: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        if byte == b'\n' {
            return at;
        }
        let ends = text.get(at..).is_some_and(|rest| rest.starts_with(quote));
        if ends && !escaped {
            return at;
        }
        escaped = byte == b'\\' && !escaped;
    }
    text.len()
}

fn bare_length(text: &str) -> usize {
    let delimiter = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, ',' | ';' | '&' | '"' | '\'' | '<' | '>' | ')' | ']' | '}' | '\\' | '`')
    };
    // A mark holds spaces.
    if text.starts_with(MARK) {
        return text.find('>').map_or(text.len(), |end| end + 1);
    }
    text.find(delimiter).unwrap_or(text.len())
}

/// Whether a value can be a secret: not a mark, a reference, a placeholder or a word about secrets.
fn is_secret(value: &str) -> bool {
    let opens = [MARK, "${", "$(", "{{", "<", "{", "[", "secretKeyRef", "vault:", "file:"];
    let word = value.trim_end_matches(['.', ':', '!', '?']);
    !word.is_empty()
        && !opens.iter().any(|open| value.starts_with(open))
        && !PLAIN.split(' ').any(|plain| plain.eq_ignore_ascii_case(word))
        && !word.bytes().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'-' | b'_' | b'|'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_compile() {
        assert!(PATTERNS.iter().all(Option::is_some));
    }
}
