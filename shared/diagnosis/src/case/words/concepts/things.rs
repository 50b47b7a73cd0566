//! Concepts of a thing that a server does not have: a stream, a queue, a bucket, by the name that the line gives it.
//!
//! Programs have streams, tables and topics of their own: a line counts that names a store, by its driver's words, or a
//! server.

use super::line::Line;
use crate::case::words::names::name;
use crate::case::words::said::Said;

/// What servers hold by names, as lines write it, and how a report calls it: the more particular first.
const THINGS: &[(&str, &str)] = &[
    ("keyspace", "keyspace"),
    ("key space", "keyspace"),
    ("stream", "stream"),
    ("queue(s)", "queue"),
    ("queue", "queue"),
    ("queues", "queue"),
    ("topic(s)", "topic"),
    ("topic or partition that", "topic"),
    ("topic", "topic"),
    ("topics", "topic"),
    ("bucket", "bucket"),
    ("collection", "collection"),
    ("exchange", "exchange"),
    ("vhost", "vhost"),
    ("consumer group", "consumer group"),
    ("consumer", "consumer"),
    ("subscription", "subscription"),
    ("replication slot", "replication slot"),
    ("publication", "publication"),
    ("master with that name", "master"),
    ("sentinel", "master"),
    ("subject", "subject"),
    ("container", "container"),
    ("measurement", "measurement"),
    ("realm", "realm"),
    ("index", "index"),
    ("column name", "column"),
    ("column", "column"),
    ("columns", "column"),
    ("table expression identifier", "table"),
    ("table or view", "table"),
    ("table with name", "table"),
    ("object name", "table"),
    ("table", "table"),
    ("relation", "table"),
    ("view", "view"),
    ("database", "database"),
    ("schema", "schema"),
    ("catalog", "catalog"),
    ("namespace", "namespace"),
    ("tenant", "tenant"),
];
/// How it is said that it is not there.
const ABSENT: &[&str] = &[
    "not found",
    "was not found",
    "not exist",
    "doesn't exist",
    "non existent",
    "nonexistent",
    "no such",
    "there is no",
    "unknown",
    "unconfigured",
    "undefined",
    "missing",
    "not be found",
    "could not find",
    "can't find",
    "cannot open",
    "invalid keyspace",
    "invalid object name",
    "invalid column name",
    "failed to declare",
    "not present and",
    "did not return any address",
    "no stream",
    "no exchange",
    "no queue",
    "not registered",
    "no responders",
];
/// What else is not found in such words.
const OTHERS: &[&str] = &[
    "file or directory",
    "out of range",
    "out of bounds",
    "index.html",
    "method",
    "module",
    "class",
    "property",
    "crd",
    "cannot read",
    "array",
    "primary key",
    "host",
    "file not found",
    "service",
    "endpoint",
    "resource version",
];
/// Sentences of servers that are about a thing of theirs, and name no driver.
const WHOLE: &[&str] = &[
    "storage: bucket doesn't exist",
    "no such master with that name",
    "error\":\"realm does not exist",
    "local: unknown topic",
    "sentinel did not return any address",
];
/// Oracle's listener: of a database that it does not serve.
const LISTENER: &[&str] = &["listener does not currently know of"];

/// What a line says of such a thing.
pub(super) fn said(line: &Line<'_>) -> Option<Said> {
    if line.has_one(LISTENER) {
        return Some(Said::NoSuchThing { what: "database", name: None });
    }
    if !line.has_one(ABSENT) || line.has_one(OTHERS) {
        return None;
    }
    let is_near = |word: &str| line.near(40, &[&[word], ABSENT]);
    let (_, what) = *THINGS.iter().find(|(word, _)| is_near(word))?;
    let whole = line.has_one(WHOLE);
    if !whole && !line.is_of_store() {
        return None;
    }
    let words = THINGS.iter().filter(|(_, it)| *it == what).map(|(word, _)| *word);
    let lowered = line.text.to_ascii_lowercase();
    let named = words.into_iter().find_map(|it| name_of(line.text, &lowered, it));
    // Without a name what is not there must stand beside it.
    let beside = |word: &str| line.near(15, &[&[word], ABSENT]);
    if named.is_none() && !whole && !THINGS.iter().any(|(word, it)| *it == what && beside(word)) {
        return None;
    }
    Some(match (what, named) {
        ("database", Some(name)) => Said::NoSuchDatabase { name },
        ("table", Some(name)) => Said::NoSuchTable { name },
        (_, name) => Said::NoSuchThing { what, name },
    })
}

