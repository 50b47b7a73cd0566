//! Reads in full what was read in a shorter form.

use crate::capture::Heard;
use bytes::Bytes;
use futures::StreamExt;
use http::header::ACCEPT;
use http::{HeaderValue, Method, Request, Uri};
use readonly::transport::Transport;
use std::time::Duration;

/// For one answer; lists come in pages.
const DEADLINE: Duration = Duration::from_secs(30);
/// Bytes of one answer; a page of 500 large pods is about 10 MB.
const MAX_ANSWER: usize = 64 << 20;

/// Sends the request of `heard` again, for `path_and_query` and in full. The error is one line.
pub(super) async fn read(
    heard: &Heard,
    path_and_query: &str,
    transport: &dyn Transport,
) -> Result<Bytes, String> {
    let refuse = |why: String| format!("{path_and_query}: {why}");
    let mut parts = heard.uri.clone().into_parts();
    parts.path_and_query =
        Some(path_and_query.parse().map_err(|error| refuse(format!("{error}")))?);
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = Uri::from_parts(parts).map_err(|error| refuse(error.to_string()))?;
    *request.headers_mut() = heard.headers.clone();
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    let answer = tokio::time::timeout(DEADLINE, whole(request, transport)).await;
    answer
        .unwrap_or_else(|_| Err(format!("no answer within {} s", DEADLINE.as_secs())))
        .map_err(refuse)
}

async fn whole(request: Request<Bytes>, transport: &dyn Transport) -> Result<Bytes, String> {
    let response = transport.send(request).await.map_err(|refusal| refusal.to_string())?;
    let status = response.status();
    let mut body = response.into_body();
    let mut whole = Vec::new();
    while let Some(chunk) = body.next().await {
        whole.extend_from_slice(&chunk.map_err(|refusal| refusal.to_string())?);
        if whole.len() > MAX_ANSWER {
            return Err(format!("answered more than {MAX_ANSWER} bytes"));
        }
    }
    if !status.is_success() {
        return Err(format!("answered {status}"));
    }
    Ok(Bytes::from(whole))
}
