//! Lines that say that TLS failed: in the words of Go's crypto, OpenSSL (Python, Ruby, curl, nginx, PostgreSQL), Node,
//! the JVM, .NET and rustls.

use super::peer::peer;
use super::said::{Said, Tls};

/// What each sentence means. The first that a line contains counts.
const SIGNS: &[(&str, Tls)] = &[
    // OpenSSL's, X509_verify_cert_error_string. Node, Python, curl and libpq repeat it.
    ("certificate is not yet valid", Tls::NotYetValid),
    ("CERT_NOT_YET_VALID", Tls::NotYetValid),
    ("unable to get local issuer certificate", Tls::UnknownAuthority),
    ("unable to verify the first certificate", Tls::UnknownAuthority),
    ("self-signed certificate", Tls::UnknownAuthority),
    ("self signed certificate", Tls::UnknownAuthority),
    ("UNABLE_TO_VERIFY_LEAF_SIGNATURE", Tls::UnknownAuthority),
    ("SELF_SIGNED_CERT_IN_CHAIN", Tls::UnknownAuthority),
    ("Hostname mismatch, certificate is not valid for", Tls::NameMismatch),
    ("does not match certificate's altnames", Tls::NameMismatch),
    ("ERR_TLS_CERT_ALTNAME_INVALID", Tls::NameMismatch),
    ("no alternative certificate subject name matches", Tls::NameMismatch),
    // Go's crypto/x509.
    ("x509: certificate signed by unknown authority", Tls::UnknownAuthority),
    ("x509: certificate is valid for ", Tls::NameMismatch),
    ("x509: certificate is not valid for any names", Tls::NameMismatch),
    ("because it doesn't contain any IP SANs", Tls::NameMismatch),
    ("x509: certificate relies on legacy Common Name field", Tls::NameMismatch),
    // The JVM's.
    ("PKIX path building failed", Tls::UnknownAuthority),
    ("CertificateExpiredException", Tls::Expired),
    ("CertificateNotYetValidException", Tls::NotYetValid),
    ("No subject alternative DNS name matching", Tls::NameMismatch),
    ("No subject alternative names matching", Tls::NameMismatch),
    ("No name matching ", Tls::NameMismatch),
    // .NET's.
    ("RemoteCertificateNameMismatch", Tls::NameMismatch),
    ("certificate chain: NotTimeValid", Tls::Expired),
    ("certificate chain: UntrustedRoot", Tls::UnknownAuthority),
    ("certificate chain: PartialChain", Tls::UnknownAuthority),
    // rustls.
    ("invalid peer certificate: Expired", Tls::Expired),
    ("invalid peer certificate: certificate expired", Tls::Expired),
    ("invalid peer certificate: NotValidYet", Tls::NotYetValid),
    ("invalid peer certificate: UnknownIssuer", Tls::UnknownAuthority),
    ("invalid peer certificate: NotValidForName", Tls::NameMismatch),
    ("invalid peer certificate: certificate not valid for name", Tls::NameMismatch),
    // OpenSSL's and Node's words.
    ("certificate has expired", Tls::Expired),
    ("CERT_HAS_EXPIRED", Tls::Expired),
    // One side does not speak TLS, or must and does not.
    ("first record does not look like a TLS handshake", Tls::NotSpoken),
    ("server gave HTTP response to HTTPS client", Tls::NotSpoken),
    ("SSL routines::wrong version number", Tls::NotSpoken),
    ("[SSL: WRONG_VERSION_NUMBER]", Tls::NotSpoken),
    ("ssl3_get_record:wrong version number", Tls::NotSpoken),
    ("Unsupported or unrecognized SSL message", Tls::NotSpoken),
    ("server does not support SSL", Tls::NotSpoken),
    ("server refused TLS connection", Tls::NotSpoken), // pgx: anything but an S
    ("The server does not support SSL connections", Tls::NotSpoken),
    ("insecure transport are prohibited while --require_secure_transport=ON", Tls::NotSpoken),
    ("InvalidContentType", Tls::NotSpoken),
    // It failed, and the line says no more.
    ("CERTIFICATE_VERIFY_FAILED", Tls::Other),
    ("certificate verify failed", Tls::Other),
    ("SSLHandshakeException", Tls::Other),
    ("tls: handshake failure", Tls::Other),
    ("remote error: tls: ", Tls::Other),
    ("SSL_ERROR_SYSCALL", Tls::Other),
    ("SSL handshake failed", Tls::Other),
];

