//! What the whole engine makes of logs that two modes could read: one cause each.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "trial/facts.rs"]
mod trial;

use evidence::report::{Report, Verdict};
use trial::{case, named, shop};

const KINDS: &[&str] = &[
    "Pod",
    "Job",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Service",
    "EndpointSlice",
    "ConfigMap",
    "Namespace",
];

/// A database that is well, and a client whose pod is `state` and whose log says `text`.
fn report(state: &str, log: &str) -> Report {
    let facts = format!(
        r#"
- workload: {{kind: Deployment, meta: {{namespace: shop, name: cart}}, desired: 1, current: 1, updated: 1, ready: {ready}, template_labels: {{app: cart}}, template: {{containers: [{{name: cart, env: [{{name: DB, value: "postgres://db:5432/x"}}]}}]}}}}
- pod:
    meta: {{namespace: shop, name: cart-1, owner: {{kind: Deployment, namespace: shop, name: cart}}, labels: {{app: cart}}}}
    phase: Running
    spec: {{containers: [{{name: cart, env: [{{name: DB, value: "postgres://db:5432/x"}}]}}]}}
    containers: [{{name: cart, {state}}}]
- log: {{namespace: shop, pod: cart-1, container: cart, previous: {previous}, lines: [{log}]}}
- service: {{meta: {{namespace: shop, name: db}}, type: ClusterIP, selector: {{app: db}}, ports: [{{port: 5432, target: "5432"}}], addresses: [10.96.0.9]}}
- endpoints: {{namespace: shop, service: db, ready: 1, ports: [{{number: 5432}}]}}
- workload: {{kind: StatefulSet, meta: {{namespace: shop, name: db}}, desired: 1, current: 1, updated: 1, ready: 1, template_labels: {{app: db}}, template: {{containers: [{{name: db, image: "postgres:16", ports: [{{number: 5432}}]}}]}}}}
- pod:
    meta: {{namespace: shop, name: db-0, owner: {{kind: StatefulSet, namespace: shop, name: db}}, labels: {{app: db}}}}
    phase: Running
    spec: {{containers: [{{name: db, image: "postgres:16", ports: [{{number: 5432}}]}}]}}
    containers: [{{name: db, ready: true, state: {{running: {{}}}}}}]
"#,
        ready = u8::from(state == READY),
        previous = state != READY,
    );
    trial::report(&case(&facts, shop(None), KINDS))
}

const READY: &str = "ready: true, state: {running: {}}";
const CRASHES: &str = r#"restarts: 5, state: {waiting: {reason: CrashLoopBackOff}}, last: {exit_code: 1, reason: Error, finished: "2026-11-21T11:58:00Z"}"#;

fn crash(text: &str) -> Vec<String> {
    named(&report(CRASHES, &format!("{{text: '{text}'}}")))
}

fn goes_on(text: &str) -> Vec<String> {
    let times = "count: 30, first: 2026-11-21T11:50:00Z, last: 2026-11-21T11:59:00Z";
    named(&report(READY, &format!("{{text: '{text}', {times}}}")))
}

#[test]
fn one_log_has_one_cause() {
    for (text, cause) in [
        (
            "connection to server at \"db\" (10.96.0.9), port 5432 failed: FATAL:  password authentication failed for user \"x\"",
            "DEP-01 cart",
        ),
        ("FATAL:  sorry, too many clients already", "DEP-04 db"),
        ("FATAL:  database \"x\" does not exist", "DEP-03 cart"),
        ("ERROR:  cannot execute INSERT in a read-only transaction", "DEP-06 db"),
        ("error: Dirty database version 3. Fix and force version.", "DEP-13 cart"),
        ("psycopg2.errors.UndefinedTable: relation \"carts\" does not exist", "DEP-13 cart"),
        ("DB_NAME must be set", "CFG-04 cart"),
        ("java.lang.OutOfMemoryError: Java heap space", "RUN-21 cart"),
        ("panic: runtime error: index out of range [3] with length 3", "RUN-10 cart"),
        ("ValueError: cannot parse MAX_ITEMS", "RUN-10 cart"),
    ] {
        assert_eq!(crash(text), [cause], "{text}");
    }
}

#[test]
fn a_ready_workload_that_keeps_complaining_has_one_cause() {
    for (text, cause) in [
        ("FATAL:  sorry, too many clients already", "DEP-04 db"),
        (
            "HikariPool-1 - Connection is not available, request timed out after 30000ms.",
            "RUN-20 cart",
        ),
        ("accept4: too many open files", "RUN-17 cart"),
        (
            "could not resize shared memory segment \"/x\" to 64 bytes: No space left on device",
            "RUN-18 cart",
        ),
        ("429 Client Error: Too Many Requests for url: https://api.example.com/x", "DEP-11 cart"),
    ] {
        assert_eq!(goes_on(text), [cause], "{text}");
    }
}

#[test]
fn noise_of_a_ready_workload_is_no_fault() {
    for text in [
        "GET /favicon.ico: open /app/favicon.ico: no such file or directory",
        "TypeError: x is not a function",
        "write tcp 10.1.1.1:80: connection reset by peer",
        "10.2.0.4 - - \"GET /admin HTTP/1.1\" 401 Unauthorized",
        "Authentication failed for user bob",
        "http: TLS handshake error from 10.2.0.1:41234: remote error: tls: bad certificate",
        "HTTP 403 Forbidden for session 12",
        "429 Too Many Requests sent to a client",
        "otel: traces export: context deadline exceeded",
        "level=info msg=\"retrying: connection refused\" addr=db:5432",
    ] {
        let report = report(
            READY,
            &format!(
                "{{text: '{text}', count: 30, first: 2026-11-21T11:50:00Z, last: 2026-11-21T11:59:00Z}}"
            ),
        );
        assert_eq!(report.verdict, Verdict::NoFaultFound, "{text}");
    }
}
