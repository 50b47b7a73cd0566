//! Calls that take too long, are too many, or that nobody waits for any more.

use crate::fixture::{LONG, Seen, arguments, call, failure, seen, server};
use futures::future::join_all;
use mcp::client::{CallError, Specialist};
use mcp::failure::Code;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

async fn connected_to(seen: &Arc<Seen>) -> Specialist {
    Specialist::in_memory(server(seen)).await.expect("a connection in memory")
}

/// Takes one permit, or says that it never came.
async fn once(seen: &tokio::sync::Semaphore) {
    tokio::time::timeout(LONG, seen.acquire()).await.expect("in time").expect("open").forget();
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_does_not_answer_is_dropped_a_quarter_of_a_second_after_its_deadline() {
    let seen = seen();
    let specialist = connected_to(&seen).await;
    let started = Instant::now();
    let failure = failure(&specialist, "wait", json!({})).await;
    assert_eq!(failure.code, Code::Timeout);
    assert!(failure.message.contains("within 20 s"), "{}", failure.message);
    let took = started.elapsed();
    eprintln!("answered after {took:?}");
    assert!((20_250..=20_251).contains(&took.as_millis()), "{took:?}");
    once(&seen.dropped).await;
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_never_later_than_25_seconds() {
    let patient = server(&seen()).with_deadline(Duration::from_secs(300));
    let specialist = Specialist::in_memory(patient).await.expect("a connection");
    let failure = failure(&specialist, "wait", json!({})).await;
    assert!(failure.message.contains("within 25 s"), "{}", failure.message);
}

#[tokio::test]
async fn cancelling_a_call_drops_the_tool() {
    let seen = seen();
    let specialist = connected_to(&seen).await;
    let cancelled = CancellationToken::new();
    let asking = specialist.call("wait", arguments(json!({})), false, LONG, &cancelled);
    let cancelling = async {
        once(&seen.begun).await;
        cancelled.cancel();
    };
    let (asked, ()) = tokio::join!(asking, cancelling);
    assert!(matches!(asked, Err(CallError::Cancelled)), "{asked:?}");
    once(&seen.dropped).await;
}

#[tokio::test]
async fn dropping_a_call_drops_the_tool() {
    let seen = seen();
    let specialist = connected_to(&seen).await;
    let never = CancellationToken::new();
    tokio::select! {
        asked = specialist.call("wait", arguments(json!({})), false, LONG, &never) => panic!("{asked:?}"),
        () = once(&seen.begun) => {}
    }
    once(&seen.dropped).await;
}

#[tokio::test]
async fn dropping_the_connection_drops_the_tool() {
    let seen = seen();
    let specialist = connected_to(&seen).await;
    let asking = tokio::spawn(async move {
        let never = CancellationToken::new();
        specialist.call("wait", arguments(json!({})), false, LONG, &never).await
    });
    once(&seen.begun).await;
    asking.abort();
    once(&seen.dropped).await;
}

#[tokio::test]
async fn a_caller_that_has_waited_enough_cancels_the_call() {
    let seen = seen();
    let specialist = connected_to(&seen).await;
    let never = CancellationToken::new();
    let short = Duration::from_millis(50);
    let asked = specialist.call("wait", arguments(json!({})), false, short, &never).await;
    assert!(matches!(asked, Err(CallError::TimedOut { .. })), "{asked:?}");
    once(&seen.dropped).await;
}

#[tokio::test(start_paused = true)]
async fn of_two_hundred_calls_32_run_64_wait_two_seconds_and_the_others_hear_busy_at_once() {
    let seen = seen();
    let specialist = connected_to(&seen).await;
    let started = Instant::now();
    let calls = (0..200).map(|_| async {
        let failure = failure(&specialist, "wait", json!({})).await;
        (failure.code, failure.retryable, started.elapsed().as_secs())
    });
    let mut outcomes = std::collections::BTreeMap::new();
    for (code, retryable, seconds) in join_all(calls).await {
        assert!(retryable);
        *outcomes.entry((seconds, code.to_string())).or_insert(0) += 1;
    }
    let expected = [((0, "busy"), 104), ((2, "busy"), 64), ((20, "timeout"), 32)];
    let outcomes: Vec<_> =
        outcomes.iter().map(|((s, code), n)| ((*s, code.as_str()), *n)).collect();
    assert_eq!(outcomes, expected);
    assert_eq!(seen.begun.available_permits(), 32);
    assert!(call(&specialist, "greet", json!({"name": "Ada"})).await.failure.is_none());
}
