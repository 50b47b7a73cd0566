//! Which logs of ready pods make a symptom, and which are a healthy cluster's noise.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use diagnosis::case::Case;
use diagnosis::engine::symptoms;
use evidence::fact::{Body, Fact};
use evidence::scope::{Scope, Window};
use evidence::testimony::Testimony;

/// A Deployment with one ready pod, whose log is `lines`.
fn symptoms_of(image: &str, lines: &str) -> Vec<String> {
    symptoms_beside("", image, lines)
}

/// The same, beside other things.
fn symptoms_beside(others: &str, image: &str, lines: &str) -> Vec<String> {
    let facts = format!(
        r#"
- workload: {{kind: Deployment, meta: {{namespace: shop, name: web}}, desired: 1, current: 1, updated: 1, ready: 1}}
- pod:
    meta: {{namespace: shop, name: web-5d-1, owner: {{kind: Deployment, namespace: shop, name: web}}}}
    phase: Running
    spec: {{containers: [{{name: web, image: "{image}"}}]}}
    containers: [{{name: web, ready: true, state: {{running: {{since: "2026-11-20T08:00:00Z"}}}}}}]
- log: {{namespace: shop, pod: web-5d-1, container: web, truncated: true, lines: [{lines}]}}
{others}"#
    );
    let as_of = "2026-11-21T12:00:00Z".parse().unwrap();
    let start = "2026-11-21T11:00:00Z".parse().unwrap();
    let mut case = Case::open("", Scope::default(), as_of, Window { start, end: as_of });
    let bodies: Vec<Body> = serde_saphyr::from_str(&facts).unwrap();
    let facts = bodies.into_iter().map(|body| Fact { source: 0, body }).collect();
    case.hear(Testimony { facts, ..Testimony::default() });
    symptoms::of(&case).into_iter().map(|it| it.what).collect()
}

fn line(text: &str, count: u32, first: &str, last: &str) -> String {
    format!(
        "{{text: '{text}', count: {count}, first: 2026-11-{first}:00Z, last: 2026-11-{last}:00Z}}"
    )
}

const REFUSED: &str = "dial tcp 10.96.0.9:5432: connect: connection refused";

fn served(count: u32) -> String {
    line("GET /orders 200", count, "21T11:30", "21T11:59")
}

#[test]
fn an_error_that_began_and_goes_on_is_one() {
    let lines = [served(90), line(REFUSED, 20, "21T11:50", "21T11:59")].join(", ");
    let said = symptoms_of("web:1", &lines);
    assert_eq!(said, ["its log keeps saying that nobody listens at 10.96.0.9:5432"]);
}

#[test]
fn two_errors_of_one_workload_are_one_symptom() {
    let database = r#"
- service: {meta: {namespace: shop, name: db}, type: ClusterIP, selector: {app: db}, ports: [{port: 5432}]}
- endpoints: {namespace: shop, service: db, ready: 1, ports: [{number: 5432}]}
"#;
    let silent = line("dial tcp db:5432: i/o timeout", 20, "21T11:50", "21T11:59");
    let refused = line(REFUSED, 20, "21T11:50", "21T11:59");
    let both = [served(90), refused, silent].join(", ");
    assert_eq!(symptoms_beside(database, "web:1", &both).len(), 1);
}

#[test]
fn an_error_of_the_whole_log_is_one_where_hardly_anything_else_is_written() {
    let lines = line(REFUSED, 40, "21T11:30", "21T11:59");
    assert_eq!(symptoms_of("web:1", &lines).len(), 1);
}

#[test]
fn what_is_said_rarely_or_was_said_once_is_none() {
    for lines in [
        [served(90), line(REFUSED, 1, "21T11:59", "21T11:59")].join(", "),
        // Five in an hour.
        [served(90), line(REFUSED, 5, "21T11:00", "21T11:59")].join(", "),
        // Three of two hundred lines.
        [served(197), line(REFUSED, 3, "21T11:50", "21T11:59")].join(", "),
    ] {
        assert_eq!(symptoms_of("web:1", &lines), Vec::<String>::new(), "{lines}");
    }
}

#[test]
fn an_old_burst_is_none() {
    let lines = [line(REFUSED, 50, "21T11:10", "21T11:20"), served(50)].join(", ");
    assert_eq!(symptoms_of("web:1", &lines), Vec::<String>::new());
}

#[test]
fn an_error_of_the_start_after_which_it_connected_is_none() {
    let refused = line(REFUSED, 10, "21T11:55", "21T11:58");
    let lines = [refused, line("connected to db:5432", 1, "21T11:59", "21T11:59")].join(", ");
    assert_eq!(symptoms_of("web:1", &lines), Vec::<String>::new());
}

#[test]
fn what_was_always_said_is_none() {
    let lines = [
        line("GET /orders 200", 90, "20T09:00", "21T11:59"),
        line(REFUSED, 900, "20T09:00", "21T11:59"),
    ]
    .join(", ");
    assert_eq!(symptoms_of("web:1", &lines), Vec::<String>::new());
}

#[test]
fn telemetry_that_nobody_takes_is_none() {
    let text = "traces export: dial tcp 10.96.0.9:4317: connect: connection refused";
    assert_eq!(symptoms_of("web:1", &line(text, 40, "21T11:30", "21T11:59")), Vec::<String>::new());
}

#[test]
fn a_database_that_turns_somebody_away_is_not_sick() {
    let text = "FATAL:  password authentication failed for user \"app\"";
    let lines = line(text, 40, "21T11:30", "21T11:59");
    assert_eq!(symptoms_of("postgres:16", &lines), Vec::<String>::new());
    assert_eq!(symptoms_of("web:1", &lines).len(), 1);
}

#[test]
fn messages_that_are_put_back_one_after_the_other_are_none() {
    let put_back = line("level=ERROR msg=requeued message_id=41", 30, "21T11:50", "21T11:59");
    assert_eq!(symptoms_of("worker", &put_back).len(), 1);
    assert_eq!(symptoms_of("worker", &put_back.replace("count", "moves: true, count")).len(), 0);
}
