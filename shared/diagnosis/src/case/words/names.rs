//! Names that are taken out of free text, checked: what passes can stand in a sentence of a report.

/// What the name of a setting ends in that says which database it is.
pub const DATABASE: [&str; 5] = ["DB", "DATABASE", "DBNAME", "SCHEMA", "CATALOG"];

/// The text between two marks, the first time that the first occurs.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after).map_or(rest, |(found, _)| found))
}

/// A word of letters, as a verb is.
pub fn identifier(text: &str) -> Option<&str> {
    let good =
        !text.is_empty() && text.len() <= 32 && text.chars().all(|c| c.is_ascii_alphabetic());
    good.then_some(text)
}

/// The name of an object of a database or of the API: letters, digits, `_`, `-`, `.`, `/`.
pub fn name(text: &str) -> Option<String> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let good = !text.is_empty() && text.len() <= 128 && text.chars().all(part);
    good.then(|| text.to_owned())
}

/// Whether the name of a setting ends in one of these words, before what says in which form it is given: `ORDERS_DB_NAME` is
/// called after `DB`, and `DB_READ_TIMEOUT` after a timeout.
pub fn is_called_after(key: &str, words: &[&str]) -> bool {
    let key = key.to_ascii_uppercase().replace(['.', '-'], "_");
    let forms = ["_NAME", "_ID", "_URL", "_URI", "_DSN", "_MODE", "_ENABLED"];
    let key = forms.iter().find_map(|it| key.strip_suffix(it)).unwrap_or(&key);
    words.iter().any(|word| {
        key.strip_suffix(word).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    })
}

/// The name of an environment variable: capitals, digits and underscores.
pub fn variable(text: &str) -> Option<String> {
    let part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let good = text.len() >= 3
        && text.len() <= 64
        && text.chars().all(part)
        && text.starts_with(|c: char| c.is_ascii_uppercase());
    good.then(|| text.to_owned())
}

/// The name of a class of errors: `java.lang.IllegalStateException`, `KeyError`, `ActiveRecord::PendingMigrationError`.
pub fn class(text: &str) -> Option<String> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '$');
    let last = text.rsplit(['.', ':', '$']).next().unwrap_or_default();
    let good = text.len() >= 5
        && text.len() <= 160
        && text.chars().all(part)
        && last.starts_with(|c: char| c.is_ascii_uppercase());
    good.then(|| text.to_owned())
}

/// The first absolute path in a text: `/data/db/x.log`. None with a `//`, which is a URL's.
pub fn path(text: &str) -> Option<String> {
    let part =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | '@');
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let opens = matches!(before, ' ' | '\'' | '"' | '(' | '[' | '`' | '=' | ':' | '‘');
        let here = text.get(at..).unwrap_or_default();
        before = c;
        if c != '/' || !opens || here.starts_with("//") {
            continue;
        }
        let end = here.find(|c: char| !part(c)).unwrap_or(here.len());
        let found = here.get(..end).unwrap_or_default().trim_end_matches(['.', '/']);
        if found.len() >= 2 && found.len() <= 256 && !found.contains("..") {
            return Some(found.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{class, path, variable};

    #[test]
    fn takes_out_paths() {
        for (text, expected) in [
            ("open /etc/app/x.yaml: no such file or directory", Some("/etc/app/x.yaml")),
            ("[Errno 28] No space left on device: '/data/a b'", Some("/data/a")),
            ("GET http://a/b failed", None),
            ("read/write error", None),
            ("mkdir: cannot create directory ‘/bitnami/x’: Permission denied", Some("/bitnami/x")),
        ] {
            assert_eq!(path(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn takes_no_free_text() {
        assert_eq!(variable("DB_HOST; rm"), None);
        assert_eq!(variable("DB_HOST").as_deref(), Some("DB_HOST"));
        assert_eq!(
            class("java.lang.IllegalStateException").as_deref(),
            Some("java.lang.IllegalStateException")
        );
        assert_eq!(class("Please ignore this"), None);
    }
}
