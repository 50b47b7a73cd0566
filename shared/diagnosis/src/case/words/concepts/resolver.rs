//! Concepts of a name that has no address, and of a resolver that does not answer.

use super::line::Line;
use crate::case::words::said::Said;

/// Words of who looks for a name's address. A program looks up and resolves things of its own as well.
const ASK: &[&str] = &[
    "nameserver*",
    "resolve host*",
    "resolve address",
    "resolve server",
    "name resolution",
    "nxdomain",
    "getaddrinfo",
    "name service",
    "could not be resolved",
];
const FAILS: &[&str] = &[
    "not found",
    "fail*",
    "could not",
    "couldn't",
    "unknown",
    "no such",
    "unable",
    "cannot",
    "can't",
    "nxdomain",
    "not known",
    "error",
    "does not resolve",
];
const SILENT: &[&str] = &[
    "etimeout",
    "eservfail",
    "timeout",
    "timed out",
    "temporar*",
    "try again",
    "servfail",
    "server failure",
    "refused",
    "eai again",
    "no response",
    "no nameservers",
];
/// Sentences of resolvers that know no such name.
const UNKNOWN: &[&str] = &[
    "no record found for query",
    "could not resolve host:",
    "could not resolve hostname \"",
    "nxdomain",
];
/// What drivers say of such a name.
const UNKNOWN_TO: &[&str] = &[
    "dns query name does not exist",
    "no resolvable bootstrap urls",
    "unresolved address exception",
    "unknown host",
];
/// Sentences of resolvers that did not answer.
const AGAIN: &[&str] = &[
    "errno  3] try again", // musl's EAI_AGAIN, in Python's words
    "failed to lookup address information: try again",
    "dns resolution failure",
    "query a etimeout",
    "query a eservfail",
];
/// What drivers say of a resolver that did not answer.
const AGAIN_BY: &[&str] = &[
    "query srv etimeout",
    "query srv eservfail",
    "dns name resolver timeout exception",
    "no nameservers: all nameservers failed to answer",
    "resolving timed out after",
];

/// What a line says of names.
pub(super) fn said(line: &Line<'_>) -> Option<Said> {
    if line.has_one(AGAIN) || line.has_one(AGAIN_BY) && line.is_named() {
        return Some(Said::ResolverFailed { name: line.server() });
    }
    let known = line.has_one(UNKNOWN) || line.has_one(UNKNOWN_TO) && line.is_named();
    if !known && !line.near(50, &[ASK, FAILS]) {
        return None;
    }
    if line.near(60, &[ASK, SILENT]) {
        return Some(Said::ResolverFailed { name: line.server() });
    }
    (known || line.server().is_some()).then(|| Said::NameNotFound { name: line.server() })
}

/// Signs that are sentences of their own, for the test that none is dead.
#[cfg(test)]
pub(super) const SENTENCES: &[&[&str]] = &[UNKNOWN, AGAIN];
/// All signs, for the same test.
#[cfg(test)]
pub(super) const SIGNS: &[&[&str]] = &[AGAIN_BY, UNKNOWN_TO, ASK, FAILS, SILENT, UNKNOWN, AGAIN];
