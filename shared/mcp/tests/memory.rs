//! What ten thousand conversations cost that are begun and left. Alone in its process, so that what it measures is its own.

#![allow(clippy::expect_used, clippy::print_stderr, reason = "a test fails by panicking")]

use mcp::http;
use mcp::http::settings::HttpSettings;
use mcp::server::Server;
use mcp::tools::Tools;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"a","version":"1"}}}"#;

/// The memory that this process holds, in KiB.
fn held() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

async fn begin(address: SocketAddr) {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let length = INITIALIZE.len();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {length}\r\n\r\n{INITIALIZE}"
    );
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("protocolVersion"), "{answer}");
}

#[tokio::test]
async fn ten_thousand_conversations_that_are_left_cost_no_memory() {
    let settings = HttpSettings { http: "127.0.0.1:0".parse().ok(), ..HttpSettings::default() };
    let door = http::bind(&settings).await.expect("bound");
    let address = door.address();
    let server = Server::new("mcp-test", "", Arc::new(()), Tools::new());
    tokio::spawn(http::serve(door, server, axum::Router::new(), CancellationToken::new()));
    // What is made once is made by then.
    for _ in 0..500 {
        begin(address).await;
    }
    let before = held();
    for _ in 0..10_000 {
        begin(address).await;
    }
    let cost = held().saturating_sub(before);
    eprintln!("10,000 conversations cost {cost} KiB, beside {before} KiB");
    assert!(cost <= 5 * 1024, "{cost} KiB");
}
