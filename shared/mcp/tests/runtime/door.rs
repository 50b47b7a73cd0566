//! Who comes in over HTTP and who does not, seen byte by byte.

use crate::fixture::{LONG, seen, server};
use axum::routing::get;
use futures::FutureExt;
use mcp::http::settings::HttpSettings;
use mcp::http::{self, HttpError};
use std::io::Write;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(crate) const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
pub(crate) const TOKEN: &str = "a-token-of-good-length";

pub(crate) fn loopback() -> HttpSettings {
    HttpSettings { http: "127.0.0.1:0".parse().ok(), ..HttpSettings::default() }
}

pub(crate) async fn serving(settings: HttpSettings) -> SocketAddr {
    let door = http::bind(&settings).await.expect("bound");
    let address = door.address();
    let extra = axum::Router::new().route("/extra", get(async || "extra"));
    let server = server(&seen())
        .with_readiness(|| async { Err("http://10.0.0.1 is down".to_owned()) }.boxed());
    tokio::spawn(http::serve(door, server, extra, CancellationToken::new()));
    address
}

/// The status that the bytes are answered with; 0 where the connection is closed without a word.
pub(crate) async fn status(address: SocketAddr, bytes: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(bytes).await.expect("written");
    let mut answer = Vec::new();
    // A server that refuses a body may reset the connection after its answer.
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut answer)).await.expect("closed");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_default(), answer)
}

