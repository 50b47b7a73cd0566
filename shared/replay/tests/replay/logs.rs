//! Logs: recorded, empty, of the previous run, and not recorded.

use crate::written::{ABOUT, api, get};
use serde_json::Value;

const PODS: &str = r#"{"kind":"PodList","apiVersion":"v1","items":[
{"metadata":{"name":"one","namespace":"shop"},"spec":{"nodeName":"n","containers":[{"name":"web"}]},"status":{"containerStatuses":[{"name":"web","state":{"running":{}}}]}},
{"metadata":{"name":"two","namespace":"shop"},"spec":{"nodeName":"n","initContainers":[{"name":"setup"}],"containers":[{"name":"a"},{"name":"b"}]}},
{"metadata":{"name":"pulling","namespace":"shop"},"spec":{"nodeName":"n","containers":[{"name":"web"}]},"status":{"containerStatuses":[{"name":"web","state":{"waiting":{"reason":"ImagePullBackOff"}}}]}},
{"metadata":{"name":"crashing","namespace":"shop"},"spec":{"nodeName":"n","containers":[{"name":"web"}]},"status":{"containerStatuses":[{"name":"web","state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1}}}]}},
{"metadata":{"name":"nowhere","namespace":"shop"},"spec":{"containers":[{"name":"web"}]}}]}"#;

async fn log(files: &[(&str, &str)], pod_and_query: &str) -> (u16, Value) {
    let all: Vec<_> = [("kubernetes/pods.json", PODS)].iter().chain(files).copied().collect();
    get(&api(&all), &format!("/api/v1/namespaces/shop/pods/{pod_and_query}")).await
}

async fn message(pod_and_query: &str) -> (u16, String) {
    let (status, body) = log(&[], pod_and_query).await;
    (status, body["message"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned())
}

#[tokio::test]
async fn the_only_container_need_not_be_named() {
    let files = [("logs/shop/one/web.log", "2026-11-21T11:59:00Z hello\n")];
    assert_eq!(log(&files, "one/log").await, (200, "hello\n".into()));
}

#[tokio::test]
async fn the_time_of_since_seconds_is_that_of_the_snapshot() {
    let lines = "2026-11-21T11:58:00Z old\n2026-11-21T11:59:30Z new\n";
    let files = [("logs/shop/one/web.log", lines)];
    let answer = log(&files, "one/log?sinceSeconds=60&timestamps=true").await;
    assert_eq!(answer, (200, "2026-11-21T11:59:30Z new\n".into()));
}

#[tokio::test]
async fn of_several_containers_one_must_be_named() {
    let expected = "a container name must be specified for pod two, choose one of: [setup a b]";
    assert_eq!(message("two/log").await, (400, expected.to_owned()));
    let expected = "container zzz is not valid for pod two";
    assert_eq!(message("two/log?container=zzz").await, (400, expected.to_owned()));
}

#[tokio::test]
async fn an_empty_file_is_an_empty_log_and_no_file_is_none() {
    assert_eq!(log(&[("logs/shop/one/web.log", "")], "one/log").await, (200, "".into()));
    let (status, message) = message("one/log").await;
    assert_eq!(status, 404);
    assert!(
        message.ends_with("no log of container \"web\" is recorded in the snapshot"),
        "{message}"
    );
}

#[tokio::test]
async fn a_container_that_never_ran_says_why() {
    let expected = "container \"web\" in pod \"pulling\" is waiting to start: trying and failing to pull image";
    assert_eq!(message("pulling/log").await, (400, expected.to_owned()));
    let expected = "previous terminated container \"web\" in pod \"one\" not found";
    assert_eq!(message("one/log?previous=true").await, (400, expected.to_owned()));
}

#[tokio::test]
async fn a_container_between_two_runs_shows_its_last_one() {
    let files = [("logs/shop/crashing/web.previous.log", "bad\n")];
    assert_eq!(log(&files, "crashing/log?previous=true").await, (200, "bad\n".into()));
    assert_eq!(log(&files, "crashing/log").await, (200, "bad\n".into()));
}

#[tokio::test]
async fn a_pod_without_a_node_has_no_content() {
    assert_eq!(log(&[], "nowhere/log").await, (204, "".into()));
}

#[tokio::test]
async fn parameters_out_of_range_are_invalid() {
    for (query, start) in [
        (
            "tailLines=-1",
            "PodLogOptions \"one\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0",
        ),
        (
            "sinceSeconds=0",
            "PodLogOptions \"one\" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0",
        ),
        (
            "sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z",
            "PodLogOptions \"one\" is invalid: []: Forbidden: at most one of",
        ),
    ] {
        let (status, message) = message(&format!("one/log?{query}")).await;
        assert_eq!(status, 422);
        assert!(message.starts_with(start), "{message}");
    }
}

#[tokio::test]
async fn logs_that_could_not_be_read_are_forbidden() {
    let about = format!("{ABOUT}sources:\n  logs: {{available: false, reason: not granted}}\n");
    let (status, body) = log(&[("snapshot.yaml", &about)], "one/log").await;
    assert_eq!(status, 403);
    assert!(body["message"].as_str().unwrap().contains("\"pods/log\""), "{body}");
}
