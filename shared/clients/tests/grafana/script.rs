//! A server that answers each path from a script and remembers what it was asked.

use bytes::Bytes;
use clients::grafana::connection::Grafana;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use http::{Request, Response};
use jiff::Timestamp;
use readonly::refusal::Refusal;
use readonly::transport::{Body, Transport};
use std::sync::{Arc, Mutex};

/// When everything in these tests happens.
pub(crate) const NOW: &str = "2026-11-21T12:00:00Z";

/// A path, and the status and body that it is answered with. What is not in the list is not found.
pub(crate) type Answers = &'static [(&'static str, u16, &'static str)];

/// Answers from a list.
pub(crate) struct Script {
    answers: Answers,
    asked: Mutex<Vec<String>>,
}

impl Script {
    pub(crate) fn new(answers: Answers) -> Arc<Self> {
        Arc::new(Script { answers, asked: Mutex::default() })
    }

    pub(crate) fn client(self: &Arc<Self>) -> Grafana {
        let now: Timestamp = NOW.parse().unwrap();
        Grafana::over(Arc::clone(self) as Arc<dyn Transport>, Arc::new(move || now))
    }

    /// What was asked, in order: method, path and query.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Transport for Script {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        self.asked.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
        let path = request.uri().path();
        let answer = self.answers.iter().find(|it| it.0 == path);
        let (status, body) = answer.map_or((404, "{}"), |it| (it.1, it.2));
        let body = stream::iter([Ok(Bytes::from_static(body.as_bytes()))]).boxed();
        let response = Response::builder().status(status).body(body).unwrap();
        async move { Ok(response) }.boxed()
    }
}
