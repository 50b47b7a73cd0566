//! Concepts of TLS that fails.

use super::line::Line;
use crate::case::words::said::{Said, Tls};

/// Words of TLS. A certificate may be one for a gift.
const TLS: &[&str] =
    &["ssl*", "tls*", "x509", "handshake*", "invalid peer certificate", "server certificate"];
const CERTIFICATE: &[&str] = &["certificate*", "cert", "hostname", "host name"];
const EXPIRED: &[&str] = &[
    "certificate expired",
    "certificate has expired",
    "certificate is expired",
    "expired certificate",
];
const TOO_EARLY: &[&str] = &["not yet valid", "not valid yet"];
const UNKNOWN: &[&str] = &[
    "unknown authority",
    "unknown issuer",
    "unknown ca",
    "untrusted",
    "not trusted",
    "self signed",
    "unable to get local issuer",
    "unable to get issuer",
    "trust anchor*",
    "chain errors",
    "validation callback",
    "issuer's authority",
    "verification failed",
    "verify failed",
];
const UNLIKE_NAME: &[&str] = &[
    "name mismatch",
    "does not match",
    "doesn't match",
    "not valid for",
    "no subject alternative",
];
/// Sentences about certificates that do not name TLS.
const ISSUED: &[&str] = &["issued certificate not yet valid"];
const UNSIGNED: &[&str] = &[
    "unable to get issuer certificate",
    "server certificate verification failed. cafile",
    "remote certificate was rejected",
    "remote certificate is invalid",
];
/// Sentences of clients to whom no TLS was spoken.
const NOT_SPOKEN: &[&str] = &[
    "cannot determine the frame size",
    "server does not support secure connection",
    "cannot connect to my sql by using ssl",
];
const UNLIKE: &[&str] = &[
    "missing selected alpn",
    "ssl is not enabled",
    "record layer failure",
    "rejected ssl upgrade",
    "unsupported record type",
    "unexpected message",
    "wrong version number",
    "unsupported protocol",
    "alert protocol version",
    "no protocols available",
    "no appropriate protocol",
    "no cipher*",
    "no shared cipher",
    "does not support",
    "plaintext connection",
    "record overflow",
    "unknown protocol",
    "not an ssl*",
    "version too low",
    "no supported versions",
    "packet length too long",
];
const OTHER: &[&str] = &[
    "handshake failure",
    "bad certificate",
    "certificate required",
    "verify failed",
    "violation of protocol",
    "before secure tls connection",
    "failed to enable ssl",
    "handshake failed",
    "fatal alert",
];

/// What a line says of TLS.
pub(super) fn said(line: &Line<'_>) -> Option<Said> {
    let of = |why| Some(Said::TlsFailed { peer: line.server(), why });
    if line.has_one(NOT_SPOKEN) {
        return of(Tls::NotSpoken);
    }
    if line.has_one(ISSUED) {
        return of(Tls::NotYetValid);
    }
    if line.has_one(UNSIGNED) {
        return of(Tls::UnknownAuthority);
    }
    let is_tls = line.has_one(TLS);
    // Whoever knocks at its own door and speaks otherwise is no trouble of its own.
    if line.has_one(&["tls handshake error from", "ssl handshaking to client"])
        || !is_tls && !line.has_one(CERTIFICATE)
    {
        return None;
    }
    let certified = |span: usize, why: &[&str]| line.near(span, &[CERTIFICATE, why]) && is_tls;
    if is_tls && line.has_one(EXPIRED) {
        return of(Tls::Expired);
    }
    if certified(40, TOO_EARLY) {
        return of(Tls::NotYetValid);
    }
    if certified(60, UNKNOWN) {
        return of(Tls::UnknownAuthority);
    }
    if certified(80, UNLIKE_NAME) {
        return of(Tls::NameMismatch);
    }
    if line.near(70, &[TLS, UNLIKE]) {
        return of(Tls::NotSpoken);
    }
    if line.near(60, &[TLS, OTHER]) { of(Tls::Other) } else { None }
}

/// Signs that are sentences of their own, for the test that none is dead.
#[cfg(test)]
pub(super) const SENTENCES: &[&[&str]] = &[ISSUED, UNSIGNED, NOT_SPOKEN];
/// All signs, for the same test.
#[cfg(test)]
pub(super) const SIGNS: &[&[&str]] = &[
    TLS,
    CERTIFICATE,
    EXPIRED,
    TOO_EARLY,
    UNKNOWN,
    UNLIKE_NAME,
    ISSUED,
    UNSIGNED,
    NOT_SPOKEN,
    UNLIKE,
    OTHER,
];
