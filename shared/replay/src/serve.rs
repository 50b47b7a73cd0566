//! The APIs of a snapshot over HTTP, for programs that are not ours.

use bytes::Bytes;
use futures::StreamExt;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use readonly::transport::Transport;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Bytes of a request's body; reviews have a few hundred, queries a few thousand.
const MAX_BODY: usize = 64 << 10;
/// How long a connection may take to say what it wants.
const HEADERS: Duration = Duration::from_secs(10);
/// How long connections may take to end after `stop`.
const FAREWELL: Duration = Duration::from_secs(2);

/// Answers whoever connects to `listener` as `api` does, until `stop` is done; then finishes what was begun.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    api: Arc<dyn Transport>,
    stop: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let connections = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, _) = tokio::select! {
            accepted = listener.accept() => accepted?,
            () = &mut stop => break,
        };
        let api = Arc::clone(&api);
        let service = service_fn(move |request| answer(Arc::clone(&api), request));
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
    api: Arc<dyn Transport>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return Ok(refused(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let request = Request::from_parts(head, body.to_bytes());
    let Ok(response) = api.send(request).await else {
        return Ok(refused(StatusCode::INTERNAL_SERVER_ERROR));
    };
    let (head, mut body) = response.into_parts();
    let mut whole = Vec::new();
    while let Some(chunk) = body.next().await {
        let Ok(chunk) = chunk else { return Ok(refused(StatusCode::INTERNAL_SERVER_ERROR)) };
        whole.extend_from_slice(&chunk);
    }
    Ok(Response::from_parts(head, Full::new(Bytes::from(whole))))
}

fn refused(status: StatusCode) -> Response<Full<Bytes>> {
    let mut refused = Response::new(Full::default());
    *refused.status_mut() = status;
    refused
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
