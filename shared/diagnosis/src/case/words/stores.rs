//! Lines in which a database, cache or queue refuses: in the words of MySQL, PostgreSQL, MongoDB, Redis, RabbitMQ and
//! Kafka, which their clients repeat, and of HTTP servers and the API server.

use super::methods::says_no_method;
use super::names::{between, identifier, name};
use super::peer::peer;
use super::said::Said;
use super::store::store;

/// It refused who we are, in words that only such a server uses.
const UNAUTHENTICATED: &[&str] = &[
    "password authentication failed for user", // PostgreSQL, 28P01
    "no password supplied",                    // libpq
    "WRONGPASS",                               // Redis
    "NOAUTH",                                  // Redis
    "ERR invalid password",                    // Redis before 6
    "AuthenticationFailed",                    // MongoDB
    "ACCESS_REFUSED - Login was refused",      // RabbitMQ
    "SaslAuthenticationException",             // Kafka
    "password is incorrect, or there is no user with such name", // ClickHouse
];

/// The same in words that a program also uses of its own users: they count where a store or a peer is named.
const TURNED_AWAY: &[&str] = &[
    "Authentication failed",   // MongoDB, Kafka
    "requires authentication", // MongoDB
    "invalid credentials",     // RabbitMQ
];

/// An HTTP or gRPC server's answer, or a pooler's, which names no user; it counts where the line says whose.
const ANSWERED: &[&str] = &[
    "401 Unauthorized",
    "401 Client Error",
    "status code 401",
    "code = Unauthenticated",
    "FATAL:  password authentication failed", // pgbouncer, as libpq tells it
    "FATAL: password authentication failed",
];

/// It wants to be paid first.
const UNPAID: &[&str] =
    &["402 Payment Required", "402 Client Error: Payment Required", "status code 402"];

/// It takes no more connections.
const TOO_MANY: &[&str] = &[
    "Too many connections",                                 // MySQL, 1040
    "remaining connection slots are reserved",              // PostgreSQL, 53300
    "sorry, too many clients already",                      // PostgreSQL, 53300
    "too many connections for role",                        // PostgreSQL
    "too many connections for database",                    // PostgreSQL
    "max number of clients reached",                        // Redis
    "connection refused because too many open connections", // MongoDB
    "no more connections allowed (max_client_conn)",        // pgbouncer
    "max_user_connections",                                 // MySQL, 1203, 1226
];

/// It takes no writes.
const READ_ONLY: &[&str] = &[
    "running with the --read-only option",       // MySQL, 1290
    "running with the --super-read-only option", // MySQL, 1290
    "in a read-only transaction",                // PostgreSQL, 25006
    "You can't write against a read only",       // Redis
    "NotWritablePrimary",                        // MongoDB
    "not primary and secondaryOk=false",         // MongoDB
    "NOREPLICAS Not enough good replicas",       // Redis
    "MISCONF Redis is configured to save RDB snapshots", // Redis
];

/// What a line says of a store.
pub fn said(text: &str) -> Option<Said> {
    // A server's access log tells what it answered, not what it was told.
    if text.contains(" HTTP/1.") || text.contains(" HTTP/2") {
        return None;
    }
    let says = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
    if says(TOO_MANY) {
        return Some(Said::TooManyConnections { peer: peer(text) });
    }
    if let Some(what) = forbidden(text) {
        return Some(Said::Forbidden { what });
    }
    let denied = text.contains("Access denied for user '") && text.contains("'@'"); // MySQL, 1045
    let named = || peer(text).is_some();
    if denied
        || says(UNAUTHENTICATED)
        || says_no_method(text)
        || says(TURNED_AWAY) && store(text).is_some()
        || says(ANSWERED) && named()
    {
        return Some(Said::Unauthenticated { peer: peer(text) });
    }
    if says(READ_ONLY) {
        return Some(Said::ReadOnly { peer: peer(text) });
    }
    if text.contains("OOM command not allowed when used memory") {
        return Some(Said::CacheFull { peer: peer(text) });
    }
    if says(&["429 Too Many Requests", "429 Client Error: Too Many Requests", "status code 429"]) {
        return Some(Said::RateLimited { peer: peer(text) });
    }
    if says(UNPAID) {
        return Some(Said::Unpaid { peer: peer(text) });
    }
    if is_429(text) && peer(text).is_some() {
        return Some(Said::RateLimited { peer: peer(text) });
    }
    absent(text)
}