pub(crate) fn post(headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST /mcp HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

pub(crate) fn token_file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

#[tokio::test]
async fn only_known_hosts_and_origins_come_in() {
    let mut settings = loopback();
    settings.allowed_hosts = vec!["mcp-k8s.inquest.svc".to_owned()];
    let address = serving(settings).await;
    for (headers, expected) in [
        ("Host: localhost\r\n", 200),
        ("Host: 127.0.0.1:8080\r\n", 200),
        ("Host: [::1]:8080\r\n", 200),
        ("Host: MCP-k8s.inquest.svc:8080\r\n", 200),
        ("Host: evil.example\r\n", 403),
        ("Host: localhost.evil.example\r\n", 403),
        ("", 400),
        ("Host: localhost\r\nOrigin: http://localhost:3000\r\n", 200),
        ("Host: localhost\r\nOrigin: https://mcp-k8s.inquest.svc\r\n", 200),
        ("Host: localhost\r\nOrigin: http://evil.example\r\n", 403),
        ("Host: localhost\r\nOrigin: null\r\n", 403),
        ("Host: localhost\r\nOrigin: http://localhost@evil.example\r\n", 403),
    ] {
        let (status, answer) = status(address, &post(headers, LIST)).await;
        assert_eq!(status, expected, "{headers:?}: {answer}");
    }
}

#[tokio::test]
async fn only_who_shows_a_token_comes_in_and_a_new_one_counts_at_once() {
    let file = token_file(&format!("{TOKEN}\nanother-token-as-good\n"));
    let mut settings = loopback();
    settings.token_file = Some(file.path().to_owned());
    let address = serving(settings).await;
    let with = |authorization: &str| post(&format!("Host: localhost\r\n{authorization}"), LIST);
    for (authorization, expected) in [
        ("".to_owned(), 401),
        (format!("Authorization: Bearer {TOKEN}\r\n"), 200),
        ("Authorization: bearer another-token-as-good\r\n".to_owned(), 200),
        (format!("Authorization: Bearer {TOKEN}x\r\n"), 401),
        (format!("Authorization: Basic {TOKEN}\r\n"), 401),
        ("Authorization: Bearer \r\n".to_owned(), 401),
    ] {
        let (status, answer) = status(address, &with(&authorization)).await;
        assert_eq!(status, expected, "{authorization:?}: {answer}");
        assert_eq!(answer.contains("www-authenticate: Bearer"), expected == 401, "{answer}");
    }
    std::fs::write(file.path(), "the-token-after-that\n").expect("rotated");
    let old = format!("Authorization: Bearer {TOKEN}\r\n");
    assert_eq!(status(address, &with(&old)).await.0, 401);
    let new = with("Authorization: Bearer the-token-after-that\r\n");
    assert_eq!(status(address, &new).await.0, 200);
    drop(file);
    assert_eq!(status(address, &new).await.0, 401, "a file that is gone lets nobody in");
}

#[tokio::test]
async fn health_is_open_says_nothing_and_everything_else_is_guarded() {
    let file = token_file(TOKEN);
    let mut settings = loopback();
    settings.token_file = Some(file.path().to_owned());
    let address = serving(settings).await;
    let get = |path: &str, header: &str| {
        format!("GET {path} HTTP/1.1\r\nConnection: close\r\nHost: 10.1.2.3\r\n{header}\r\n")
            .into_bytes()
    };
    assert_eq!(status(address, &get("/healthz", "")).await.0, 200);
    let (ready, answer) = status(address, &get("/readyz", "")).await;
    assert!(ready == 503 && !answer.contains("10.0.0.1"), "{answer}");
    assert_eq!(status(address, &get("/extra", "")).await.0, 403);
    let local = |path: &str| {
        String::from_utf8(get(path, "")).expect("text").replace("10.1.2.3", "localhost")
    };
    assert_eq!(status(address, local("/extra").as_bytes()).await.0, 401);
    assert_eq!(status(address, local("/nothing").as_bytes()).await.0, 401);
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let address = serving(loopback()).await;
    let large = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{}"}}"#, "a".repeat(300 * 1024));
    let (status, answer) = status(address, &post("Host: localhost\r\n", &large)).await;
    assert_eq!(status, 413, "{answer}");
}

#[tokio::test]
async fn sessions_are_neither_given_nor_needed() {
    let address = serving(loopback()).await;
    let (called, answer) = status(address, &post("Host: localhost\r\n", LIST)).await;
    assert!(called == 200 && !answer.to_lowercase().contains("mcp-session-id"), "{answer}");
    let listen = b"GET /mcp HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
    assert_eq!(status(address, listen).await.0, 405);
}

// The clock stands still and jumps to the next timer whenever nobody has anything to do.
#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_come_is_waited_for_five_seconds() {
    let address = serving(loopback()).await;
    let started = Instant::now();
    let (status, answer) = status(address, b"POST /mcp HTTP/1.1\r\nHost: localhost\r\n").await;
    assert!(matches!(status, 0 | 408), "{answer}");
    assert_eq!(started.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_waited_for_ten_seconds() {
    let address = serving(loopback()).await;
    let started = Instant::now();
    let mut half = post("Host: localhost\r\n", LIST);
    half.truncate(half.len() - 10);
    let (status, answer) = status(address, &half).await;
    assert_eq!((status, started.elapsed().as_secs()), (408, 10), "{answer}");
}

/// Under the clock of the wall, as the clock that jumps ends connections while others are still made.
#[tokio::test]
async fn a_thousand_slow_connections_keep_nobody_out_and_are_closed_within_fifteen_seconds() {
    let address = serving(loopback()).await;
    let started = Instant::now();
    let mut slow = Vec::new();
    for _ in 0..1000 {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(b"POST /mcp HT").await.expect("written");
        slow.push(stream);
    }
    let good = async {
        let good = post("Host: localhost\r\n", LIST);
        assert_eq!(status(address, &good).await.0, 200);
        let first = started.elapsed();
        assert_eq!(status(address, &good).await.0, 200);
        (first, started.elapsed() - first)
    };
    let closed = async {
        for stream in &mut slow {
            while matches!(stream.read(&mut [0; 64]).await, Ok(1..)) {}
        }
        started.elapsed()
    };
    let ((first, second), closed) = tokio::join!(good, closed);
    eprintln!(
        "a good request waited {first:?}, the next {second:?}; all slow ones were closed after {closed:?}"
    );
    assert!(first.as_secs() < 1 && second.as_secs() < 1, "{first:?} {second:?}");
    assert!(closed.as_secs() < 15, "{closed:?}");
}

#[tokio::test]
async fn an_address_that_others_reach_is_not_opened_to_strangers() {
    let mut settings = HttpSettings { http: "0.0.0.0:0".parse().ok(), ..HttpSettings::default() };
    let refused = http::bind(&settings).await.expect_err("no authentication");
    assert_eq!(
        refused.to_string(),
        "--http 0.0.0.0:0: an address that others can reach needs --token-file FILE, --oidc-issuer URL or --insecure-no-auth"
    );
    settings.insecure_no_auth = true;
    http::bind(&settings).await.expect("told to");
    settings.insecure_no_auth = false;
    let file = token_file(TOKEN);
    settings.token_file = Some(file.path().to_owned());
    http::bind(&settings).await.expect("guarded");
}

#[tokio::test]
async fn a_token_that_can_be_guessed_is_refused() {
    for text in ["", "\n \n", "short", &format!("{TOKEN}\nshort")] {
        let file = token_file(text);
        let mut settings = loopback();
        settings.token_file = Some(file.path().to_owned());
        let refused = http::bind(&settings).await.expect_err("weak");
        assert!(matches!(refused, HttpError::WeakToken { .. }), "{text:?}: {refused}");
    }
    let mut settings = loopback();
    settings.token_file = Some("/nonexistent/token".into());
    let refused = http::bind(&settings).await.expect_err("absent");
    assert_eq!(refused.to_string(), "--token-file /nonexistent/token: could not be read");
}
