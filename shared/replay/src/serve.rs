//! A snapshot's Kubernetes API over HTTP, for programs that are not ours.

use crate::kubernetes::Kubernetes;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Bytes of a request's body; the reviews that are answered have a few hundred.
const MAX_BODY: usize = 64 << 10;
/// How long a connection may take to say what it wants.
const HEADERS: Duration = Duration::from_secs(10);
/// How long connections may take to end after `stop`.
const FAREWELL: Duration = Duration::from_secs(2);

/// Answers whoever connects to `listener`, until `stop` is done; then finishes what was begun.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    kubernetes: Arc<Kubernetes>,
    stop: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let connections = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, _) = tokio::select! {
            accepted = listener.accept() => accepted?,
            () = &mut stop => break,
        };
        let kubernetes = Arc::clone(&kubernetes);
        let service = service_fn(move |request| answer(Arc::clone(&kubernetes), request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        // A connection that breaks is the client's business.
        tokio::spawn(async move { drop(connection.await) });
    }
    // Whoever has not finished by then is cut off.
    drop(tokio::time::timeout(FAREWELL, connections.shutdown()).await);
    Ok(())
}

async fn answer(
    kubernetes: Arc<Kubernetes>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        let mut refused = Response::new(Full::default());
        *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(refused);
    };
    let request = Request::from_parts(head, body.to_bytes());
    Ok(kubernetes.answer(&request).map(Full::new))
}

/// A kubeconfig that points at `address`. It has no credentials: nobody is asked for any.
pub fn kubeconfig(address: SocketAddr, cluster: &str) -> String {
    // JSON text is YAML text, whatever the name holds.
    let cluster = serde_json::Value::from(if cluster.is_empty() { "snapshot" } else { cluster });
    format!(
        "apiVersion: v1\nkind: Config\n\
        clusters:\n- name: {cluster}\n  cluster: {{server: \"http://{address}\"}}\n\
        users:\n- name: replay\n  user: {{}}\n\
        contexts:\n- name: {cluster}\n  context: {{cluster: {cluster}, user: replay}}\n\
        current-context: {cluster}\n"
    )
}
