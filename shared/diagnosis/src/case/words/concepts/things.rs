//! Concepts of a thing that a server does not have: a stream, a queue, a bucket, by the name that the line gives it.

use super::plain::{has, has_one, near};
use crate::case::words::names::name;
use crate::case::words::said::Said;

/// What servers hold by names, and how a report calls it.
const THINGS: &[(&str, &str)] = &[
    ("keyspace", "keyspace"),
    ("key space", "keyspace"),
    ("stream", "stream"),
    ("queue", "queue"),
    ("topic", "topic"),
    ("bucket", "bucket"),
    ("collection", "collection"),
    ("exchange", "exchange"),
    ("vhost", "vhost"),
    ("consumer", "consumer"),
    ("subscription", "subscription"),
    ("replication slot", "replication slot"),
    ("publication", "publication"),
    ("consumer group", "consumer group"),
    ("master with that name", "master"),
    ("sentinel", "master"),
    ("subject", "subject"),
    ("container", "container"),
    ("measurement", "measurement"),
    ("realm", "realm"),
    ("index", "index"),
    ("table", "table"),
    ("relation", "table"),
    ("column", "table"),
    ("view", "table"),
    ("object name", "table"),
    ("database", "database"),
    ("schema", "database"),
    ("catalog", "database"),
    ("sid", "database"),
    ("namespace", "namespace"),
    ("tenant", "tenant"),
    ("ns", "collection"),
];
/// How it is said that it is not there.
const ABSENT: &[&str] = &[
    "nonexistent",
    "not available: ",
    "not present and",
    "failed to declare",
    "there is no ",
    "was not found",
    "has no ",
    "invalid keyspace",
    "does not host this",
    "invalid column name",
    "not be found",
    "did not return any address",
    "no matches for kind",
    "no handler for route",
    "interrupted",
    "not found",
    "not exist",
    "doesn't exist",
    "no such",
    "unknown",
    "non existent",
    "unconfigured",
    "undefined",
    "missing",
    "cannot be found",
    "could not be found",
    "could not find",
    "cannot open",
    "can't find",
    "not present in metadata",
    "invalid object name",
    "no stream",
    "no exchange",
    "no queue",
    "not selected",
    "could not find your",
    "does not currently know",
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

/// What a line says of such a thing.
pub(super) fn said(text: &str, plain: &str) -> Option<Said> {
    if !has_one(plain, ABSENT) || has_one(plain, OTHERS) {
        return None;
    }
    let (_, what) = *THINGS.iter().find(|(word, _)| near(plain, 40, &[&[*word], ABSENT]))?;
    let words = THINGS.iter().filter(|(_, it)| *it == what).map(|(word, _)| *word);
    let named = words.clone().find_map(|it| name_of(text, it));
    match (what, named) {
        ("database", Some(name)) => Some(Said::NoSuchDatabase { name }),
        ("table", Some(name)) => Some(Said::NoSuchTable { name }),
        (_, name) => Some(Said::NoSuchThing { what, name }),
    }
    .filter(|_| words.clone().any(|it| has(plain, it)))
}

/// The name that stands with the word for a thing: after it in quotes or brackets, as a field, or before what says that it is
/// not there.
fn name_of(text: &str, what: &str) -> Option<String> {
    let lowered = text.to_ascii_lowercase();
    lowered.match_indices(what).find_map(|(at, what)| {
        let rest = text.get(at + what.len()..)?;
        let rest = rest.strip_prefix("(s)").or_else(|| rest.strip_prefix('s')).unwrap_or(rest);
        // `Collection not found: orders`, `database not found: "orders"`.
        let rest = ["notfound", " not found", " does not exist"].iter().find_map(|it| {
            let head = rest.get(..it.len())?;
            let tail = rest.get(it.len()..)?;
            (head.eq_ignore_ascii_case(it) && tail.starts_with(':')).then_some(tail)
        });
        let rest = rest.unwrap_or_else(|| text.get(at + what.len()..).unwrap_or_default());
        let rest = rest.strip_prefix("(s)").or_else(|| rest.strip_prefix('s')).unwrap_or(rest);
        let rest =
            rest.strip_prefix(" named").or_else(|| rest.strip_prefix(" with name")).unwrap_or(rest);
        let open = rest.trim_start_matches([' ', ':', '=', '\\', '"', '\'', '`', '[', '(', '«']);
        let sign = rest.get(..rest.len() - open.len())?;
        let end = open.find(|it: char| !is_part(it)).unwrap_or(open.len());
        let word = open.get(..end)?.trim_end_matches(['.', ':']);
        let marked = sign.contains(['"', '\'', '`', '[', '=', '(']) || sign.contains(": ");
        let after = open.get(end..)?.trim_start_matches(['"', '\'', '`', ']', '\\', ' ', ',']);
        let absent = [
            "does not exist",
            "doesn't exist",
            "not found",
            "is missing",
            "is unknown",
            "not present",
            "was not found",
            "cannot be found",
        ];
        let said = absent.iter().any(|it| after.starts_with(it));
        let before = text.get(..at)?.trim_end().to_ascii_lowercase();
        let unknown = ["unknown", "unconfigured", "no such", "undefined", "invalid", "missing"];
        let told = unknown.iter().any(|it| before.ends_with(it)) && sign == " ";
        let common = [
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
        ];
        let good =
            (marked || said || told) && !common.contains(&word.to_ascii_lowercase().as_str());
        if good { name(word) } else { None }
    })
}

fn is_part(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.' | '/')
}
