//! An upstream on loopback that answers with bytes, not with HTTP, so that it can be as wrong as one likes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// A listening upstream; it ends with the test's runtime.
pub(crate) struct Listener {
    /// Where it listens.
    pub(crate) address: Url,
    /// Connections accepted so far.
    pub(crate) connections: Arc<AtomicUsize>,
}

/// Listens, and gives each connection to `serve` once a request's head has been read from it.
pub(crate) async fn listen<F>(serve: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> Listener
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            read_head(&mut stream).await;
            tokio::spawn(serve(stream));
        }
    });
    Listener { address, connections }
}

/// Reads a request up to the empty line after its headers.
pub(crate) async fn read_head(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    head
}
