//! A server that answers from a script and remembers what it was asked.

use bytes::Bytes;
use clients::prometheus::connection::Prometheus;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use http::{Request, Response};
use jiff::Timestamp;
use readonly::refusal::Refusal;
use readonly::transport::{Body, Transport};
use std::sync::{Arc, Mutex};

/// When everything in these tests happens.
pub(crate) const NOW: &str = "2026-11-21T12:00:00Z";

/// Answers every request with the same body.
pub(crate) struct Script {
    status: u16,
    body: String,
    asked: Mutex<Vec<String>>,
}

impl Script {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Arc<Self> {
        Arc::new(Script { status, body: body.into(), asked: Mutex::default() })
    }

    /// A client of this server, confined by `enforced` where that is not empty.
    pub(crate) fn client(self: &Arc<Self>, enforced: &str) -> Prometheus {
        let enforced = (!enforced.is_empty()).then(|| enforced.parse().unwrap());
        let now: Timestamp = NOW.parse().unwrap();
        Prometheus::over(Arc::clone(self) as Arc<dyn Transport>, enforced, Arc::new(move || now))
    }

    /// What was asked, in order: method, path and query, and the form.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Transport for Script {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        let form = String::from_utf8_lossy(request.body()).into_owned();
        let form = percent_encoding::percent_decode_str(&form).decode_utf8_lossy().into_owned();
        let uri = request.uri().to_string();
        let uri = percent_encoding::percent_decode_str(&uri).decode_utf8_lossy().into_owned();
        let line = format!("{} {uri} {form}", request.method());
        self.asked.lock().unwrap().push(line.trim_end().to_owned());
        // In small pieces, as a network may deliver it.
        let pieces: Vec<_> = self.body.as_bytes().chunks(11).map(Bytes::copy_from_slice).collect();
        let response = Response::builder()
            .status(self.status)
            .header("date", "Sat, 21 Nov 2026 12:00:03 GMT")
            .body(stream::iter(pieces).map(Ok).boxed())
            .unwrap();
        async move { Ok(response) }.boxed()
    }
}
