//! Lines in which a program names an error of its own, in the words of runtimes, frameworks, pools and migrations.

use super::names::{class, name};
use super::said::Said;

/// A caller waited for a connection of a pool, in vain.
const POOL: &[&str] = &[
    "Connection is not available, request timed out after", // HikariCP
    "QueuePool limit of size",                              // SQLAlchemy
    "SequelizeConnectionAcquireTimeoutError",
    "ResourceRequest timed out",
    "Timeout acquiring a connection. The pool is probably full", // knex
    "prior to obtaining a connection from the pool",             // ADO.NET
    "The connection pool has been exhausted",                    // Npgsql
    "could not obtain a connection from the pool within",        // ActiveRecord
    "Timed out fetching a new connection from the connection pool", // Prisma
    "Acquisition timeout while waiting for new connection",      // Agroal
    "Pool empty. Unable to fetch a connection in",               // Tomcat
    "Cannot get a connection, pool error Timeout waiting for idle object", // DBCP
    "Could not get a resource since the pool is exhausted",      // Jedis
    "redis: connection pool timeout",                            // go-redis
    "pool timed out while waiting for an open connection",       // sqlx
    "connection pool exhausted",                                 // psycopg2.pool
    "PoolTimeout: couldn't get a connection after",              // psycopg_pool
];

/// A schema could not be brought to where the program needs it.
const MIGRATION: &[&str] = &[
    "FlywayMigrateException",
    "FlywayValidateException",
    "Migrations have failed validation",
    "contains a failed migration to version",
    "liquibase.exception.MigrationFailedException",
    "Migration failed for changeset",
    "Could not acquire change log lock",
    "Dirty database version ",             // golang-migrate
    "Can't locate revision identified by", // alembic
    "InconsistentMigrationHistory",
    "ActiveRecord::PendingMigrationError",
    "this and all later migrations canceled",
    "P3009",
    "P3018",
    "MigrationLocked: Migration table is already locked",
    "failed to run SQL migration", // goose
    "was previously applied but is missing in the resolved migrations", // sqlx
    "was previously applied but has been modified", // sqlx
];

/// What development servers say of themselves: Werkzeug and Flask, Django, PHP, create-react-app. That of Gin is none, in
/// whatever mode, and what bundlers serve is known by no sentence of theirs.
const DEVELOPMENT: &[&str] = &[
    "This is a development server. Do not use it in a production",
    "Starting development server at http",
    "Development Server (http",
    "Note that the development build is not optimized",
];

/// What a line says of a pool. It stands before what is said of the network, for a pool says `timed out` as well.
pub fn said_of_pool(text: &str) -> Option<Said> {
    POOL.iter().any(|sign| text.contains(sign)).then_some(Said::PoolExhausted)
}

/// What a line says of the program itself.
pub fn said(text: &str) -> Option<Said> {
    said_by_sentence(text).or_else(|| said_by_class(text))
}

/// What a line says of the program itself by a sentence that is known.
pub fn said_by_sentence(text: &str) -> Option<Said> {
    if MIGRATION.iter().any(|sign| text.contains(sign)) {
        return Some(Said::MigrationFailed);
    }
    // oauth2-proxy's, pkg/validation/cookie.go.
    if text.contains("cookie_secret must be 16, 24, or 32 bytes to create an AES cipher") {
        return Some(Said::BadCookieSecret);
    }
    if DEVELOPMENT.iter().any(|sign| text.contains(sign)) {
        return Some(Said::DevelopmentServer);
    }
    flagged(text).map(|key| Said::Flagged { key })
}

/// What a line says of the program itself by the class of an error that it ends with.
pub fn said_by_class(text: &str) -> Option<Said> {
    own_class(text).map(|class| Said::OwnException { class })
}

/// The flag that an error names as OpenTelemetry's conventions have it: `feature_flag.key=new-checkout`.
fn flagged(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("feature_flag.key")?;
    let lowered = text.to_ascii_lowercase();
    let is_error = ["[error]", "level=error", "\"level\":\"error\"", "error "]
        .iter()
        .any(|sign| lowered.contains(sign));
    let rest = rest.trim_start_matches(['"', '=', ':', ' ']);
    let end = rest.find([' ', '"', ',', '}']).unwrap_or(rest.len());
    name(rest.get(..end)?).filter(|_| is_error)
}

