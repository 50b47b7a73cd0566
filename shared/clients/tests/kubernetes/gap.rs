//! Between two watches of one list: what was missed comes before anything is served again.

use crate::watched::{Watch, Watched, pod};
use clients::kubernetes::connection::Kubernetes;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::made::Made;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::PODS;
use k8s_openapi::api::core::v1::Pod;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// Lets the store work, for less time than it waits for what was missed.
async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

/// A list that is kept, and its watch, which is a minute old.
async fn kept() -> (Arc<Watched>, Kubernetes, Watch) {
    let api = Watched::listing(&[pod("shop", "a", 1)]);
    let watch = api.watch();
    let client = api.client().keeping(1 << 20);
    assert_eq!(names(&client).await, ["a"]);
    tokio::time::sleep(Duration::from_secs(60)).await;
    watch.bookmark(10);
    settle().await;
    (api, client, watch)
}

/// The name of a pod, as it is made once and kept.
struct Name(String);

impl Made for Name {
    fn takes(&self, _: u64) -> u64 {
        self.0.len() as u64
    }
}

async fn names(client: &Kubernetes) -> Vec<String> {
    let listed = client.list::<Pod>(&PODS, Reach::Cluster, &ListOptions::default()).await.unwrap();
    listed.items.into_iter().filter_map(|pod| pod.metadata.name).collect()
}

/// The names as they are served from memory; none where they are not.
async fn served(client: &Kubernetes) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let visit = |name: Option<Arc<Name>>| {
        names.extend(name.map(|name| name.0.clone()));
        ControlFlow::Continue(())
    };
    let make = |pod: Pod| pod.metadata.name.map(Name);
    let options = ListOptions::default();
    let walk = client.each_kept(&PODS, Reach::Cluster, &options, make, visit).await?;
    walk.unwrap();
    Some(names)
}

#[tokio::test(start_paused = true)]
async fn old_content_is_not_served_before_what_was_missed_has_come() {
    let (api, client, first) = kept().await;
    let second = api.watch();
    drop(first);
    settle().await;
    assert_eq!(api.asked().len(), 3, "the second watch is open");
    assert_eq!(served(&client).await, None);
    second.event("ADDED", &pod("shop", "b", 11));
    settle().await;
    assert_eq!(served(&client).await.unwrap(), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn silence_after_a_gap_says_that_nothing_was_missed() {
    let (api, client, first) = kept().await;
    let _second = api.watch();
    drop(first);
    settle().await;
    assert_eq!(served(&client).await, None);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(served(&client).await.unwrap(), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_gone_after_a_gap_is_never_served() {
    let (api, client, first) = kept().await;
    api.now_lists(&[pod("shop", "z", 30)]);
    let second = api.watch();
    drop(first);
    settle().await;
    assert_eq!(served(&client).await, None);
    let _third = api.watch();
    second.error(410);
    settle().await;
    assert_eq!(served(&client).await.unwrap(), ["z"], "it was listed anew");
}

#[tokio::test]
async fn what_is_not_kept_is_not_read_for_who_wants_only_that() {
    let api = Watched::listing(&[pod("shop", "a", 1)]);
    assert_eq!(served(&api.client()).await, None);
    assert_eq!(api.asked(), [""; 0]);
    api.refuses_watches(403);
    let client = api.client().keeping(1 << 20);
    assert_eq!(served(&client).await, None);
    let tried = api.asked().len();
    assert_eq!(served(&client).await, None);
    assert_eq!(api.asked().len(), tried);
}
