//! Concepts of TLS that fails.

use super::plain::{has, has_one, near};
use super::whom::server;
use crate::case::words::said::{Said, Tls};

const TLS: &[&str] = &["ssl", "tls", "certificate", "x509", "handshake"];
const UNLIKE: &[&str] = &[
    "alpn",
    "ssl is not enabled",
    "record layer failure",
    "rejected ssl upgrade",
    "ssl upgrade",
    "unsupported record type",
    "does not support ssl",
    "unexpected message",
    "wrong version number",
    "unsupported protocol",
    "protocol version",
    "no protocols available",
    "no appropriate protocol",
    "no cipher",
    "no shared cipher",
    "not support",
    "plain text",
    "plaintext",
    "record header",
    "record overflow",
    "by using ssl",
    "unknown protocol",
    "not an ssl",
    "not an ssl/tls",
    "version too low",
    "no supported versions",
    "packet length too long",
    "http request",
];

/// What a line says of TLS.
pub(super) fn said(text: &str, plain: &str) -> Option<Said> {
    if !has_one(plain, TLS) {
        // .NET, of the first bytes of an answer that is no TLS; and what clients say to a server that speaks none.
        let unlike = ["cannot determine the frame size", "does not support secure connection"];
        return has_one(plain, &unlike)
            .then(|| Said::TlsFailed { peer: server(text), why: Tls::NotSpoken });
    }
    // Whoever knocks at its own door and speaks otherwise is no trouble of its own.
    if plain.contains("tls handshake error from") || has(plain, "ssl handshaking to client") {
        return None;
    }
    let of = |why| Some(Said::TlsFailed { peer: server(text), why });
    const CERTIFICATE: &[&str] = &["certificate", "cert", "hostname", "host name"];
    if near(plain, 40, &[CERTIFICATE, &["expired", "has expired"]]) {
        return of(Tls::Expired);
    }
    if near(plain, 40, &[CERTIFICATE, &["not yet valid", "not valid yet"]]) {
        return of(Tls::NotYetValid);
    }
    if near(
        plain,
        60,
        &[
            CERTIFICATE,
            &[
                "unknown authority",
                "unknown issuer",
                "unknown ca",
                "untrusted",
                "not trusted",
                "self signed",
                "unable to get local issuer",
                "unable to get issuer",
                "trust anchor",
                "trust anchors",
                "chain errors",
                "validation callback",
                "issuer's authority",
                "verification failed",
                "verify failed",
                "self signed",
            ],
        ],
    ) {
        return of(Tls::UnknownAuthority);
    }
    if near(
        plain,
        80,
        &[
            CERTIFICATE,
            &[
                "name mismatch",
                "does not match",
                "doesn't match",
                "not valid for",
                "no subject alternative",
                "mismatch",
            ],
        ],
    ) {
        return of(Tls::NameMismatch);
    }
    if near(plain, 70, &[TLS, UNLIKE]) {
        return of(Tls::NotSpoken);
    }
    const OTHER: &[&str] = &[
        "handshake failure",
        "bad certificate",
        "certificate required",
        "verify failed",
        "violation of protocol",
        "syscall",
        "connection could not be established",
        "before secure tls connection",
        "failed to enable ssl",
        "handshake failed",
        "fatal alert",
    ];
    if near(plain, 60, &[TLS, OTHER]) {
        return of(Tls::Other);
    }
    None
}
