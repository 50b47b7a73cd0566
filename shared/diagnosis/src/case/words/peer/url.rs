//! Whom a line calls by a URL.

use super::{Peer, at_start};

/// The host and port of the first URL that is called: `http://user@host:port/`.
pub(super) fn of_url(text: &str) -> Option<Peer> {
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at);
        let after = after.get(3..).unwrap_or_default();
        rest = after;
        let scheme = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '+').next();
        let scheme = scheme.unwrap_or_default();
        // What one may read about an error is not what failed.
        let said = before.get(..before.len().saturating_sub(scheme.len())).unwrap_or_default();
        let word = said.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let word = word.rsplit([' ', '(']).next().unwrap_or_default().to_ascii_lowercase();
        if matches!(word.as_str(), "see" | "visit" | "docs" | "documentation" | "referrer" | "more")
        {
            continue;
        }
        let after = past_redacted(after).unwrap_or(after);
        let authority =
            after.split(['/', '"', '\'', ' ', '?', ')', ',']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        if let Some((peer, _)) = at_start(host) {
            let port = peer.port.or_else(|| usual_port(scheme));
            return Some(Peer { port, ..peer });
        }
    }
    None
}

/// What follows credentials that were redacted, which has spaces: `user:<redacted len=14 hmac=5f9f>@host:port/`.
fn past_redacted(after: &str) -> Option<&str> {
    let (user, rest) = after.split_once("<redacted len=")?;
    let (_, rest) = rest.split_once('>')?;
    let plain = user.chars().all(|it| it.is_ascii_alphanumeric() || "-_.:%~".contains(it));
    plain.then_some(rest)
}

/// The port that a scheme means where a URL names none.
fn usual_port(scheme: &str) -> Option<u16> {
    let scheme = scheme.split('+').next().unwrap_or_default();
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "postgres" | "postgresql" => Some(5432),
        "mysql" | "mariadb" => Some(3306),
        "mongodb" => Some(27017),
        "redis" | "rediss" => Some(6379),
        "amqp" => Some(5672),
        "amqps" => Some(5671),
        _ => None,
    }
}
