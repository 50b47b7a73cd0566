//! Recorded exchanges of a system without files of its own: how they are read, refused and played back.

use crate::written::{load, refusal};
use ::http::{Method, Request};
use bytes::Bytes;
use futures::StreamExt;
use readonly::transport::Transport;
use replay::recorded::Recorded;
use std::sync::Arc;

const FILE: &str = "http/grafana.jsonl";

async fn asked(lines: &str, method: Method, path: &str, body: &'static str) -> (u16, String) {
    let snapshot = Arc::new(load(&[(FILE, lines)]).unwrap());
    let request =
        Request::builder().method(method).uri(path).body(Bytes::from_static(body.as_bytes()));
    let system = Recorded::of(snapshot, "grafana");
    let response = system.send(request.unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let mut body = response.into_body();
    let mut text = Vec::new();
    while let Some(piece) = body.next().await {
        text.extend_from_slice(&piece.unwrap());
    }
    (status, String::from_utf8(text).unwrap())
}

async fn got(lines: &str, path: &str) -> (u16, String) {
    asked(lines, Method::GET, path, "").await
}

#[tokio::test]
async fn what_was_asked_before_is_answered_as_then_in_whatever_order_it_is_asked() {
    let lines =
        "{\"path\":\"/api/a\",\"query\":\"x=1&y=a%20b\",\"status\":418,\"body\":{\"b\":1}}\n\n";
    assert_eq!(got(lines, "/api/a?y=a%20b&x=1").await, (418, "{\"b\":1}".to_owned()));
    assert_eq!(got(lines, "/api/a?x=1&y=a+b").await.0, 418, "another spelling of the same");
    let text = r#"{"path":"/t","body":"plain"}"#;
    assert_eq!(got(text, "/t").await, (200, "plain".to_owned()));
}

#[tokio::test]
async fn what_was_not_asked_may_not_be_read_and_is_never_empty() {
    let lines = r#"{"path":"/api/a","query":"x=1","body":[]}"#;
    for path in ["/api/a", "/api/a?x=2", "/api/a?x=1&x=1", "/api/b?x=1"] {
        let (status, body) = got(lines, path).await;
        assert_eq!(status, 403, "{path}");
        assert!(body.contains(&format!("the snapshot has no answer to GET {path}")), "{body}");
    }
    let posted = asked(lines, Method::POST, "/api/a?x=1", "").await;
    assert_eq!(posted.0, 403);
}

#[tokio::test]
async fn a_body_that_was_sent_is_told_by_its_digest() {
    // sha256 of "abc"
    let lines = r#"{"method":"POST","path":"/q","body_digest":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","body":1}"#;
    assert_eq!(asked(lines, Method::POST, "/q", "abc").await, (200, "1".to_owned()));
    assert_eq!(asked(lines, Method::POST, "/q", "abd").await.0, 403);
}

#[tokio::test]
async fn a_system_that_was_declared_unavailable_says_why() {
    let about = "apiVersion: inquest.dev/v1\nkind: Snapshot\ncapturedAt: 2026-11-21T12:00:00Z\nsources: {grafana: {available: false, reason: no route}}\n";
    let snapshot = load(&[("snapshot.yaml", about), (FILE, "{\"path\":\"/a\"}")]).unwrap();
    assert_eq!(Recorded::unavailable(&snapshot, "grafana").as_deref(), Some("no route"));
    let snapshot = load(&[]).unwrap();
    let missing = Recorded::unavailable(&snapshot, "grafana");
    assert_eq!(missing.as_deref(), Some("the snapshot has no http/grafana.jsonl"));
}

#[test]
fn a_line_that_is_none_is_refused_with_its_number() {
    for (lines, told) in [
        ("{\"path\":\"/a\"}\nnope\n", "http/grafana.jsonl:2:2: expected ident"),
        ("{\"path\":\"a\"}", "http/grafana.jsonl:1:1: path is \"a\", and must begin with a slash"),
        ("{\"path\":\"/a\",\"status\":9}", "http/grafana.jsonl:1:1: status is 9, which is none"),
    ] {
        assert_eq!(refusal(&[(FILE, lines)]), told);
    }
    assert!(refusal(&[(FILE, "{\"path\":\"/a\",\"extra\":1}")]).contains("unknown field `extra`"));
    assert_eq!(refusal(&[("http/a/b.jsonl", "")]), "http/a/b.jsonl: is not http/SYSTEM.jsonl");
}