/// The alert 45 of RFC 8446 that the other side sends, in the words of who receives it: Go's `crypto/tls`, OpenSSL, the
/// JVM, rustls. It is sent about the receiver's own certificate, by a client to a server as by a server to a client.
const ALERTS_EXPIRED: [&str; 4] = [
    "remote error: tls: expired certificate",
    "alert certificate expired",
    "Received fatal alert: certificate_expired",
    "received fatal alert: CertificateExpired",
];

/// Whether a line tells of such an alert.
pub fn is_told_expired(text: &str) -> bool {
    ALERTS_EXPIRED.iter().any(|sign| text.contains(sign))
}

/// What a line says of TLS.
pub fn said(text: &str) -> Option<Said> {
    if is_told_expired(text) {
        return Some(Said::OwnCertificateExpired);
    }
    // A server tells of its clients, which may be anybody: probes, scanners, old browsers.
    let of_clients = [
        "TLS handshake error from",
        "error reading preface from client",
        "while SSL handshaking, client",
        "client sent plain HTTP request to HTTPS port while",
    ];
    if of_clients.iter().any(|sign| text.contains(sign)) {
        return None;
    }
    if says_token_too_early(text) {
        return Some(Said::TokenTooEarly);
    }
    let peer = || peer(text);
    // One sentence of Go's for both ends of a certificate's time, with the two times behind it.
    if text.contains("x509: certificate has expired or is not yet valid") {
        let why = if text.contains(" is before ") { Tls::NotYetValid } else { Tls::Expired };
        return Some(Said::TlsFailed { peer: peer(), why });
    }
    // PostgreSQL admits by address, user, database and whether the connection is encrypted.
    if text.contains("no pg_hba.conf entry for host")
        && (text.contains("SSL off") || text.contains("no encryption"))
    {
        // The host that it names is the client's own.
        let server = text.split("no pg_hba.conf entry").next().and_then(super::peer::peer);
        return Some(Said::TlsFailed { peer: server, why: Tls::NotSpoken });
    }
    if says_plain_call(text) {
        // Tomcat's `host and port` names none.
        let called = text.split("This combination of host").next().and_then(super::peer::peer);
        return Some(Said::TlsFailed { peer: called, why: Tls::NotSpoken });
    }
    // What OpenSSL can do, in a list of its features.
    if text.contains("self-signed certificate support") {
        return None;
    }
    let (_, why) = SIGNS.iter().find(|(sign, _)| text.contains(sign))?;
    Some(Said::TlsFailed { peer: peer(), why: *why })
}

/// What servers of HTTPS say to who calls them by HTTP.
const PLAIN_CALLS: [&str; 5] = [
    "client sent an HTTP request to an HTTPS server",
    "Client sent an HTTP request to an HTTPS server",
    "client sent plain HTTP request to HTTPS port",
    "The plain HTTP request was sent to HTTPS port",
    "This combination of host and port requires TLS",
];

/// A token is of the future: the words of the usual libraries for JSON Web Tokens in Go, Python, Node, Java, .NET, PHP
/// and Rust, of Envoy, of Kerberos and of AWS.
const TOKENS: [&str; 20] = [
    "Jwt not yet valid",
    "oken is not yet valid",
    "oken used before issued",
    "oken is not valid yet",
    "ImmatureSignatureError",
    "ImmatureSignature",
    "NotBeforeError",
    "jwt not active",
    "\"nbf\" claim timestamp check failed",
    "\"iat\" claim timestamp check failed",
    "PrematureJwtException",
    "The Token can't be used before",
    "IDX10222",
    "SecurityTokenNotYetValidException",
    "JWT before use time",
    "ID Token issued in the future",
    "issued at time in the future",
    "iat) must be in the past",
    "KRB_AP_ERR_TKT_NYV",
    "Signature not yet current",
];

/// Whether a line says that a token is of the future.
pub fn says_token_too_early(text: &str) -> bool {
    TOKENS.iter().any(|sign| text.contains(sign))
}

/// Whether a line says that a certificate or token is of the future: the words of Go's crypto/x509, OpenSSL, Java,
/// Envoy and the usual libraries for JSON Web Tokens.
pub fn says_not_yet_valid(text: &str) -> bool {
    let signs = [
        "certificate has expired or is not yet valid",
        "certificate is not yet valid",
        "CertificateNotYetValidException",
        "CERT_NOT_YET_VALID",
    ];
    // Go says both in one sentence, and then which it is.
    (signs.iter().any(|sign| text.contains(sign)) && !text.contains(" is after "))
        || says_token_too_early(text)
}

