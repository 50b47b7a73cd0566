//! Lists that are kept up to date: what is served from memory, and what never is.

use crate::watched::{Watched, pod};
use clients::kubernetes::connection::Kubernetes;
use clients::kubernetes::list::{ListOptions, Listed};
use clients::kubernetes::made::Made;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{NODES, PODS};
use k8s_openapi::api::core::v1::Pod;
use std::sync::Arc;
use std::time::Duration;

const MIB: u64 = 1 << 20;
/// The list that a store begins with, and that a call reads by itself where nothing is kept.
const LIST: &str = "/api/v1/pods?limit=500";
/// The watch that follows a list in version 10.
const WATCH: &str =
    "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=10&timeoutSeconds=540";

/// The name of a pod, as it is made once and kept.
struct Name(String);

impl Made for Name {
    fn takes(&self, _: u64) -> u64 {
        self.0.len() as u64
    }
}

async fn pods(client: &Kubernetes) -> Listed<Pod> {
    client.list(&PODS, Reach::Cluster, &ListOptions::default()).await.unwrap()
}

async fn names(client: &Kubernetes) -> Vec<String> {
    let listed = pods(client).await;
    assert!(listed.walk.is_complete());
    listed.items.into_iter().filter_map(|pod| pod.metadata.name).collect()
}

