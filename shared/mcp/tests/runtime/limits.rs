//! How much one caller may ask over HTTP, what is measured of it, and how a server ends that is busy.

use crate::door::{LIST, TOKEN, loopback, post, serving, status, token_file};
use crate::fixture::{LONG, Seen, arguments, call, failure, seen, server};
use axum::Router;
use futures::future::join_all;
use mcp::client::Specialist;
use mcp::failure::Code;
use mcp::http;
use mcp::http::settings::HttpSettings;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const OTHER: &str = "another-token-as-good";

struct Serving {
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    stop: CancellationToken,
    done: JoinHandle<()>,
}

async fn serving_to(seen: &Arc<Seen>, settings: &HttpSettings) -> Serving {
    let door = http::bind(settings).await.expect("bound");
    let (address, metrics) = (door.address(), door.metrics_address());
    let stop = CancellationToken::new();
    let done = tokio::spawn(http::serve(door, server(seen), Router::new(), stop.clone()));
    Serving { address, metrics, stop, done }
}

impl Serving {
    async fn specialist(&self) -> Specialist {
        let url = format!("http://{}/mcp", self.address);
        Specialist::http(&url, None).await.expect("connected")
    }
}

fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nConnection: close\r\nHost: 10.1.2.3\r\n{headers}\r\n").into()
}

fn bearer(token: &str) -> String {
    format!("Host: localhost\r\nAuthorization: Bearer {token}\r\n")
}

#[tokio::test]
async fn a_caller_that_asks_too_often_is_told_when_to_come_back_and_others_are_not_held_up() {
    let file = token_file(&format!("{TOKEN}\n{OTHER}\n"));
    let settings =
        HttpSettings { token_file: Some(file.path().to_owned()), rate_limit: 8, ..loopback() };
    let address = serving(settings).await;
    for _ in 0..2 {
        assert_eq!(status(address, &post(&bearer(TOKEN), LIST)).await.0, 200);
    }
    let (refused, answer) = status(address, &post(&bearer(TOKEN), LIST)).await;
    assert!(refused == 429 && answer.contains("retry-after: 8\r\n"), "{answer}");
    assert_eq!(status(address, &post(&bearer(OTHER), LIST)).await.0, 200);
}

#[tokio::test]
async fn without_tokens_the_address_is_the_caller() {
    let address = serving(HttpSettings { rate_limit: 4, ..loopback() }).await;
    assert_eq!(status(address, &post("Host: localhost\r\n", LIST)).await.0, 200);
    assert_eq!(status(address, &post("Host: localhost\r\n", LIST)).await.0, 429);
}

#[tokio::test]
async fn a_caller_whose_calls_all_run_hears_busy_and_others_do_not() {
    let seen = seen();
    let file = token_file(&format!("{TOKEN}\n{OTHER}\n"));
    let settings =
        HttpSettings { token_file: Some(file.path().to_owned()), calls_at_once: 2, ..loopback() };
    let serving = serving_to(&seen, &settings).await;
    let url = format!("http://{}/mcp", serving.address);
    let ada = Specialist::http(&url, Some(TOKEN)).await.expect("connected");
    let other = Specialist::http(&url, Some(OTHER)).await.expect("connected");
    let held = [call(&ada, "hold", json!({})), call(&ada, "hold", json!({}))];
    let third = async {
        seen.begun.acquire_many(2).await.expect("open").forget();
        let refused = failure(&ada, "greet", json!({"name": "Ada"})).await;
        assert!(refused.code == Code::Busy && refused.retryable, "{refused:?}");
        let reply = call(&other, "greet", json!({"name": "Grace"})).await;
        assert!(reply.failure.is_none(), "{reply:?}");
        seen.released.add_permits(2);
    };
    let (replies, ()) = tokio::join!(join_all(held), third);
    assert!(replies.iter().all(|reply| reply.failure.is_none()), "{replies:?}");
    assert!(call(&ada, "greet", json!({"name": "Ada"})).await.failure.is_none());
}

