//! What a call through memory costs, with bounds wide enough for a busy machine; the figures go to standard error.

use crate::fixture::{LONG, arguments, call, connected};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_connection_in_memory_takes_milliseconds() {
    let started = Instant::now();
    let _specialist = connected().await;
    let took = started.elapsed();
    eprintln!("connect in memory: {took:?}");
    assert!(took < Duration::from_millis(250), "{took:?}");
}

#[tokio::test]
async fn a_small_call_takes_about_a_millisecond() {
    let specialist = connected().await;
    let started = Instant::now();
    for _ in 0..200 {
        call(&specialist, "greet", json!({"name": "Ada"})).await;
    }
    let each = started.elapsed() / 200;
    eprintln!("call in memory: {each:?}");
    assert!(each < Duration::from_millis(20), "{each:?}");
}

#[tokio::test]
async fn five_megabytes_of_facts_arrive() {
    let specialist = connected().await;
    let never = CancellationToken::new();
    let started = Instant::now();
    let asked = arguments(json!({"facts": 23_000}));
    let reply = specialist.call("testify", asked, true, LONG, &never).await.expect("a reply");
    let took = started.elapsed();
    let testimony = reply.testimony.expect("a testimony");
    let bytes = serde_json::to_vec(&testimony).expect("JSON").len();
    eprintln!("{bytes} bytes of facts: {took:?}");
    assert!(bytes > 5_000_000, "{bytes}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}
