//! How much a line claims to matter, by the marks that loggers put on it.

/// How programs mark an error, in small letters.
const ERRORS: [&str; 21] = [
    " error ",
    "error:",
    "[error]",
    "level=error",
    "level\":\"error\"", // Also `log.level`, of ECS.
    "level\": \"error\"",
    "\"level\":50",
    "severity\":\"error\"", // Google's and others' JSON.
    "severity\": \"error\"",
    "severity=error",
    " err ", // zerolog's console.
    "[err]", // Serilog's.
    "lvl=eror",
    " fatal ",
    "[fatal]",
    "level=fatal",
    "level\":\"fatal\"",
    "[critical]",
    "critical:", // Python's logging.
    "severity\":\"critical\"",
    "exception",
];

/// Whether a line is marked as an error.
pub fn says_error(text: &str) -> bool {
    let lowered = format!(" {} ", text.to_ascii_lowercase());
    ERRORS.iter().any(|sign| lowered.contains(sign))
}

/// The levels of .NET's console, which stand on a line of their own with the category: `fail: Shop.Orders.Store[0]`. See
/// `GetLogLevelString` of <https://github.com/dotnet/runtime/blob/main/src/libraries/Microsoft.Extensions.Logging.Console/src/SimpleConsoleFormatter.cs>.
const HEADINGS: [&str; 6] = ["trce:", "dbug:", "info:", "warn:", "fail:", "crit:"];

/// Whether a line says no more than whose the next one is, and how grave.
pub fn is_heading(text: &str) -> bool {
    let mut words = text.split_whitespace().rev();
    let category = words.next().is_some_and(|it| it.ends_with(']') && it.contains('['));
    category && words.next().is_some_and(|it| HEADINGS.contains(&it))
}

/// Lines that do not report a failure of the work: told at a low level, or about telemetry that is sent elsewhere.
pub fn is_quiet(text: &str) -> bool {
    is_low(text) || is_of_telemetry(text)
}

/// How programs mark a level that is not meant to alarm, in small letters.
const LOW: [&str; 13] = [
    "level=debug",
    "level=info",
    "level=trace",
    "\"level\":\"debug\"",
    "\"level\":\"info\"",
    "\"level\": \"info\"",
    "\"severity\":\"info\"",
    "[debug]",
    "[info]",
    "[trace]",
    "\"level\":30",
    "\"level\":20",
    "\"level\":10",
];
/// A level without a mark stands among the first words: after the time, the thread and the logger.
const FIRST: usize = 4;

/// Whether a line is told at a low level.
fn is_low(text: &str) -> bool {
    is_low_bare(text) || is_marked_low(&text.to_ascii_lowercase())
}

/// Whether a line in small letters has the mark of a low level.
pub(super) fn is_marked_low(lowered: &str) -> bool {
    LOW.iter().any(|it| lowered.contains(it))
}

/// Whether the first words of a line have the bare word of a low level, and no sentence before it: `failed to get user info`.
pub(super) fn is_low_bare(text: &str) -> bool {
    let words = text.split_whitespace().filter(|it| !matches!(*it, "-" | "|" | "---"));
    let mut plain = 0;
    for word in words.take(FIRST) {
        let word = word.trim_matches(['[', ']', '(', ')']);
        let word = word.split(':').next().unwrap_or(word);
        match word.to_ascii_lowercase().as_str() {
            "error" | "fatal" | "warn" | "warning" | "critical" => return false,
            "debug" | "info" | "trace" => {
                let capitals = word.chars().all(|it| it.is_ascii_uppercase());
                return plain <= usize::from(capitals);
            }
            _ if word.chars().all(|it| it.is_ascii_alphabetic()) => plain += 1,
            _ => {}
        }
    }
    false
}

/// What exporters of telemetry write, in small letters.
const EXPORT: [&str; 19] = [
    "otlp",
    "opentelemetry.exporter",
    "opentelemetry.sdk",
    "opentelemetry/exporter",
    "traces export",
    "metrics export",
    "logs export",
    "export span",
    "exporting span",
    "export trace",
    "export metric",
    "export logs",
    "send telemetry",
    "sending telemetry",
    "new relic",
    "cloud profiler",
    "sentry_sdk",
    "dd-trace",
    "ddtrace",
];
/// Collectors of telemetry, and what they are called after.
const COLLECTORS: [&str; 14] = [
    "otel",
    "otelcol",
    "opentelemetry",
    "jaeger",
    "zipkin",
    "statsd",
    "sentry",
    "datadog",
    "dd-agent",
    "newrelic",
    "pyroscope",
    "skywalking",
    "otel-javaagent",
    "skywalking-oap",
];
/// How variables end that say where they are.
const ADDRESSES: [&str; 6] = ["dsn", "endpoint", "host", "agent_host", "license_key", "url"];
/// The ports at which they listen: OTLP, Jaeger, Zipkin.
const PORTS: [&str; 5] = [":4317", ":4318", ":14250", ":14268", ":9411"];

