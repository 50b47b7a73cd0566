//! Logs: lines with their times, and the answers that say why there is none.

use crate::script::Script;
use clients::kubernetes::logs::{LogOptions, Logs};
use readonly::refusal::Kind;

const PATH: &str = "/api/v1/namespaces/shop/pods/web/log?container=web&tailLines=1000&limitBytes=4194304&timestamps=true";

fn of_web() -> LogOptions {
    LogOptions { container: Some("web".to_owned()), ..LogOptions::default() }
}

async fn logs(status: u16, answer: &str) -> Logs {
    let script = Script::new(&[(PATH, status, answer)]);
    script.client().logs("shop", "web", &of_web()).await.unwrap()
}

#[tokio::test]
async fn lines_come_with_their_times() {
    let answer = "2026-11-21T11:59:58.123456789Z starting\n2026-11-21T11:59:59Z \n2026-11-21T11:59:59.5Z   indented\nno time\n";
    let Logs::Read(text) = logs(200, answer).await else { panic!("no log") };
    let lines: Vec<_> =
        text.lines.iter().map(|line| (line.at.is_some(), line.text.as_str())).collect();
    assert_eq!(lines, [(true, "starting"), (true, ""), (true, "  indented"), (false, "no time")]);
    assert_eq!(text.lines[0].at.unwrap().to_string(), "2026-11-21T11:59:58.123456789Z");
    assert_eq!(text.path, PATH);
    assert!(!text.cut);
}

#[tokio::test]
async fn an_empty_log_was_read() {
    let Logs::Read(text) = logs(200, "").await else { panic!("no log") };
    assert!(text.lines.is_empty() && !text.cut);
}

#[tokio::test]
async fn a_log_as_long_as_the_limit_was_cut() {
    let options = LogOptions { limit_bytes: 30, ..of_web() };
    let path = PATH.replace("4194304", "30");
    let script = Script::new(&[(&path, 200, "2026-11-21T11:59:59Z 0123456789")]);
    let read = script.client().logs("shop", "web", &options).await.unwrap();
    let Logs::Read(text) = read else { panic!("no log") };
    assert!(text.cut);
}

#[tokio::test]
async fn the_previous_run_and_a_time_are_asked_for() {
    let path = "/api/v1/namespaces/shop/pods/web/log?previous=true&sinceTime=2026-11-21T11%3A00%3A00Z&tailLines=5&limitBytes=4194304&timestamps=true";
    let script = Script::new(&[(path, 200, "")]);
    let since = Some("2026-11-21T11:00:00Z".parse().unwrap());
    let options = LogOptions { previous: true, since, tail_lines: 5, ..LogOptions::default() };
    assert!(script.client().logs("shop", "web", &options).await.is_ok());
}

#[tokio::test]
async fn a_container_that_has_not_started_says_so() {
    let message =
        r#"container \"web\" in pod \"web\" is waiting to start: trying and failing to pull image"#;
    let status = format!(r#"{{"kind":"Status","code":400,"message":"{message}"}}"#);
    let Logs::NotStarted(said) = logs(400, &status).await else { panic!("not told") };
    assert!(said.ends_with("trying and failing to pull image"), "{said}");
}

#[tokio::test]
async fn a_first_run_has_no_previous_one() {
    let status = r#"{"kind":"Status","code":400,"message":"previous terminated container \"web\" in pod \"web\" not found"}"#;
    assert!(matches!(logs(400, status).await, Logs::NoPrevious(_)));
}

#[tokio::test]
async fn other_bad_requests_stay_refusals() {
    let status = r#"{"message":"a container name must be specified for pod web, choose one of: [web sidecar]"}"#;
    let script = Script::new(&[(PATH, 400, status)]);
    let refusal = script.client().logs("shop", "web", &of_web()).await.unwrap_err();
    let Kind::Status { status: 400, message } = refusal.kind else { panic!("{refusal}") };
    assert!(message.contains("choose one of: [web sidecar]"), "{message}");
}

#[tokio::test]
async fn a_log_that_may_not_be_read_is_a_refusal() {
    let script = Script::new(&[(PATH, 403, "{}")]);
    let refusal = script.client().logs("shop", "web", &of_web()).await.unwrap_err();
    assert!(matches!(refusal.kind, Kind::Forbidden(_)));
}