/// Words that stand behind a thing, and are no name of it.
const COMMON: &[&str] = &[
    "not",
    "does",
    "is",
    "in",
    "found",
    "error",
    "exception",
    "name",
    "with",
    "for",
    "or",
    "expression",
    "was",
    "on",
    "of",
];
/// What stands before a thing that is not there, with its name behind.
const TOLD: &[&str] = &["unknown", "unconfigured", "no such", "undefined", "invalid", "missing"];
/// What stands behind the name of one.
const GONE: &[&str] = &[
    "does not exist",
    "doesn't exist",
    "not found",
    "is missing",
    "is unknown",
    "not present",
    "was not found",
    "cannot be found",
];

/// The name that stands with the word for a thing: after it in quotes or brackets, as a field, or before what says that it is
/// not there.
fn name_of(text: &str, lowered: &str, what: &str) -> Option<String> {
    lowered.match_indices(what).find_map(|(at, what)| {
        let rest = text.get(at + what.len()..)?;
        // `Collection not found: orders`, `database not found: "orders"`.
        let told = ["notfound", " not found", " does not exist"].iter().find_map(|it| {
            let tail = rest.get(it.len()..)?;
            (rest.get(..it.len())?.eq_ignore_ascii_case(it) && tail.starts_with(':'))
                .then_some(tail)
        });
        let rest = told.unwrap_or(rest);
        let rest =
            rest.strip_prefix(" named").or_else(|| rest.strip_prefix(" with name")).unwrap_or(rest);
        let open = rest.trim_start_matches([' ', ':', '=', '\\', '"', '\'', '`', '[', '(', '«']);
        let sign = rest.get(..rest.len() - open.len())?;
        let (word, after) = named_at(open);
        let marked = sign.contains(['"', '\'', '`', '[', '=', '(']) || sign.contains(": ");
        let after = after.trim_start_matches(['"', '\'', '`', ']', '\\', ' ', ',']);
        let said = sign.starts_with(' ') && GONE.iter().any(|it| after.starts_with(it));
        let before = lowered.get(..at)?.trim_end();
        let told = TOLD.iter().any(|it| before.ends_with(it)) && sign == " ";
        let small = word.to_ascii_lowercase();
        let common = COMMON.contains(&small.as_str()) || small == what;
        if (marked || said || told) && !common { name(&word) } else { None }
    })
}

/// The name that a text begins with, and what follows: `shop`.`orders` is one.
fn named_at(text: &str) -> (String, &str) {
    let end = text.find(|it: char| !is_part(it)).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    let joined = ["\".\"", "`.`", "'.'", "].["].iter().find_map(|it| after.strip_prefix(it));
    match joined {
        Some(rest) => {
            let (last, after) = named_at(rest);
            (format!("{word}.{last}"), after)
        }
        None => (word.trim_end_matches(['.', ':']).to_owned(), after),
    }
}

fn is_part(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.' | '/')
}

/// Signs that are sentences of their own, for the test that none is dead.
#[cfg(test)]
pub(super) const SENTENCES: &[&[&str]] = &[WHOLE, LISTENER];
/// All signs, for the same test.
#[cfg(test)]
pub(super) const SIGNS: &[&[&str]] = &[ABSENT, OTHERS, WHOLE, LISTENER];

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn things_are_named_behind_their_word() {
        for (text, what, expected) in [
            ("Unknown column 'o.total' in 'field list'", "column", Some("o.total")),
            ("UndefinedColumn: column orders.total does not exist", "column", Some("orders.total")),
            ("missing column [total] in table [orders]", "column", Some("total")),
            (
                "The table or view `shop`.`orders` cannot be found",
                "table or view",
                Some("shop.orders"),
            ),
            ("Collection not found: orders", "collection", Some("orders")),
            ("Failed to declare queue(s):[orders]", "queue(s)", Some("orders")),
            ("exchange rate missing for currency XTS", "exchange", None),
            ("table does not exist", "table", None),
        ] {
            let found = name_of(text, &text.to_ascii_lowercase(), what);
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