/// The class of the error that a line ends a trace with: Java's deepest cause, Python's last line, Go's panic, an error
/// of Node at the start of a line, .NET's and Rust's.
pub(super) fn own_class(text: &str) -> Option<String> {
    if let Some((_, rest)) = text.split_once("Caused by: ") {
        return first_class(rest);
    }
    if let Some((_, rest)) = text.split_once("Unhandled exception. ") {
        return first_class(rest);
    }
    if let Some((_, rest)) = text.split_once("Exception in thread \"main\" ") {
        return first_class(rest);
    }
    if text.starts_with("panic: ") || text.contains(" panic: runtime error") {
        return Some("panic".to_owned());
    }
    if text.contains("http: panic serving") || text.contains("' panicked at ") {
        return Some("panic".to_owned());
    }
    let class = first_class(text.strip_prefix("Uncaught ").unwrap_or(text))?;
    let last = class.rsplit(['.', ':', '$']).next().unwrap_or_default();
    (last.ends_with("Error") || last.ends_with("Exception")).then_some(class)
}

/// The class with which a text begins, before a colon or the end.
fn first_class(text: &str) -> Option<String> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$' | ':')))
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let ends = word.ends_with(':') || rest.is_empty() || rest.starts_with(" [");
    class(word.trim_end_matches(':')).filter(|_| ends)
}

/// Whether a runtime says that the program that it is to run is not there: .NET's host and its SDK, the JVM, Node, Python,
/// PHP and Ruby.
pub fn says_no_program(text: &str) -> bool {
    let signs = [
        "Could not execute because the specified command or file was not found.",
        "Could not execute because the application was not found",
        "The command could not be loaded, possibly because:",
        "The application to execute does not exist: ",
        "Error: Unable to access jarfile ",
        "Error: Could not find or load main class ",
        "Error: Cannot find module '/",
        "Could not open input file: ",
    ];
    signs.iter().any(|sign| text.contains(sign))
        || text.contains(": can't open file '") && text.contains("[Errno 2]")
        || text.contains(": No such file or directory -- ") && text.contains("(LoadError)")
}

/// Whether a line says that the program itself cannot go on: what an unhandled error looks like in Go, Python, Node, Java,
/// .NET, Ruby and Rust, and the usual words for a setting that is missing or cannot be read.
pub fn says_own_fault(text: &str) -> bool {
    let signs = [
        "panic: ",
        "panicked at",
        "goroutine 1 [",
        "Traceback (most recent call last)",
        "KeyError:",
        "ValueError:",
        "TypeError:",
        "AttributeError:",
        "NameError:",
        "ImportError:",
        "SyntaxError:",
        "ReferenceError:",
        "RuntimeError:",
        "AssertionError",
        "ModuleNotFoundError:",
        "FileNotFoundError:",
        "ValidationError",
        "ImproperlyConfigured",
        "ConfigurationError",
        "Cannot find module",
        "Error: Unable to access jarfile",
        "Exception in thread \"main\"",
        "APPLICATION FAILED TO START",
        "BeanCreationException",
        "IllegalArgumentException",
        "IllegalStateException",
        "NullPointerException",
        "Unhandled exception.",
        "terminate called after throwing",
        "uncaughtException",
        "[emerg]",
    ];
    if says_bad_setting(text) {
        return true;
    }
    let lowered = text.to_ascii_lowercase();
    let settings = [
        "fatal",
        "must be set",
        "is not set",
        "not defined",
        "missing required",
        "is required",
        "unknown flag",
        "unknown option",
        "unrecognized argument",
        "flag provided but not defined",
        "failed to parse",
        "cannot parse",
        "could not parse",
        "parse error",
        "invalid configuration",
        "invalid config",
        "invalid value",
        "failed to load config",
        "no such file or directory",
    ];
    signs.iter().any(|sign| text.contains(sign))
        || settings.iter().any(|sign| lowered.contains(sign))
}

/// The flag that a program says it does not know, without its dashes and its value. The words are those of Go's `flag` and
/// pflag, Python's argparse, Rust's clap, commander and getopt.
pub fn unknown_flag(text: &str) -> Option<&str> {
    let signs = [
        "flag provided but not defined: ",
        "unknown flag: ",
        "unrecognized arguments: ",
        "unexpected argument '",
        "unknown option '",
        "unrecognized option '",
    ];
    let (_, after) = signs.iter().find_map(|sign| text.split_once(sign))?;
    let word = after.split([' ', '\'', '"', '\n']).next().filter(|it| it.starts_with('-'))?;
    Some(flag_of(word)).filter(|it| !it.is_empty())
}

/// The name of a flag as written: `worker-count` of `--worker-count=50`.
pub fn flag_of(argument: &str) -> &str {
    argument.trim_start_matches('-').split('=').next().unwrap_or_default()
}

