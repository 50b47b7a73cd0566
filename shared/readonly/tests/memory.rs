//! What a compression bomb costs. It stands alone in its process, so that the peak it measures is its own.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Method, Request};
use readonly::allow::{AllowList, Read};
use readonly::body::whole;
use readonly::limits::Limits;
use readonly::network::Network;
use readonly::reader::Reader;
use readonly::refusal::Kind;
use std::io::Write;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The most memory this process has held so far, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Answers with a GiB of zeroes, compressed while it is sent.
async fn send_bomb(mut stream: TcpStream) {
    assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
    let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..16384 {
        gzip.write_all(&[0; 65536]).unwrap();
        if stream.write_all(&std::mem::take(gzip.get_mut())).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_gzip_bomb_costs_no_more_than_the_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { send_bomb(listener.accept().await.unwrap().0).await });
    let limits = Limits::default();
    let allow = AllowList::new(vec![Read::new(Method::GET, "/bomb").unwrap()]);
    let network = Network::new("test", &address, &limits).unwrap();
    let reader = Reader::new("test", Arc::new(network), allow, limits);
    let before = peak();
    let request = Request::get("/bomb").body(Bytes::new()).unwrap();
    let refusal = whole(reader.read(request).await.unwrap(), usize::MAX).await.unwrap_err();
    assert!(matches!(refusal.kind, Kind::TooLarge { limit } if limit == limits.body_bytes));
    let cost = (peak() - before) / 1024;
    eprintln!("1 GiB of bomb cost {cost} MiB");
    // `whole` keeps up to the limit of 32 MiB; half of that for what lies on the way.
    assert!(cost <= 48, "1 GiB of bomb cost {cost} MiB");
}