/// Whether a server says that it was called by HTTP where it speaks HTTPS: the words of Go's net/http and of nginx, of
/// their logs and of the pages that they answer 400 with, and of Tomcat's page.
pub fn says_plain_call(text: &str) -> bool {
    PLAIN_CALLS.iter().any(|sign| text.contains(sign))
}

/// Whether nginx tells of a handshake with whom it hands requests on to.
pub fn is_to_upstream(text: &str) -> bool {
    text.contains("while SSL handshaking to upstream")
}

#[cfg(test)]
mod tests {
    use super::said;
    use crate::case::words::said::{Said, Tls};

    #[test]
    fn what_a_server_says_of_its_clients_is_nothing() {
        for text in [
            "http: TLS handshake error from 10.2.0.1:41234: remote error: tls: unknown certificate authority",
            "http: TLS handshake error from 10.2.0.1:41234: tls: first record does not look like a TLS handshake",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn an_alert_is_about_the_certificate_of_who_receives_it() {
        for text in [
            "http2: server: error reading preface from client 10.2.0.7:40188: remote error: tls: expired certificate",
            "http: TLS handshake error from 10.2.0.1:41234: remote error: tls: expired certificate",
            "Post \"https://pay:8443/\": remote error: tls: expired certificate",
            "SSL_do_handshake() failed (SSL: error:0A000415:SSL routines::sslv3 alert certificate expired:SSL alert number 45) while SSL handshaking, client: 10.2.0.1",
            "javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_expired",
            "h2 failed: received fatal alert: CertificateExpired",
        ] {
            assert_eq!(said(text), Some(Said::OwnCertificateExpired), "{text}");
        }
        let unknown =
            said("Post \"https://pay:8443/\": remote error: tls: unknown certificate authority");
        assert!(matches!(unknown, Some(Said::TlsFailed { why: Tls::Other, .. })));
    }

    #[test]
    fn who_is_not_let_in_unencrypted_is_no_peer() {
        let hba = "FATAL: no pg_hba.conf entry for host \"10.2.0.3\", user \"app\", database \"shop\", no encryption";
        let said_of = |text: &str| said(text).and_then(|it| it.peer().map(|it| it.host.clone()));
        assert_eq!(said_of(hba), None);
        let named = format!("connection to server at \"db\" (10.0.0.1), port 5432 failed: {hba}");
        assert_eq!(said_of(&named).as_deref(), Some("db"));
    }

    #[test]
    fn tells_why_a_certificate_was_not_accepted() {
        for (text, expected) in [
            (
                "Get \"https://pay/\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-21T12:00:00Z is after 2026-11-20T00:00:00Z",
                Tls::Expired,
            ),
            (
                "x509: certificate has expired or is not yet valid: current time 2026-11-21T12:00:00Z is before 2026-12-20T00:00:00Z",
                Tls::NotYetValid,
            ),
            ("x509: certificate signed by unknown authority", Tls::UnknownAuthority),
            ("x509: certificate is valid for pay.old.svc, not pay.shop.svc", Tls::NameMismatch),
            (
                "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)",
                Tls::Expired,
            ),
            (
                "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)",
                Tls::UnknownAuthority,
            ),
            ("Error: certificate has expired code: 'CERT_HAS_EXPIRED'", Tls::Expired),
            (
                "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: pay. is not in the cert's altnames: DNS:old",
                Tls::NameMismatch,
            ),
            (
                "Caused by: sun.security.validator.ValidatorException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target",
                Tls::UnknownAuthority,
            ),
            (
                "Caused by: java.security.cert.CertificateExpiredException: NotAfter: Fri Nov 20 00:00:00 UTC 2026",
                Tls::Expired,
            ),
            ("invalid peer certificate: UnknownIssuer", Tls::UnknownAuthority),
            (
                "FATAL:  no pg_hba.conf entry for host \"10.2.0.3\", user \"app\", database \"shop\", no encryption",
                Tls::NotSpoken,
            ),
            ("http: server gave HTTP response to HTTPS client", Tls::NotSpoken),
        ] {
            assert!(
                matches!(said(text), Some(Said::TlsFailed { why, .. }) if why == expected),
                "{text}"
            );
        }
    }
}
