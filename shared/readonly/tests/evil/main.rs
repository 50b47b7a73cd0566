//! An evil upstream over real sockets: whatever it does, a read ends, soon, and says what happened.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod listener;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Method, Request};
use listener::{Listener, listen, read_head};
use readonly::allow::{AllowList, Read};
use readonly::body::whole;
use readonly::limits::Limits;
use readonly::network::Network;
use readonly::reader::Reader;
use readonly::refusal::{Kind, Refusal};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use url::Url;

/// Short, so that the tests are; no other than the defaults in kind.
const LIMITS: Limits = Limits {
    connect: Duration::from_millis(300),
    headers: Duration::from_millis(300),
    stall: Duration::from_millis(300),
    total: Duration::from_millis(900),
    body_bytes: 1 << 20,
    in_flight: 4,
    retries: 0,
};

/// More than any of the limits allows, less than a hang.
const SOON: Duration = Duration::from_secs(5);

fn reader(address: &Url, limits: Limits) -> Reader {
    let allow = AllowList::new(vec![Read::new(Method::GET, "/{rest*}").unwrap()]);
    let network = Network::new("test", address, &limits).unwrap();
    Reader::new("test", Arc::new(network), allow, limits).with_jitter(|| 0.0)
}

fn request() -> Request<Bytes> {
    Request::get("/ask").body(Bytes::new()).unwrap()
}

async fn ask_within(upstream: &Url, limits: Limits) -> Result<Vec<u8>, Refusal> {
    let reader = reader(upstream, limits);
    let answer = async { whole(reader.read(request()).await?, usize::MAX).await };
    let began = Instant::now();
    let ended = timeout(SOON, answer).await.expect("a read ends");
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    eprintln!("{name}: ended after {:?}; deadline {:?}", began.elapsed(), limits.total);
    ended
}

async fn ask(upstream: &Listener) -> Result<Vec<u8>, Refusal> {
    ask_within(&upstream.address, LIMITS).await
}

/// Waits until the other side has closed or reset the connection.
async fn closed(stream: &mut TcpStream) {
    while matches!(stream.read(&mut [0; 64]).await, Ok(1..)) {}
}

#[tokio::test]
async fn an_honest_answer_arrives() {
    let upstream = listen(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await.unwrap();
    })
    .await;
    assert_eq!(ask(&upstream).await.unwrap(), b"hi");
}

/// The head of the request that is sent for `target` to an address with `path`, in small letters.
async fn head(path: &str, target: &str) -> String {
    let (heads, mut head) = mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        heads.send(String::from_utf8(read_head(&mut stream).await).unwrap()).unwrap();
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    });
    let base: Url = format!("http://{address}{path}").parse().unwrap();
    let query = Request::get(target).body(Bytes::new()).unwrap();
    reader(&base, LIMITS).read(query).await.map(|_| ()).unwrap();
    head.recv().await.unwrap().to_lowercase()
}

#[tokio::test]
async fn the_path_of_the_address_stands_before_the_request() {
    let head = head("/clusters/one/", "/ask?a=1%2F2").await;
    assert!(head.starts_with("get /clusters/one/ask?a=1%2f2 http/1.1\r\n"), "{head}");
    assert!(!head.contains("referer") && !head.contains("content-length"), "{head}");
}

#[tokio::test]
async fn over_a_plain_connection_nobody_is_asked_to_pack() {
    let head = head("/", "/ask").await;
    assert!(head.contains("accept-encoding: identity\r\n"), "{head}");
    assert!(!head.contains("gzip"), "{head}");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://user:hunter2@{}", listener.local_addr().unwrap());
    drop(listener);
    let refusal = ask_within(&address.parse().unwrap(), LIMITS).await.unwrap_err();
    let Kind::Unreachable { address, .. } = &refusal.kind else { panic!("{refusal:?}") };
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    assert!(!format!("{refusal:?}").contains("hunter2"));
}

#[tokio::test]
async fn half_open_the_connection_stands_and_nothing_comes() {
    let upstream = listen(|mut stream| async move { closed(&mut stream).await }).await;
    let kind = ask(&upstream).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::TimedOut { phase: "headers", .. }), "{kind:?}");
}

#[tokio::test]
async fn headers_that_never_end() {
    let upstream = listen(|mut stream| async move {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"a: b\r\n").await.is_ok() {
            ticks.tick().await;
        }
    })
    .await;
    let kind = ask(&upstream).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::TimedOut { phase: "headers", .. }), "{kind:?}");
}

#[tokio::test]
async fn a_head_of_a_mebibyte() {
    let upstream = listen(|mut stream| async move {
        let head = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "b".repeat(1 << 20));
        let _ = stream.write_all(head.as_bytes()).await;
        closed(&mut stream).await;
    })
    .await;
    let kind = ask(&upstream).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::Unreachable { .. } | Kind::Malformed(_)), "{kind:?}");
}

#[tokio::test]
async fn a_drip_is_cut_at_the_deadline() {
    let upstream = listen(|mut stream| async move {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n").await;
        while stream.write_all(b"a").await.is_ok() {
            ticks.tick().await;
        }
    })
    .await;
    let began = Instant::now();
    let kind = ask(&upstream).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::TimedOut { phase: "total", .. }), "{kind:?}");
    assert!(began.elapsed() >= LIMITS.total && began.elapsed() < 2 * LIMITS.total);
}

