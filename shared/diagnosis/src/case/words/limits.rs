//! Lines in which a store or an identity provider says that it does no more for a caller until somebody does something: a
//! lock is held, no shard is left, a client secret or a token has expired.

use super::said::Said;

/// Somebody else holds the lock that a statement needs.
const LOCKED: &[&str] = &[
    "canceling statement due to lock timeout", // PostgreSQL, 55P03
    "could not obtain lock on ",               // PostgreSQL, NOWAIT
    "Lock wait timeout exceeded; try restarting transaction", // MySQL, 1205
    "Lock request time out period exceeded",   // SQL Server, 1222
    "ORA-00054: resource busy and acquire with NOWAIT specified", // Oracle
];

/// What a line says of such a limit.
pub fn said(text: &str) -> Option<Said> {
    if let Some(alarm) = alarm(text) {
        return Some(alarm);
    }
    let says = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
    // PostgreSQL with log_lock_waits, src/backend/storage/lmgr/proc.c.
    let waits = text.contains(" still waiting for ") && text.contains("Lock on ");
    if waits || says(LOCKED) {
        return Some(Said::Locked);
    }
    // PostgreSQL, 57014, and MySQL, 3024: whether it waits or works, it took too long.
    if says(&[
        "canceling statement due to statement timeout",
        "Query execution was interrupted, maximum statement execution time exceeded",
    ]) {
        return Some(Said::Cancelled);
    }
    // Elasticsearch and OpenSearch, ShardLimitValidator.
    let shards = text.contains("this action would add [") && text.contains("shards open");
    if shards {
        return Some(Said::NoShardLeft);
    }
    // Elasticsearch and OpenSearch: DiskThresholdMonitor, and what a client is told (IndexMetadata).
    if says(&["flood stage disk watermark [", "disk usage exceeded flood-stage watermark"]) {
        return Some(Said::IndexFull);
    }
    // Microsoft Entra; MSAL repeats it.
    let key = text.contains("AADSTS700027") && text.contains("The key used is expired");
    (key || text.contains("AADSTS7000222")).then_some(Said::SecretExpired)
}

/// The host of an API outside whose answer to a call is that the caller's token has expired. Clients in Go write the call, the
/// code and the answer's body: `GET https://gitlab.com/api/v4/user: 401 {error: invalid_token}, {error_description: Token is
/// expired. ...}`.
pub fn token_expired_at(text: &str) -> Option<&str> {
    let lowered = text.to_ascii_lowercase();
    let signs = [
        "token expired",
        "token has expired",
        "token is expired",
        "expired token",
        "token was expired",
        "token_expired", // The code of Berlin Group's NextGenPSD2, and of others.
    ];
    let refused = text.contains(" 401 ") || lowered.contains("unauthorized");
    if !refused || !signs.iter().any(|it| lowered.contains(it)) {
        return None;
    }
    let called = ["GET ", "POST ", "PUT ", "PATCH ", "DELETE ", "Get \"", "Post \"", "Put \""];
    let url = called.iter().find_map(|it| Some(text.split_once(&format!("{it}https://"))?.1))?;
    let host = url.split(['/', ':', '"', ' ', '?']).next()?;
    let named = host.contains('.') && host.chars().any(|it| it.is_ascii_alphabetic());
    let plain = host.chars().all(|it| it.is_ascii_alphanumeric() || "-.".contains(it));
    let inside = [".svc", ".local", ".default"].iter().any(|it| host.ends_with(it));
    (named && plain && !inside).then_some(host)
}

/// RabbitMQ's alarm (`rabbit_alarm.erl`), and the reason that it gives to clients whom it blocks (`rabbit_reader.erl`).
fn alarm(text: &str) -> Option<Said> {
    let blocked = text.contains("locked");
    let told = |reason: &str| blocked && text.contains(reason);
    if text.contains("disk resource limit alarm set on node")
        || told("low on disk")
        || told("low on memory & disk")
    {
        return Some(Said::PublishersBlocked);
    }
    let memory = text.contains("memory resource limit alarm set on node") || told("low on memory");
    memory.then_some(Said::MemoryAlarm)
}

/// Whether a broker says, or a client of it, that it takes messages again.
pub fn says_unblocked(text: &str) -> bool {
    text.contains(" resource limit alarm cleared on node")
        || text.contains("onnection unblocked")
        || text.contains("Connection.Unblocked")
}

#[cfg(test)]
mod tests {
    use super::said;
    use super::token_expired_at;
    use crate::case::words::said::Said;

    #[test]
    fn limits_are_told_in_their_servers_words() {
        let rows = [
            (
                "[40502] LOG:  process 40502 still waiting for RowExclusiveLock on relation 16431 of database 16389 after 1000.118 ms",
                Some(Said::Locked),
            ),
            (
                "[es/bulk] failed: [cluster_block_exception] index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];",
                Some(Said::IndexFull),
            ),
            (
                "ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction",
                Some(Said::Locked),
            ),
            (
                "org.postgresql.util.PSQLException: ERROR: canceling statement due to statement timeout",
                Some(Said::Cancelled),
            ),
            (
                "[validation_exception] Validation Failed: 1: this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum normal shards open;",
                Some(Said::NoShardLeft),
            ),
            (
                "AADSTS7000222: The provided client secret keys for app '0f6f' are expired.",
                Some(Said::SecretExpired),
            ),
            ("AADSTS7000215: Invalid client secret provided.", None),
            ("worker still waiting for jobs", None),
            ("canceling statement due to user request", None),
        ];
        for (text, expected) in rows {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn a_token_has_expired_outside() {
        for (text, host) in [
            (
                "F1122 10:58:12.604118 1 main.go:84] Cloud provider could not be initialized: could not init cloud provider \"northcloud\": GET https://api.northcloud.example/v1/servers: 401 unauthorized: token expired at 2026-11-21T00:00:00Z",
                Some("api.northcloud.example"),
            ),
            (
                "GET https://gitlab.com/api/v4/user: 401 {error: invalid_token}, {error_description: Token is expired. You can either do re-authorization or token refresh.}",
                Some("gitlab.com"),
            ),
            (
                r#"ERROR POST https://psd.bank.example/v1/payments: 401 Unauthorized {"tppMessages":[{"category":"ERROR","code":"TOKEN_EXPIRED"}]}"#,
                Some("psd.bank.example"),
            ),
            ("GET https://gitlab.com/api/v4/user: 401 {message: 401 Unauthorized}", None),
            ("10.2.0.4 - \"GET /admin HTTP/1.1\" 401 Unauthorized: token expired", None),
            ("GET https://10.96.0.1:443/api/v1/nodes: 401 Unauthorized: token expired", None),
            ("GET https://auth.shop.svc/me: 401 token expired", None),
        ] {
            assert_eq!(token_expired_at(text), host, "{text}");
        }
    }
}
