//! What a call through memory costs. Run by hand: `cargo test -p mcp --test runtime speed -- --ignored --nocapture`.

use crate::fixture::{LONG, arguments, call, connected};
use serde_json::json;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

const CONNECTIONS: u32 = 20;
const CALLS: u32 = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures and judges nothing"]
async fn figures() {
    let mut started = Instant::now();
    let mut specialist = connected().await;
    for _ in 1..CONNECTIONS {
        specialist = connected().await;
    }
    eprintln!("connect: {:?}", started.elapsed() / CONNECTIONS);

    started = Instant::now();
    for _ in 0..CALLS {
        call(&specialist, "greet", json!({"name": "Ada"})).await;
    }
    eprintln!("small call: {:?}", started.elapsed() / CALLS);

    let never = CancellationToken::new();
    let asked = arguments(json!({"facts": 25_000}));
    started = Instant::now();
    let reply = specialist.call("testify", asked, true, LONG, &never).await.expect("a reply");
    let took = started.elapsed();
    let bytes = serde_json::to_vec(&reply.testimony).expect("JSON").len();
    eprintln!("{bytes} bytes of facts: {took:?}");
}