/// Whether a line is about telemetry that is sent elsewhere: in the words of an exporter, or of a collector by its name. A
/// namespace or another program may bear that word in its own name.
pub fn is_of_telemetry(text: &str) -> bool {
    let lowered = text.to_ascii_lowercase();
    let part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    let mut words = lowered.split(|it: char| !part(it) && it != '.');
    let named = |word: &str| {
        let label = word.split('.').next().unwrap_or(word);
        let stem = label.strip_suffix("-collector").or_else(|| label.strip_suffix("-agent"));
        // The variable that says where they are: `SENTRY_DSN`.
        let variable = label.split_once('_').filter(|(_, rest)| ADDRESSES.contains(rest));
        let is_one = |stem: &str, it: &str| {
            stem.strip_suffix(it).is_some_and(|it| it.is_empty() || it.ends_with('-'))
        };
        COLLECTORS.contains(&label)
            || variable.is_some_and(|(stem, _)| COLLECTORS.contains(&stem))
            || stem.is_some_and(|stem| COLLECTORS.iter().any(|it| is_one(stem, it)))
    };
    let at_port = |port: &&str| {
        lowered.match_indices(*port).any(|(at, port)| {
            let after = lowered.get(at + port.len()..).unwrap_or_default();
            !after.starts_with(|it: char| it.is_ascii_digit())
        })
    };
    EXPORT.iter().any(|it| lowered.contains(it)) || words.any(named) || PORTS.iter().any(at_port)
}

#[cfg(test)]
mod tests {
    use super::{is_heading, is_of_telemetry, is_quiet, says_error};

    #[test]
    fn an_error_is_marked_as_one() {
        assert!(says_error("2026-11-21 ERROR [main] no voucher"));
        assert!(says_error(r#"{"level":"error","msg":"no voucher"}"#));
        assert!(says_error(
            r#"{"error":"no voucher","message":"request error","severity":"error"}"#
        ));
        assert!(says_error(r#"{"log.level":"ERROR","message":"no voucher"}"#));
        assert!(says_error("2026-11-21T11:59:00Z ERR server.go:226 > no voucher"));
        assert!(!says_error(r#"{"severity":"info","message":"error rate: 0"}"#));
        assert!(says_error("CRITICAL:root:no voucher"));
        assert!(!says_error("no critical issues found"));
        assert!(!says_error("0 errors found"));
        assert!(!says_error("level=info msg=ok"));
    }

    #[test]
    fn dotnet_says_the_level_and_whose_it_is_in_a_line_of_their_own() {
        assert!(is_heading("2026-11-21T11:59:00Z fail: Shop.Orders.Store[0]"));
        assert!(is_heading("info: Microsoft.Hosting.Lifetime[14]"));
        assert!(!is_heading("fail: no voucher"));
        assert!(!is_heading("Migrating [shop]"));
    }

    #[test]
    fn a_low_level_stands_at_the_beginning() {
        for text in [
            "2026-11-21 12:00:00.123  INFO 1 --- [main] o.s.Web : Connection to db:5432 refused",
            "2026-11-21T12:00:00Z info main.go:12 connection refused",
            "12:00:00.123 [main] DEBUG o.a.Client - connection refused",
            "INFO:root:connection refused",
            "info: Microsoft.Hosting[0] connection refused",
            "level=info msg=refused",
        ] {
            assert!(is_quiet(text), "{text}");
        }
        for text in [
            "ERROR failed to get user info from redis:6379: connection refused",
            "connection refused. More info: https://example.org/refused",
            "failed to get info of redis:6379: connection refused",
            "stack trace of db:5432: connection refused",
        ] {
            assert!(!is_quiet(text), "{text}");
        }
    }

    #[test]
    fn telemetry_is_what_exporters_and_collectors_are_named_by() {
        for text in [
            "Failed to export spans: otel-collector:4317: connection refused",
            "traces export: context deadline exceeded",
            "ERROR:opentelemetry.exporter.otlp.proto.grpc.exporter:StatusCode.UNAVAILABLE",
            "connect ECONNREFUSED 10.96.0.9:4318",
            "lookup my-release-opentelemetry-collector.obs.svc on 10.96.0.10:53: no such host",
            "[sentry] could not send event: connection refused",
            "failed to send to jaeger-agent: connection refused",
        ] {
            assert!(is_of_telemetry(text), "{text}");
        }
        for text in [
            "dial tcp: lookup cart.otel-demo.svc.cluster.local on 10.96.0.10:53: no such host",
            "my-otel-demo-cart:7070: connection refused",
            r#"{"otelTraceID":"0","otelServiceName":"cart","msg":"db:5432: connection refused"}"#,
            "vehicle-telemetry:8080: connection refused",
            "dial tcp: lookup hotel-agent.shop.svc.cluster.local: no such host",
            "hotel-agent:8080: connection refused",
            "db:43170: connection refused",
        ] {
            assert!(!is_of_telemetry(text), "{text}");
        }
    }
}