/// Whether a line says that a file of configuration has a setting that the program does not know or cannot read.
pub fn says_bad_setting(text: &str) -> bool {
    let signs = [
        "but there is no setting with that name", // RabbitMQ, by cuttlefish
        "failed_to_prepare_configuration",        // RabbitMQ
        "Error generating configuration in phase", // cuttlefish
        "*** FATAL CONFIG FILE ERROR",            // Redis
        "Bad directive or wrong number of arguments", // Redis
        "unrecognized configuration parameter",   // PostgreSQL
        "contains errors; no changes were applied", // PostgreSQL
        "unknown variable '",                     // MySQL
        "[emerg] unknown directive",              // nginx
        "Unrecognized option: ",                  // MongoDB
        "Error loading config (--config.file",    // Prometheus
    ];
    signs.iter().any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::{said, said_of_pool, says_no_program, unknown_flag};
    use crate::case::words::said::Said;

    #[test]
    fn names_the_class_of_a_deepest_cause() {
        for (text, expected) in [
            (
                "Caused by: java.lang.IllegalStateException: no tenant",
                "java.lang.IllegalStateException",
            ),
            ("ValueError: invalid literal for int()", "ValueError"),
            ("TypeError: Cannot read properties of undefined (reading 'id')", "TypeError"),
            (
                "Unhandled exception. System.InvalidOperationException: x",
                "System.InvalidOperationException",
            ),
            ("panic: runtime error: invalid memory address or nil pointer dereference", "panic"),
            ("thread 'main' panicked at src/main.rs:4:5:", "panic"),
        ] {
            assert_eq!(
                said(text),
                Some(Said::OwnException { class: expected.to_owned() }),
                "{text}"
            );
        }
    }

    #[test]
    fn knows_pools_and_migrations() {
        for text in [
            "HikariPool-1 - Connection is not available, request timed out after 30000ms.",
            "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
        ] {
            assert_eq!(said_of_pool(text), Some(Said::PoolExhausted), "{text}");
        }
        for text in [
            "error: Dirty database version 3. Fix and force version.",
            "Error: P3009 migrate found failed migrations in the target database",
            "org.flywaydb.core.api.exception.FlywayValidateException: Validate failed: Migrations have failed validation",
        ] {
            assert_eq!(said(text), Some(Said::MigrationFailed), "{text}");
        }
    }

    #[test]
    fn knows_the_flag_that_an_error_names() {
        let key = |text: &str| match said(text) {
            Some(Said::Flagged { key }) => Some(key),
            _ => None,
        };
        let text = "[8] [ERROR] quote failed feature_flag.key=newTax variant=on ZeroDivisionError: division by zero";
        assert_eq!(key(text).as_deref(), Some("newTax"));
        let text = r#"{"level":"error","msg":"failed","feature_flag.key":"new-tax"}"#;
        assert_eq!(key(text).as_deref(), Some("new-tax"));
        assert_eq!(key("level=info msg=evaluated feature_flag.key=newTax"), None);
    }

    #[test]
    fn knows_that_a_program_is_not_there() {
        for text in [
            "Could not execute because the specified command or file was not found.",
            "The application to execute does not exist: '/srv/Shop.dll'.",
            "Error: Unable to access jarfile app.jar",
            "Error: Could not find or load main class com.example.Shop",
            "Error: Cannot find module '/app/server.js'",
            "python: can't open file '/app/main.py': [Errno 2] No such file or directory",
            "Could not open input file: artisan",
            "ruby: No such file or directory -- app.rb (LoadError)",
        ] {
            assert!(says_no_program(text), "{text}");
        }
        for text in ["Error: Cannot find module 'express'", "can't open file '/app/x': denied"] {
            assert!(!says_no_program(text), "{text}");
        }
    }

    #[test]
    fn a_sentence_about_an_error_is_none() {
        for text in ["Error handling loaded", "no errors", "ERROR 42 requests failed"] {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn a_flag_that_it_does_not_know() {
        for (text, flag) in [
            ("flag provided but not defined: -worker-count", Some("worker-count")),
            ("Error: unknown flag: --worker-count", Some("worker-count")),
            ("serve.py: error: unrecognized arguments: --depth=3 x", Some("depth")),
            ("error: unexpected argument '--depth' found", Some("depth")),
            ("error: unknown option '--depth'", Some("depth")),
            ("unknown flag: of no country", None),
            ("the flag was lowered", None),
        ] {
            assert_eq!(unknown_flag(text), flag, "{text}");
        }
    }
}
