//! Who may come in over HTTP: a known Host, a known Origin, a token; and a body that arrives soon and is small.

use crate::http::token::{Bearer, TokenFile};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN, WWW_AUTHENTICATE};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::time::Duration;

/// No question to a tool is longer.
pub(crate) const LARGEST_BODY: usize = 256 * 1024;
/// A body of that size arrives sooner from anywhere.
const BODY: Duration = Duration::from_secs(10);

/// What is asked of a request before anything else is.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    /// The names that a caller may know us by.
    pub(crate) hosts: Vec<String>,
    tokens: Option<TokenFile>,
}

impl Guard {
    pub(crate) fn new(allowed_hosts: &[String], tokens: Option<TokenFile>) -> Self {
        let loopback = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let allowed = allowed_hosts.iter().map(|host| host.trim().to_ascii_lowercase());
        let hosts = loopback.into_iter().chain(allowed.filter(|host| !host.is_empty())).collect();
        Guard { hosts, tokens }
    }

    /// Lets the request through, or answers it: 400 and 403 for names, 401 for tokens.
    pub(crate) async fn admit(&self, mut request: Request, next: Next) -> Response {
        // A page in a browser can make its own name point here; then it says that name.
        let Some(host) = request.headers().get(HOST).and_then(authority) else {
            return (StatusCode::BAD_REQUEST, "a Host header is needed\n").into_response();
        };
        if !self.knows(host.host()) {
            return (StatusCode::FORBIDDEN, "this Host is not allowed; see --allowed-hosts\n")
                .into_response();
        }
        if let Some(origin) = request.headers().get(ORIGIN)
            && !origin_host(origin).is_some_and(|origin| self.knows(&origin))
        {
            return (StatusCode::FORBIDDEN, "this Origin is not allowed; see --allowed-hosts\n")
                .into_response();
        }
        let Some(tokens) = &self.tokens else { return next.run(request).await };
        // The token ends here: nothing further in can pass it on.
        let shown = request.headers_mut().remove(AUTHORIZATION);
        if !tokens.admits(shown.as_ref()) {
            let challenge =
                if shown.is_some() { "Bearer error=\"invalid_token\"" } else { "Bearer" };
            return (
                StatusCode::UNAUTHORIZED,
                [(WWW_AUTHENTICATE, challenge)],
                "a bearer token is needed\n",
            )
                .into_response();
        }
        request.extensions_mut().insert(Bearer);
        next.run(request).await
    }

    fn knows(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        self.hosts.contains(&host)
    }
}

fn authority(value: &HeaderValue) -> Option<Authority> {
    value.to_str().ok()?.parse().ok()
}

fn origin_host(value: &HeaderValue) -> Option<String> {
    let uri: Uri = value.to_str().ok()?.parse().ok()?;
    uri.scheme()?;
    uri.host().map(str::to_owned)
}

/// Reads the body before it is handed on: at most 256 KiB, and within ten seconds.
pub(crate) async fn whole_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let read = tokio::time::timeout(BODY, Limited::new(body, LARGEST_BODY).collect());
    match read.await {
        Ok(Ok(whole)) => next.run(Request::from_parts(parts, Body::from(whole.to_bytes()))).await,
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            (StatusCode::PAYLOAD_TOO_LARGE, "a body is at most 256 KiB\n").into_response()
        }
        Ok(Err(_)) => (StatusCode::BAD_REQUEST, "the body broke off\n").into_response(),
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "the body took too long\n").into_response(),
    }
}