/// A client's own line, with the URL and the status as fields: `level=error msg="fetch failed" url=https://... status=429`.
fn is_429(text: &str) -> bool {
    let plain: String = text.to_ascii_lowercase().replace(['"', '\\', ' '], "").replace('=', ":");
    let status = ["status:429", "status_code:429", "statuscode:429", "http.status_code:429"];
    let fails = ["level:error", "level:warn", "level:50", "level:40", "fail", "error"];
    let says = |signs: &[&str]| signs.iter().any(|sign| plain.contains(sign));
    text.contains("://") && says(&status) && says(&fails)
}

/// What PostgreSQL refuses the use of: `aclcheck_error` of
/// <https://github.com/postgres/postgres/blob/master/src/backend/catalog/aclchk.c>.
const OF_POSTGRES: [&str; 9] = [
    "database",
    "function",
    "materialized view",
    "procedure",
    "relation",
    "schema",
    "sequence",
    "table",
    "view",
];

/// It knows who we are, and forbids it.
fn forbidden(text: &str) -> Option<String> {
    // The API server: `configmaps is forbidden: User "..." cannot list resource "configmaps" in API group ""`.
    if text.contains(" is forbidden: User ") {
        // Logs in JSON write quotes with a backslash before.
        let text = text.replace("\\\"", "\"");
        let verb = between(&text, "\" cannot ", " ").and_then(identifier);
        let resource = between(&text, " resource \"", "\"").and_then(name);
        // Libraries write events on the side, and go on without them.
        if matches!((verb, resource.as_deref()), (Some("create" | "patch"), Some("events"))) {
            return None;
        }
        return Some(match (verb, resource) {
            (Some(verb), Some(resource)) => format!("{verb} {resource}"),
            _ => String::new(),
        });
    }
    if says_kubelet_forbids(text) {
        return Some("get nodes/metrics".to_owned());
    }
    // MySQL, 1044: the user is who it says, and may not use that database.
    if text.contains("Access denied for user") && text.contains(" to database '") {
        let database = between(text, " to database '", "'").and_then(name)?;
        return Some(format!("use database {database}"));
    }
    let object = |before: &str, kind: &str| {
        let it = between(text, before, "\n").and_then(|it| it.split([' ', ':', ',']).next());
        it.and_then(name).map(|it| format!("use {kind} {it}"))
    };
    for kind in OF_POSTGRES {
        let refusal = format!("permission denied for {kind} ");
        if text.contains(&refusal) {
            return object(&refusal, kind);
        }
    }
    let signs = [
        "command denied to user",          // MySQL, 1142
        "not authorized on ",              // MongoDB
        "NOPERM ",                         // Redis
        "ACCESS_REFUSED - access to",      // RabbitMQ
        "NOT_ALLOWED - access to vhost",   // RabbitMQ
        "TopicAuthorizationException",     // Kafka
        "Not authorized to access topics", // Kafka
        "Not authorized to access group",  // Kafka
    ];
    let answers =
        ["403 Forbidden", "403 Client Error", "status code 403", "code = PermissionDenied"];
    let by_store = signs.iter().any(|sign| text.contains(sign));
    let by_peer = || answers.iter().any(|it| text.contains(it)) && peer(text).is_some();
    (by_store || by_peer()).then(String::new)
}

/// Whether a kubelet does not let metrics-server in, in the words of its `pkg/scraper/scraper.go` and
/// `pkg/scraper/client/resource/client.go`.
pub fn says_kubelet_forbids(text: &str) -> bool {
    text.contains("\"Failed to scrape node\"") && text.contains("403 Forbidden")
}

/// It does not hold what we name.
fn absent(text: &str) -> Option<Said> {
    // PostgreSQL, 3D000, and MySQL, 1049.
    if text.contains("database \"") && text.contains("\" does not exist") {
        let name = between(text, "database \"", "\"").and_then(name)?;
        return Some(Said::NoSuchDatabase { name });
    }
    if text.contains("Unknown database '") {
        let name = between(text, "Unknown database '", "'").and_then(name)?;
        return Some(Said::NoSuchDatabase { name });
    }
    // PostgreSQL, 42P01, and MySQL, 1146; SQLite's and JDBC's words contain neither.
    if text.contains("relation \"") && text.contains("\" does not exist") {
        let name = between(text, "relation \"", "\"").and_then(name)?;
        return Some(Said::NoSuchTable { name });
    }
    if text.contains("Table '") && text.contains("' doesn't exist") {
        let name = between(text, "Table '", "'").and_then(name)?;
        return Some(Said::NoSuchTable { name });
    }
    None
}

/// Whether a line says that something else refused who we are: then it did answer.
pub fn says_unauthorised(text: &str) -> bool {
    matches!(said(text), Some(Said::Unauthenticated { .. } | Said::Forbidden { .. }))
}