/// Lets the store work until the list is as expected.
async fn until(client: &Kubernetes, expected: &[&str]) {
    for _ in 0..1000 {
        if names(client).await == expected {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{:?} did not become {expected:?}", names(client).await);
}

fn two() -> Arc<Watched> {
    Watched::listing(&[pod("shop", "a", 1), pod("till", "b", 2)])
}

#[tokio::test]
async fn asking_again_costs_no_request() {
    let api = two();
    let _watch = api.watch();
    let client = api.client().keeping(MIB);
    assert_eq!(names(&client).await, ["a", "b"]);
    let once = api.asked();
    assert_eq!(once, [LIST, WATCH]);
    assert_eq!(names(&client).await, ["a", "b"]);
    assert_eq!(api.asked(), once);
}

#[tokio::test]
async fn what_comes_changes_and_goes_is_followed() {
    let api = two();
    let watch = api.watch();
    let client = api.client().keeping(MIB);
    until(&client, &["a", "b"]).await;
    watch.event("ADDED", &pod("shop", "c", 11));
    until(&client, &["a", "c", "b"]).await;
    watch.event("DELETED", &pod("shop", "a", 12));
    until(&client, &["c", "b"]).await;
    assert_eq!(api.lists(), 1);
}

#[tokio::test]
async fn one_namespace_is_read_from_the_list_of_all() {
    let api = two();
    let _watch = api.watch();
    let client = api.client().keeping(MIB);
    until(&client, &["a", "b"]).await;
    let options = ListOptions::default();
    let till = client.list::<Pod>(&PODS, Reach::Namespace("till"), &options).await.unwrap();
    assert_eq!(till.items.len(), 1);
    assert_eq!(till.items[0].metadata.name.as_deref(), Some("b"));
    assert_eq!(api.lists(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_list_is_as_of_the_last_word_of_the_api_server() {
    let api = two();
    let watch = api.watch();
    let client = api.client().keeping(MIB);
    let filled = pods(&client).await.walk.observed_at;
    api.pass(Duration::from_secs(40));
    assert_eq!(pods(&client).await.walk.observed_at, filled, "nothing was heard since");
    watch.bookmark(20);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let walk = pods(&client).await.walk;
    assert_eq!(walk.observed_at.duration_since(filled).as_secs(), 40);
    assert_eq!(walk.resource_version, "20");
}

#[tokio::test]
async fn a_version_that_is_gone_is_listed_anew() {
    let api = two();
    let first = api.watch();
    let client = api.client().keeping(MIB);
    until(&client, &["a", "b"]).await;
    api.now_lists(&[pod("shop", "z", 30)]);
    let _second = api.watch();
    first.error(410);
    until(&client, &["z"]).await;
}

#[tokio::test]
async fn a_watch_that_breaks_is_not_served_past() {
    let api = two();
    let watch = api.watch();
    let client = api.client().keeping(MIB);
    until(&client, &["a", "b"]).await;
    api.now_lists(&[pod("shop", "z", 30)]);
    watch.breaks();
    until(&client, &["z"]).await;
    assert!(api.lists() > 1);
}

#[tokio::test(start_paused = true)]
async fn silence_is_not_taken_for_quiet() {
    let api = two();
    let _watch = api.watch();
    let client = api.client().keeping(MIB);
    until(&client, &["a", "b"]).await;
    api.now_lists(&[pod("shop", "z", 30)]);
    tokio::time::sleep(Duration::from_secs(74)).await;
    assert_eq!(names(&client).await, ["a", "b"]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    until(&client, &["z"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_quiet_list_is_taken_up_again_where_it_stands() {
    let api = two();
    let _quiet = api.watch();
    let again = api.watch();
    let client = api.client().keeping(MIB);
    let filled = pods(&client).await.walk.observed_at;
    api.pass(Duration::from_secs(76));
    tokio::time::sleep(Duration::from_secs(76)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(pods(&client).await.walk.observed_at.duration_since(filled).as_secs(), 76);
    again.event("ADDED", &pod("shop", "c", 11));
    until(&client, &["a", "c", "b"]).await;
    assert_eq!(api.asked(), [LIST, WATCH, WATCH]);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_asks_for_is_let_go_of() {
    let api = two();
    let watches = [(); 20].map(|()| api.watch());
    let client = api.client().keeping(MIB);
    until(&client, &["a", "b"]).await;
    tokio::time::sleep(Duration::from_secs(700)).await;
    let asked = api.asked().len();
    tokio::time::sleep(Duration::from_secs(700)).await;
    assert_eq!(api.asked().len(), asked, "no watch is open any more");
    assert_eq!(names(&client).await, ["a", "b"]);
    assert_eq!(api.lists(), 2);
    drop(watches);
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_in_order_goes_on_where_it_ended() {
    let api = two();
    let first = api.watch();
    let client = api.client().keeping(MIB);
    until(&client, &["a", "b"]).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    first.event("ADDED", &pod("shop", "c", 11));
    until(&client, &["a", "c", "b"]).await;
    let second = api.watch();
    drop(first);
    second.event("DELETED", &pod("shop", "a", 12));
    until(&client, &["c", "b"]).await;
    assert_eq!(api.asked().last().unwrap(), &WATCH.replace("=10&", "=11&"));
    assert_eq!(api.lists(), 1);
}

#[tokio::test]
async fn what_may_not_be_watched_is_listed_with_each_call() {
    let api = two();
    api.refuses_watches(403);
    let client = api.client().keeping(MIB);
    assert_eq!(names(&client).await, ["a", "b"]);
    assert_eq!(names(&client).await, ["a", "b"]);
    assert_eq!(api.asked(), [LIST, WATCH, LIST, LIST], "and the watch is not tried again soon");
}

#[tokio::test]
async fn a_kind_that_takes_too_much_memory_is_listed_with_each_call() {
    let api = two();
    let client = api.client().keeping(100);
    assert_eq!(names(&client).await, ["a", "b"]);
    assert_eq!(names(&client).await, ["a", "b"]);
    assert_eq!(api.asked(), [LIST, LIST, LIST]);
}

#[tokio::test(start_paused = true)]
async fn the_memory_of_what_ended_can_be_used_again() {
    let api = two();
    let watch = api.watch();
    // Enough for the two, not for four.
    let client = api.client().keeping(900);
    until(&client, &["a", "b"]).await;
    let _second = api.watch();
    watch.error(410);
    tokio::time::sleep(Duration::from_secs(2)).await;
    until(&client, &["a", "b"]).await;
    let lists = api.lists();
    until(&client, &["a", "b"]).await;
    assert_eq!(api.lists(), lists, "it is kept once more");
}

#[tokio::test]
async fn a_selection_is_made_by_the_api_server() {
    let api = two();
    let client = api.client().keeping(MIB);
    let options = ListOptions { labels: "app=web".to_owned(), ..ListOptions::default() };
    let _ = client.list::<Pod>(&PODS, Reach::Cluster, &options).await;
    assert_eq!(api.asked(), ["/api/v1/pods?labelSelector=app%3Dweb&limit=500"]);
}

#[tokio::test]
async fn a_refused_list_is_refused_and_not_empty() {
    let api = Watched::listing(&[]);
    api.refuses_lists(403);
    let client = api.client().keeping(MIB);
    let options = ListOptions::default();
    assert!(client.list::<Pod>(&NODES, Reach::Cluster, &options).await.is_err());
}

#[tokio::test]
async fn what_is_made_of_an_object_is_made_once() {
    let api = two();
    let _watch = api.watch();
    let client = api.client().keeping(MIB);
    let made = std::sync::atomic::AtomicUsize::new(0);
    for _ in 0..3 {
        let mut seen = Vec::new();
        let make = |pod: Pod| {
            made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            pod.metadata.name.map(Name)
        };
        let visit = |name: Option<Arc<Name>>| {
            seen.extend(name.map(|name| name.0.clone()));
            std::ops::ControlFlow::Continue(())
        };
        let options = ListOptions::default();
        client.each_made(&PODS, Reach::Cluster, &options, make, visit).await.unwrap();
        assert_eq!(seen, ["a", "b"]);
    }
    assert_eq!(made.into_inner(), 2);
}
