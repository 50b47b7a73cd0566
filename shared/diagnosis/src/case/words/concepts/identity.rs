//! Concepts of who somebody is to a server, and what he may do there.

use super::line::Line;
use crate::case::words::limits::token_expired_at;
use crate::case::words::said::Said;

/// Words of who somebody is.
const IDENTITY: &[&str] = &[
    "password*",
    "credential*",
    "authenticat*",
    "login",
    "logon",
    "username*",
    "user name",
    "sasl",
    "auth error",
    "auth failed",
    "auth failure",
    "auth token",
    "access key",
    "signature",
    "api key",
    "security token",
    "client secret",
    "bind dn",
    "unauthorized",
    "jwt",
    "auth",
];
/// Words that refuse it.
const TURNED_DOWN: &[&str] = &[
    "incorrect",
    "invalid",
    "wrong",
    "fail*",
    "reject*",
    "denied",
    "mismatch",
    "refus*",
    "not match",
    "unauthorized",
    "unauthorised",
    "unauthenticated",
    "unsuccessful",
    "violation",
    "not valid",
    "required",
    "requires",
    "does not exist",
    "unknown",
    "not found",
    "not accepted",
    "not allowed",
    "expired",
    "locked",
    "unable to",
    "missing",
    "did not match",
    "no password",
    "no valid",
    "not successful",
    "no such user",
    "error authenticating",
    "exception authenticating",
];
/// Sentences that say it whole.
const WHOLE: &[&str] = &[
    "invalid client credentials",
    "username or password not allowed",
    "access key id you provided does not exist",
    "your password has expired. to log in you must change it",
];
/// Sentences of drivers that are refused.
const REFUSED: &[&str] = &[
    "authorization violation",
    "signature does not match",
    "public key retrieval is not allowed",
    "is not allowed to connect to this",
    "unable to locate credentials",
    "no credential providers",
    "default credentials were not found",
    "security token included in the request is",
    "code: 'elogin'",
    "server replied with 'provided username",
    "requested scram based authentication",
    "peer authentication failed for user",
    "invalid authorization specification*",
    "unable to authenticate user [",
];
/// Words of lines about a visitor of the program itself.
const VISITOR: &[&str] = &[
    "client ip",
    "remote ip",
    "remote addr",
    "ip=",
    "ip:",
    "user agent",
    "email",
    "visitor",
    "customer",
    "sign in",
    "signin",
    "user id",
    "attempt from",
    "password reset",
    "jwt expired",
    "unknown[",
    "cart",
    "login form",
    "login page",
];
/// Words of a right, and what says that it is lacking.
const RIGHT: &[&str] = &[
    "permission*",
    "privilege*",
    "access",
    "authoriz*",
    "grant*",
    "acl",
    "not allowed",
    "security",
];
const LACKING: &[&str] = &[
    "denied",
    "insufficient",
    "not enough",
    "lacks",
    "no permission",
    "no permissions",
    "does not have",
    "doesn't have",
    "has no",
    "not authorized",
    "authorization failed",
    "violation",
    "refused",
    "is not allowed",
    "unauthorized",
    "no privilege",
    "no auth",
    "blocked by acl",
    "not able to access",
    "must be owner",
    "not held",
    "authorization permission mismatch",
    "forbidden",
];

/// A file's permissions are told by the kernel's words for them.
const FILES: &[&str] = &["errno 13", "eacces", "open /", "mkdir"];
/// Who is no one to a server may do nothing there either.
const SECRET: &[&str] = &["password*", "login", "authentication failed", "credential*"];
/// Sentences of servers that know who somebody is, and forbid it.
const FORBIDDEN: &[&str] = &[
    "is not able to access the database \"",
    "topic authorization failed: the client is not authorized",
];
/// Sentences of drivers that may not do a thing.
const WITHOUT_RIGHT: &[&str] = &[
    "must be owner of",
    "row level security policy",
    "permission was denied on the object",
    "user is not allowed to do action",
    "not enough privileges. to execute this query",
    "insufficient access rights",
    "permissions not currently held",
    "relay access denied (in reply to",
];

/// What a line says of who somebody is, or of his rights.
pub(super) fn said(line: &Line<'_>) -> Option<Said> {
    // That a token's time is over is known otherwise, with whose it is.
    if line.has_one(VISITOR) || token_expired_at(line.text).is_some() {
        return None;
    }
    if is_forbidden(line) && !line.has_one(FILES) {
        return Some(Said::Forbidden { what: String::new() });
    }
    let refused =
        || (line.has_one(REFUSED) || line.near(60, &[IDENTITY, TURNED_DOWN])) && line.is_of_store();
    (line.has_one(WHOLE) || refused()).then(|| Said::Unauthenticated { peer: line.server() })
}

fn is_forbidden(line: &Line<'_>) -> bool {
    let lacks = || line.near(40, &[LACKING, RIGHT]) && !line.near(40, &[SECRET, TURNED_DOWN]);
    line.has_one(FORBIDDEN) || (line.has_one(WITHOUT_RIGHT) || lacks()) && line.is_of_store()
}

/// Signs that are sentences of their own, for the test that none is dead.
#[cfg(test)]
pub(super) const SENTENCES: &[&[&str]] = &[WHOLE, FORBIDDEN];
/// All signs, for the same test.
#[cfg(test)]
pub(super) const SIGNS: &[&[&str]] = &[
    WITHOUT_RIGHT,
    REFUSED,
    IDENTITY,
    TURNED_DOWN,
    WHOLE,
    VISITOR,
    RIGHT,
    LACKING,
    FILES,
    SECRET,
    FORBIDDEN,
];