/// Whether a server stands still until somebody frees room, and says so every ten minutes: `EE_DISK_FULL` of
/// <https://github.com/mysql/mysql-server/blob/trunk/mysys/errors.cc>, and of MariaDB's.
pub fn waits_for_room(text: &str) -> bool {
    text.contains("Waiting for someone to free ")
}

#[cfg(test)]
mod tests {
    use super::said;
    use crate::case::words::said::Said;

    #[test]
    fn knows_who_is_refused() {
        for text in [
            "java.sql.SQLException: Access denied for user 'ts'@'10.2.0.7' (using password: YES)",
            "FATAL:  password authentication failed for user \"app\"",
            "Caused by: PG::ConnectionBad (connection to server at \"10.96.7.6\", port 5432 failed: FATAL:  password authentication failed)",
            "redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair or user is disabled.",
            "ReplyError: NOAUTH Authentication required.",
            "pymongo.errors.OperationFailure: Authentication failed., full error: {'ok': 0.0, 'code': 18, 'codeName': 'AuthenticationFailed'}",
            "Error: Plugin 'mysql_native_password' is not loaded",
            "SQLSTATE[HY000] [1524] Plugin 'mysql_native_password' is not loaded (Connection: mysql)",
            "Authentication plugin 'caching_sha2_password' cannot be loaded: /usr/lib/x.so: cannot open shared object file",
            "org.postgresql.util.PSQLException: The authentication type 10 is not supported. Check that you have configured the pg_hba.conf file",
            "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.",
            "org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed: Invalid username or password",
        ] {
            assert!(matches!(said(text), Some(Said::Unauthenticated { .. })), "{text}");
        }
    }

    #[test]
    fn what_a_program_says_of_its_own_users_is_nothing() {
        for text in [
            "Authentication failed for user bob",
            "Plugin 'reports' is not loaded",
            "login: invalid credentials",
            "FATAL: password authentication failed, session 12",
            "HTTP 403 Forbidden for session 12",
            "10.2.0.4 - \"GET /admin HTTP/1.1\" 401 Unauthorized",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn events_that_are_not_taken_keep_nobody_from_work() {
        for verb in ["create", "patch"] {
            let text = format!(
                r#"E1121 event.go:359] "Server rejected event (will not retry!)" err="events is forbidden: User \"system:serviceaccount:shop:web\" cannot {verb} resource \"events\" in API group \"\" in the namespace \"shop\"""#
            );
            assert_eq!(said(&text), None, "{text}");
        }
        let reads = r#"events is forbidden: User "system:serviceaccount:shop:web" cannot list resource "events" in API group """#;
        assert!(matches!(said(reads), Some(Said::Forbidden { .. })));
    }

    #[test]
    fn takes_out_what_is_forbidden() {
        for (text, what) in [
            (
                "configmaps is forbidden: User \"system:serviceaccount:shop:web\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"shop\"",
                "list configmaps",
            ),
            (
                r#"msg="could not list" error="pods is forbidden: User \"system:serviceaccount:shop:web\" cannot list resource \"pods\" in API group \"\" at the cluster scope""#,
                "list pods",
            ),
            ("Access denied for user 'app'@'%' to database 'shop'", "use database shop"),
            ("ERROR: permission denied for table orders", "use table orders"),
            ("ERROR: permission denied for sequence orders_id_seq", "use sequence orders_id_seq"),
            ("not authorized on shop to execute command { find: \"x\" }", ""),
        ] {
            assert_eq!(said(text), Some(Said::Forbidden { what: what.to_owned() }), "{text}");
        }
    }

    #[test]
    fn knows_a_store_that_is_full_or_takes_no_writes() {
        for text in [
            "com.mysql.cj.jdbc.exceptions.MySQLNonTransientConnectionException: Too many connections",
            "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
            "FATAL:  sorry, too many clients already",
            "ERR max number of clients reached",
        ] {
            assert!(matches!(said(text), Some(Said::TooManyConnections { .. })), "{text}");
        }
        for text in [
            "The MySQL server is running with the --read-only option so it cannot execute this statement",
            "ERROR: cannot execute INSERT in a read-only transaction",
            "READONLY You can't write against a read only replica.",
        ] {
            assert!(matches!(said(text), Some(Said::ReadOnly { .. })), "{text}");
        }
        let text = "OOM command not allowed when used memory > 'maxmemory'.";
        assert_eq!(said(text), Some(Said::CacheFull { peer: None }));
        let text = "FATAL:  database \"shop\" does not exist";
        assert_eq!(said(text), Some(Said::NoSuchDatabase { name: "shop".to_owned() }));
    }
}
