//! A system that is only recorded exchanges: it answers what it was asked before, and says so of everything else.

use crate::prometheus;
use crate::response;
use crate::snapshot::Snapshot;
use crate::snapshot::exchanges::Exchange;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use http::header::HeaderName;
use http::{HeaderValue, Request, Response, StatusCode};
use readonly::refusal::Refusal;
use readonly::transport::{Body, Transport};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::Arc;
use url::form_urlencoded;

/// A system that is only what it once answered.
#[derive(Clone)]
pub struct Recorded {
    snapshot: Arc<Snapshot>,
    system: &'static str,
}

impl Recorded {
    /// Serves what the snapshot has in `http/SYSTEM.jsonl`.
    pub fn of(snapshot: Arc<Snapshot>, system: &'static str) -> Recorded {
        Recorded { snapshot, system }
    }

    /// Why there is nothing to serve; none if there is.
    pub fn unavailable(snapshot: &Snapshot, system: &str) -> Option<String> {
        let recorded = snapshot.exchanges.contains_key(system);
        let missing = format!("the snapshot has no http/{system}.jsonl");
        prometheus::unavailable(snapshot, system, recorded, &missing)
    }

    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        if let Some(why) = Recorded::unavailable(&self.snapshot, self.system) {
            return self.refusal(&why);
        }
        let exchanges = self.snapshot.exchanges.get(self.system);
        let found = exchanges.into_iter().flatten().find(|it| is_of(it, request));
        let Some(exchange) = found else {
            let (method, uri) = (request.method(), request.uri());
            return self.refusal(&format!("the snapshot has no answer to {method} {uri}"));
        };
        let (kind, body) = match &exchange.body {
            Value::Null => ("", Vec::new()),
            Value::String(text) => ("text/plain; charset=utf-8", text.clone().into_bytes()),
            json => ("application/json", json.to_string().into_bytes()),
        };
        let status = StatusCode::from_u16(exchange.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let mut response = response::of(status, kind, body, self.snapshot.about.captured_at);
        for (name, value) in &exchange.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// What may not be read: an answer that was not recorded is never an empty one.
    fn refusal(&self, why: &str) -> Response<Bytes> {
        let body = json!({"message": why}).to_string().into_bytes();
        let now = self.snapshot.about.captured_at;
        response::of(StatusCode::FORBIDDEN, "application/json", body, now)
    }
}

/// Whether an exchange is the answer to this request.
fn is_of(exchange: &Exchange, request: &Request<Bytes>) -> bool {
    let uri = request.uri();
    exchange.method == request.method().as_str()
        && exchange.path == uri.path()
        && pairs(&exchange.query) == pairs(uri.query().unwrap_or_default())
        && exchange.body_digest == digest(request.body())
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.sort();
    pairs
}

fn digest(body: &[u8]) -> String {
    if body.is_empty() {
        return String::new();
    }
    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(body) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

impl Transport for Recorded {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        let response = self.answer(&request).map(|body| stream::iter([Ok(body)]).boxed());
        std::future::ready(Ok(response)).boxed()
    }
}
