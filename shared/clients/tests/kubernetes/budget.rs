//! Lists that are kept in little memory: which gives way, and which is not tried again soon.

use crate::watched::{Watched, pod};
use clients::kubernetes::connection::Kubernetes;
use clients::kubernetes::list::{ListOptions, Listed};
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{NODES, PODS};
use k8s_openapi::api::core::v1::{Node, Pod};
use readonly::refusal::Kind;
use serde_json::{Value, json};
use std::time::Duration;

/// Bytes that a pod of these tests is counted as; its name and version are one letter each.
const POD: u64 = 66 + 256;

async fn pods(client: &Kubernetes) -> Listed<Pod> {
    client.list(&PODS, Reach::Cluster, &ListOptions::default()).await.unwrap()
}

async fn nodes(client: &Kubernetes) -> Listed<Node> {
    client.list(&NODES, Reach::Cluster, &ListOptions::default()).await.unwrap()
}

fn node(labels: &Value) -> Value {
    json!({"metadata": {"name": "n", "resourceVersion": "3", "labels": labels}})
}

/// Lets the stores work.
async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

fn lists(api: &Watched, of: &str) -> usize {
    let asked = api.asked();
    asked.iter().filter(|path| path.contains(of) && !path.contains("watch=true")).count()
}

/// The beginning of a list with four pods in it, more of which are to come.
const FOUR_PODS: &str = r#"{"metadata":{"resourceVersion":"10"},"items":[
    {"metadata":{"name":"a","namespace":"shop","resourceVersion":"1"}},
    {"metadata":{"name":"b","namespace":"shop","resourceVersion":"1"}},
    {"metadata":{"name":"c","namespace":"shop","resourceVersion":"1"}},
    {"metadata":{"name":"d","namespace":"shop","resourceVersion":"1"}},"#;

#[tokio::test]
async fn a_list_that_fills_the_memory_throws_out_no_other() {
    let api = Watched::listing(&[]);
    api.has_nodes(&[node(&json!({}))]);
    let watch = api.watch();
    let client = api.client().keeping(5 * POD);
    assert_eq!(nodes(&client).await.items.len(), 1);
    let large = api.tells_list();
    large.piece(FOUR_PODS);
    let asking = tokio::spawn({
        let client = client.clone();
        async move { pods(&client).await.items.len() }
    });
    settle().await;
    assert_eq!(lists(&api, "/pods"), 1, "pods are being read");
    watch.event("MODIFIED", &node(&json!({"why": "a".repeat(POD as usize)})));
    settle().await;
    let node = nodes(&client).await.items.remove(0);
    assert!(node.metadata.labels.unwrap().contains_key("why"));
    assert_eq!(lists(&api, "/nodes"), 1, "nodes are kept as they were");
    large.piece(r#"{"metadata":{"name":"e","namespace":"shop","resourceVersion":"1"}}]}"#);
    drop(large);
    assert_eq!(asking.await.unwrap(), 0, "pods are read from the API server");
    assert_eq!(lists(&api, "/pods"), 2);
    pods(&client).await;
    assert_eq!(lists(&api, "/pods"), 3, "and so they are from now on");
}

#[tokio::test]
async fn a_new_version_of_an_object_needs_no_memory_for_both() {
    let api = Watched::listing(&[pod("shop", "a", 1), pod("till", "b", 2)]);
    let watch = api.watch();
    let client = api.client().keeping(2 * POD + 20);
    assert_eq!(pods(&client).await.items.len(), 2);
    watch.event("MODIFIED", &pod("shop", "a", 11));
    settle().await;
    let listed = pods(&client).await;
    assert_eq!(listed.items[0].metadata.resource_version.as_deref(), Some("11"));
    assert_eq!(lists(&api, "/pods"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_served_and_finds_no_room_is_soon_tried_again() {
    let api = Watched::listing(&[pod("shop", "a", 1), pod("till", "b", 2)]);
    let watch = api.watch();
    let client = api.client().keeping(2 * POD + 20);
    assert_eq!(pods(&client).await.items.len(), 2);
    let _second = api.watch();
    watch.event("ADDED", &pod("shop", "c", 11));
    tokio::time::sleep(Duration::from_secs(2)).await;
    pods(&client).await;
    let before = lists(&api, "/pods");
    pods(&client).await;
    assert_eq!(lists(&api, "/pods"), before, "it is kept once more");
}

/// Asks now, two minutes and twelve minutes later; how often the list was read by each of these times.
async fn asked_again(api: &std::sync::Arc<Watched>) -> Vec<usize> {
    let client = api.client().keeping(1 << 20);
    let mut read = Vec::new();
    for wait in [0, 120, 600] {
        tokio::time::sleep(Duration::from_secs(wait)).await;
        pods(&client).await;
        read.push(lists(api, "/pods"));
    }
    read
}

#[tokio::test(start_paused = true)]
async fn what_has_no_versions_is_not_soon_tried_again() {
    let api = Watched::listing(&[json!({"metadata": {"namespace": "shop", "name": "web"}})]);
    assert_eq!(asked_again(&api).await, [2, 3, 5]);
    let api = Watched::listing(&[]);
    api.tells_list().piece(r#"{"metadata":{},"items":[]}"#);
    assert_eq!(asked_again(&api).await[..2], [2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_larger_than_we_read_is_not_soon_tried_again() {
    let api = Watched::listing(&[pod("shop", "a", 1)]);
    let list = api.tells_list();
    list.piece(FOUR_PODS);
    list.fails(Kind::TooLarge { limit: 32 << 20 });
    assert_eq!(asked_again(&api).await[..2], [2, 3]);
}