#[tokio::test]
async fn a_body_that_stalls() {
    let upstream = listen(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await;
        closed(&mut stream).await;
    })
    .await;
    let kind = ask(&upstream).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::TimedOut { phase: "body", .. }), "{kind:?}");
}

#[tokio::test]
async fn a_connection_reset_within_the_body() {
    let upstream = listen(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    let kind = ask(&upstream).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::Unreachable { .. }), "{kind:?}");
}

#[tokio::test]
async fn a_connection_closed_within_a_compressed_body_is_not_called_corrupt() {
    let upstream = listen(|mut stream| async move {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(b"hello, hello, hello, hello").unwrap();
        let body = gzip.finish().unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(&body[..body.len() / 2]).await;
    })
    .await;
    let kind = ask(&upstream).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::Unreachable { .. }), "{kind:?}");
}

#[tokio::test]
async fn a_body_that_is_not_the_gzip_it_says_it_is() {
    let upstream = listen(|mut stream| async move {
        let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n";
        let _ = stream.write_all(head).await;
        let _ = stream.write_all(b"not gzip, by no means").await;
    })
    .await;
    let kind = ask(&upstream).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::Malformed(_)), "{kind:?}");
}

#[tokio::test]
async fn an_answer_that_is_not_http() {
    let upstream = listen(|mut stream| async move {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n\r\n").await;
        closed(&mut stream).await;
    })
    .await;
    let kind = ask(&upstream).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::Unreachable { .. } | Kind::Malformed(_)), "{kind:?}");
}

#[tokio::test]
async fn a_body_of_a_gibibyte_is_cut_at_the_limit() {
    let written = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&written);
    let upstream = listen(move |mut stream| {
        let counted = Arc::clone(&counted);
        async move {
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n").await;
            while stream.write_all(&[b'a'; 65536]).await.is_ok() {
                counted.fetch_add(65536, Ordering::SeqCst);
            }
        }
    })
    .await;
    let kind = ask(&upstream).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::TooLarge { limit } if limit == 1 << 20), "{kind:?}");
    let written = written.load(Ordering::SeqCst);
    eprintln!("{written} bytes of the gibibyte left the upstream");
    assert!(written < 64 << 20, "{written} bytes left the upstream");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = listen(|_| async {}).await;
    let location = target.address.to_string();
    let upstream = listen(move |mut stream| {
        let head =
            format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        async move { stream.write_all(head.as_bytes()).await.unwrap() }
    })
    .await;
    let refusal = ask(&upstream).await.unwrap_err();
    assert!(matches!(refusal.kind, Kind::Status { status: 302, .. }));
    assert!(refusal.to_string().contains("redirects are not followed"), "{refusal}");
    assert_eq!(target.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_storm_over_sockets_is_not_fed() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let upstream = listen(move |mut stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        let answer = b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        async move { drop(stream.write_all(answer).await) }
    })
    .await;
    let reader = reader(&upstream.address, Limits { retries: 2, ..LIMITS });
    for _ in 0..200 {
        let refusal = reader.read(request()).await.map(|_| ()).unwrap_err();
        assert!(matches!(refusal.kind, Kind::Status { status: 503, .. }), "{refusal:?}");
    }
    let asked = asked.load(Ordering::SeqCst);
    eprintln!("{asked} requests for 200 calls");
    assert!((201..=240).contains(&asked), "{asked} requests for 200 calls");
}

#[tokio::test]
async fn letting_go_of_a_read_closes_the_socket() {
    let (ended, mut end) = mpsc::unbounded_channel();
    let (begun, mut begin) = mpsc::unbounded_channel();
    let upstream = listen(move |mut stream| {
        let (begun, ended) = (begun.clone(), ended.clone());
        async move {
            begun.send(()).unwrap();
            closed(&mut stream).await;
            ended.send(()).unwrap();
        }
    })
    .await;
    let long = Limits { headers: SOON * 9, total: SOON * 9, ..LIMITS };
    let reader = reader(&upstream.address, long);
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let reader = reader.clone();
        let read = tokio::spawn(async move { reader.read(request()).await.map(|_| ()) });
        begin.recv().await.unwrap();
        let left = Instant::now();
        read.abort();
        timeout(SOON, end.recv()).await.expect("the socket is closed").unwrap();
        slowest = slowest.max(left.elapsed());
    }
    eprintln!("the upstream saw each of 100 closed within {slowest:?}");
}

#[tokio::test]
async fn letting_go_of_a_body_closes_the_socket() {
    let (ended, mut end) = mpsc::unbounded_channel();
    let upstream = listen(move |mut stream| {
        let ended = ended.clone();
        async move {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await;
            closed(&mut stream).await;
            ended.send(()).unwrap();
        }
    })
    .await;
    let reader = reader(&upstream.address, LIMITS);
    drop(reader.read(request()).await.unwrap());
    timeout(SOON, end.recv()).await.expect("the socket is closed").unwrap();
}
