//! What is captured is what was read: here of one snapshot, so that both can be asked.

use crate::written::{ABOUT, METADATA_LIST, TABLE, api, api_of, get, send};
use evidence::scope::Window;
use http::Method;
use replay::capture::{CaptureError, Recorder};
use replay::snapshot::Snapshot;
use replay::snapshot::about::About;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

const OBJECTS: &str = r#"{"kind":"List","apiVersion":"v1","items":[
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"shop"},"spec":{"nodeName":"n","containers":[{"name":"web","image":"one"}]}},
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b","namespace":"shop"},"spec":{"nodeName":"n","containers":[{"name":"web","image":"two"}]}},
{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"shop"},"data":{"key":"value"}},
{"apiVersion":"v1","kind":"Secret","metadata":{"name":"keys","namespace":"shop"},"data":{"key":"c2VjcmV0"}},
{"apiVersion":"farm.example.com/v1","kind":"Ox","metadata":{"name":"one","namespace":"shop"}}]}"#;
const SERVICES: &str = "apiVersion: v1\nkind: ServiceList\nitems: []\n";
const FILES: [(&str, &str); 3] = [
    ("kubernetes/objects.json", OBJECTS),
    ("kubernetes/services.yaml", SERVICES),
    (
        "logs/shop/a/web.log",
        "2026-11-21T11:59:00Z password=hunter2hunter2\n2026-11-21T11:59:01Z bye\n",
    ),
];

fn about() -> About {
    let moment = "2026-11-21T12:00:00Z".parse().unwrap();
    About {
        api_version: "inquest.dev/v1".to_owned(),
        kind: "Snapshot".to_owned(),
        cluster: "test".to_owned(),
        captured_at: moment,
        window: Some(Window { start: moment, end: moment }),
        redaction: None,
        sources: Default::default(),
    }
}

/// Takes what a ConfigMap says away, so that the test sees that it was called.
fn redact(object: &mut Value) {
    if let Some(value) = object.pointer_mut("/data/key") {
        *value = "hidden".into();
    }
}

/// Reads through a recorder as an investigation does, and writes.
async fn capture(path: &Path) -> Recorder {
    let recorder = Recorder::over(Arc::new(api(&FILES)));
    for (path, accept) in [
        ("/api/v1/namespaces/shop/pods?limit=1", TABLE),
        ("/api/v1/namespaces/shop/configmaps", METADATA_LIST),
        ("/api/v1/namespaces/shop/services?limit=500", "application/json"),
        ("/api/v1/namespaces/shop/secrets", METADATA_LIST),
        ("/apis/farm.example.com/v1/namespaces/shop/oxes/one", "application/json"),
        ("/api/v1/nodes", "application/json"),
        ("/api/v1/namespaces/shop/pods/a/log?container=web&tailLines=200&timestamps=true", "*/*"),
        ("/api/v1/namespaces/shop/pods/b/log?container=web", "*/*"),
    ] {
        send(&recorder, Method::GET, path, accept, "").await;
    }
    recorder.write(about(), redact, path).await.unwrap();
    recorder
}

#[tokio::test]
async fn what_was_read_in_a_shorter_form_is_captured_in_full() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path()).await;
    let (original, captured) = (api(&FILES), api_of(folder.path()));
    for path in
        ["/api/v1/namespaces/shop/pods", "/api/v1/services", "/apis/farm.example.com/v1/oxes"]
    {
        assert_eq!(get(&original, path).await, get(&captured, path).await, "{path}");
    }
}

#[tokio::test]
async fn objects_and_logs_are_redacted_and_secrets_left_out() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path()).await;
    let captured = api_of(folder.path());
    let (_, settings) = get(&captured, "/api/v1/namespaces/shop/configmaps/settings").await;
    assert_eq!(settings["data"]["key"], "hidden");
    let (_, log) = get(&captured, "/api/v1/namespaces/shop/pods/a/log").await;
    assert!(log.as_str().unwrap().contains("bye") && !log.to_string().contains("hunter2"), "{log}");
    let (status, secrets) = get(&captured, "/api/v1/namespaces/shop/secrets").await;
    assert_eq!(status, 403);
    assert!(
        secrets["message"].as_str().unwrap().ends_with("a capture never holds Secrets"),
        "{secrets}"
    );
}

#[tokio::test]
async fn what_was_denied_stays_denied_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path()).await;
    let snapshot = Snapshot::load(folder.path()).unwrap();
    let nodes = &snapshot.about.sources["nodes"];
    assert!(!nodes.available);
    assert!(nodes.reason.as_ref().unwrap().starts_with("nodes is forbidden"), "{nodes:?}");
    let (status, _) = get(&api_of(folder.path()), "/api/v1/nodes").await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn a_log_that_was_not_there_is_not_recorded() {
    let folder = tempfile::tempdir().unwrap();
    capture(folder.path()).await;
    let logs = Snapshot::load(folder.path()).unwrap().logs;
    assert_eq!(logs.keys().map(|of| of.path()).collect::<Vec<_>>(), ["logs/shop/a/web.log"]);
}

#[tokio::test]
async fn an_archive_holds_the_same_and_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("one.tar.zst");
    let recorder = capture(&archive).await;
    let again = folder.path().join("two.tar.zst");
    recorder.write(about(), redact, &again).await.unwrap();
    assert_eq!(Snapshot::load(&archive).unwrap().about, Snapshot::load(&again).unwrap().about);
    let refused = recorder.write(about(), redact, &archive).await.unwrap_err();
    assert!(matches!(refused, CaptureError::Exists(_)), "{refused}");
}

#[tokio::test]
async fn a_selection_that_is_empty_is_captured_as_read_and_as_a_selection() {
    let recorder = Recorder::over(Arc::new(api(&[
        ("snapshot.yaml", ABOUT),
        ("kubernetes/objects.json", OBJECTS),
    ])));
    get(&recorder, "/api/v1/namespaces/shop/pods?fieldSelector=status.phase%3DFailed").await;
    let folder = tempfile::tempdir().unwrap();
    recorder.write(about(), redact, folder.path()).await.unwrap();
    let snapshot = Snapshot::load(folder.path()).unwrap();
    let left_out = snapshot.about.sources["pods"].left_out.as_ref().unwrap().to_string();
    assert!(left_out.contains("fieldSelector=status.phase%3DFailed"), "{left_out}");
    let (status, _) = get(&api_of(folder.path()), "/api/v1/namespaces/shop/pods").await;
    assert_eq!(status, 200);
}
