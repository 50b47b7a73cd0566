//! Ten thousand callers that leave: nothing of their calls goes on.

use crate::fixture::{LONG, arguments, call, seen, server};
use mcp::client::{CallError, Specialist};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const CANCELS: usize = 10_000;
/// The tool hears of it sooner, but for one time in a hundred on a machine that has other things to do.
const SOON: Duration = Duration::from_millis(200);

#[tokio::test]
async fn ten_thousand_cancelled_calls_leave_nothing_running() {
    let seen = seen();
    let specialist = Specialist::in_memory(server(&seen)).await.expect("a connection in memory");
    call(&specialist, "greet", json!({"name": "Ada"})).await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let (before, mut times) = (tasks(), Vec::new());
    for _ in 0..CANCELS {
        let cancelled = CancellationToken::new();
        let asking = specialist.call("wait", arguments(json!({})), false, LONG, &cancelled);
        let leaving = async {
            seen.begun.acquire().await.expect("open").forget();
            cancelled.cancel();
            let left = Instant::now();
            seen.dropped.acquire().await.expect("open").forget();
            left.elapsed()
        };
        let (asked, took) = tokio::join!(asking, leaving);
        assert!(matches!(asked, Err(CallError::Cancelled)), "{asked:?}");
        times.push(took);
    }
    call(&specialist, "greet", json!({"name": "Ada"})).await;
    times.sort_unstable();
    let (median, p99) = (times[CANCELS / 2], times[CANCELS / 100 * 99]);
    eprintln!(
        "{CANCELS} cancelled: dropped after {median:?} at the median, {p99:?} at p99, {:?} at most; {before} tasks before, {} after",
        times[CANCELS - 1],
        tasks()
    );
    assert!(tasks() <= before, "{} tasks, {before} before", tasks());
    assert!(p99 < SOON, "{p99:?}");
}