#[tokio::test]
async fn the_metrics_count_calls_refusals_and_nothing_that_a_caller_chose() {
    let seen = seen();
    let file = token_file(TOKEN);
    let settings = HttpSettings {
        token_file: Some(file.path().to_owned()),
        metrics: "127.0.0.1:0".parse().ok(),
        ..loopback()
    };
    let serving = serving_to(&seen, &settings).await;
    let open = serving.metrics.expect("bound");
    let calls = [
        r#"{"name":"greet","arguments":{"name":"Ada"}}"#,
        r#"{"name":"greet","arguments":{"name":7}}"#,
        r#"{"name":"deny","arguments":{}}"#,
        r#"{"name":"Lovelace","arguments":{}}"#,
    ];
    for params in calls {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
        let (called, answer) = status(serving.address, &post(&bearer(TOKEN), &body)).await;
        assert_eq!(called, 200, "{answer}");
    }
    assert_eq!(status(serving.address, &post("Host: localhost\r\n", LIST)).await.0, 401);
    assert_eq!(status(serving.address, &post("Host: evil.example\r\n", LIST)).await.0, 403);
    let (read, text) = status(open, &get("/metrics", "")).await;
    assert!(read == 200 && text.contains("content-type: text/plain; version=0.0.4"), "{text}");
    let server = "server=\"mcp-test\"";
    for line in [
        format!("inquest_tool_calls_total{{{server},tool=\"greet\",outcome=\"ok\"}} 1"),
        format!(
            "inquest_tool_calls_total{{{server},tool=\"greet\",outcome=\"invalid_argument\"}} 1"
        ),
        format!("inquest_tool_calls_total{{{server},tool=\"deny\",outcome=\"forbidden\"}} 1"),
        format!("inquest_tool_calls_total{{{server},tool=\"(unknown)\",outcome=\"not_found\"}} 1"),
        format!("inquest_tool_call_duration_seconds_count{{{server},tool=\"greet\"}} 2"),
        format!("inquest_tool_calls_in_flight{{{server}}} 0"),
        format!("inquest_http_refusals_total{{{server},reason=\"no_token\"}} 1"),
        format!("inquest_http_refusals_total{{{server},reason=\"host\"}} 1"),
    ] {
        assert!(text.lines().any(|written| written == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("Lovelace") && !text.contains("Ada"), "{text}");
    assert_eq!(status(open, &post(&bearer(TOKEN), LIST)).await.0, 404, "only metrics are there");
}

#[tokio::test]
async fn the_metrics_beside_the_tools_are_guarded() {
    let file = token_file(TOKEN);
    let settings = HttpSettings { token_file: Some(file.path().to_owned()), ..loopback() };
    let address = serving(settings).await;
    let ask = |headers: &str| {
        format!("GET /metrics HTTP/1.1\r\nConnection: close\r\n{headers}\r\n").into_bytes()
    };
    assert_eq!(status(address, &ask("Host: localhost\r\n")).await.0, 401);
    let (read, text) = status(address, &ask(&bearer(TOKEN))).await;
    assert!(read == 200 && text.contains("\ninquest_build_info{"), "{text}");
}

#[tokio::test]
async fn a_call_whose_caller_left_is_counted_and_runs_no_more() {
    let seen = seen();
    let settings = HttpSettings { metrics: "127.0.0.1:0".parse().ok(), ..loopback() };
    let serving = serving_to(&seen, &settings).await;
    let specialist = serving.specialist().await;
    let never = CancellationToken::new();
    tokio::select! {
        asked = specialist.call("wait", arguments(json!({})), false, LONG, &never) => panic!("{asked:?}"),
        begun = seen.begun.acquire() => begun.expect("open").forget(),
    }
    tokio::time::timeout(LONG, seen.dropped.acquire())
        .await
        .expect("in time")
        .expect("open")
        .forget();
    let counted = async {
        loop {
            let text = status(serving.metrics.expect("bound"), &get("/metrics", "")).await.1;
            if text.contains("tool=\"wait\",outcome=\"cancelled\"} 1\n") {
                break text;
            }
        }
    };
    let text = tokio::time::timeout(LONG, counted).await.expect("it is counted");
    assert!(text.contains("inquest_tool_calls_in_flight{server=\"mcp-test\"} 0\n"), "{text}");
}

#[tokio::test]
async fn a_call_that_runs_keeps_its_connection_whoever_else_comes() {
    let seen = seen();
    let serving = serving_to(&seen, &loopback()).await;
    let specialist = serving.specialist().await;
    let crowd = async {
        seen.begun.acquire().await.expect("open").forget();
        let mut quiet = Vec::new();
        for _ in 0..300 {
            quiet.push(TcpStream::connect(serving.address).await.expect("connected"));
        }
        let good = post("Host: localhost\r\n", LIST);
        assert_eq!(status(serving.address, &good).await.0, 200);
        seen.released.add_permits(1);
    };
    let (reply, ()) = tokio::join!(call(&specialist, "hold", json!({})), crowd);
    assert!(reply.failure.is_none(), "{reply:?}");
}

/// How the metrics say that 32 calls run and 64 wait.
const ALL_INSIDE: &str = "inquest_tool_calls_in_flight{server=\"mcp-test\"} 96\n";

/// Of a hundred calls 32 run, 64 wait for their turn, and 4 hear at once that there is no room.
#[tokio::test]
async fn a_stopped_server_answers_a_hundred_calls_and_takes_nobody_in() {
    let seen = seen();
    let settings = HttpSettings { metrics: "127.0.0.1:0".parse().ok(), ..loopback() };
    let serving = serving_to(&seen, &settings).await;
    let open = serving.metrics.expect("bound");
    // One client has at most 64 calls on their way.
    let (one, other) = (serving.specialist().await, serving.specialist().await);
    let calls = (0..100).map(|at| call([&one, &other][at % 2], "hold", json!({})));
    let stopping = async {
        let inside =
            async { while !status(open, &get("/metrics", "")).await.1.contains(ALL_INSIDE) {} };
        tokio::time::timeout(LONG, inside).await.expect("all are inside");
        serving.stop.cancel();
        let closed = async { while TcpStream::connect(serving.address).await.is_ok() {} };
        tokio::time::timeout(LONG, closed).await.expect("nobody is taken in");
        assert!(!serving.done.is_finished(), "calls still run");
        seen.released.add_permits(100);
        Instant::now()
    };
    let (replies, released) = tokio::join!(join_all(calls), stopping);
    let answered = replies.iter().filter(|it| it.text.starts_with("released: true\n")).count();
    let busy = replies.iter().filter_map(|reply| reply.failure.as_ref());
    let busy = busy.filter(|failure| failure.code == Code::Busy).count();
    assert_eq!((answered, busy), (96, 4), "{replies:?}");
    drop((one, other));
    tokio::time::timeout(LONG, serving.done).await.expect("it ends").expect("it ended");
    eprintln!(
        "{answered} answered, {busy} busy; it ended {:?} after the last could",
        released.elapsed()
    );
}
