//! How much a line claims to matter, by the marks that loggers put on it.

/// How programs mark an error, in small letters.
const ERRORS: [&str; 8] = [
    " error ",
    "error:",
    "[error]",
    "level=error",
    "\"level\":\"error\"",
    "\"level\":50",
    " fatal ",
    "exception",
];

/// Whether a line is marked as an error.
pub fn says_error(text: &str) -> bool {
    let lowered = format!(" {} ", text.to_ascii_lowercase());
    ERRORS.iter().any(|sign| lowered.contains(sign))
}

/// Lines that do not report a failure of the work: told at a low level, or about telemetry that is sent elsewhere.
pub fn is_quiet(text: &str) -> bool {
    let lowered = text.to_ascii_lowercase();
    let levels = [
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
        " debug ",
        " info ",
        " trace ",
        "debug:",
        "info:",
        "\"level\":30",
        "\"level\":20",
    ];
    levels.iter().any(|it| lowered.contains(it)) || is_of_telemetry(text)
}

/// Whether a line is about telemetry that is sent elsewhere, of which no program dies.
pub fn is_of_telemetry(text: &str) -> bool {
    let lowered = text.to_ascii_lowercase();
    let telemetry = [
        "otlp",
        "opentelemetry",
        "otel",
        "traces export",
        "export span",
        "exporting span",
        "jaeger",
        "zipkin",
        "statsd",
        "sentry",
        "datadog",
        "dd-agent",
        "newrelic",
        "new relic",
        "pyroscope",
        "cloud profiler",
        "telemetry",
        "skywalking",
        "metrics export",
    ];
    telemetry.iter().any(|it| lowered.contains(it))
}

#[cfg(test)]
mod tests {
    use super::says_error;

    #[test]
    fn an_error_is_marked_as_one() {
        assert!(says_error("2026-11-21 ERROR [main] no voucher"));
        assert!(says_error(r#"{"level":"error","msg":"no voucher"}"#));
        assert!(!says_error("0 errors found"));
        assert!(!says_error("level=info msg=ok"));
    }
}
