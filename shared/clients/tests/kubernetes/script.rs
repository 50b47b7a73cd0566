//! An API server that answers from a script and remembers what it was asked.

use bytes::Bytes;
use clients::kubernetes::connection::{Cluster, Kubernetes};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use http::{Request, Response};
use jiff::Timestamp;
use readonly::refusal::Refusal;
use readonly::transport::{Body, Transport};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// When everything in these tests happens.
pub(crate) const NOW: &str = "2026-11-21T12:00:00Z";

/// The script: answers by path and query. Of several for one path each is given once, the last for ever.
#[derive(Default)]
pub(crate) struct Script {
    answers: Mutex<BTreeMap<String, VecDeque<(u16, String)>>>,
    asked: Mutex<Vec<Request<Bytes>>>,
}

impl Script {
    pub(crate) fn new(answers: &[(&str, u16, &str)]) -> Arc<Self> {
        let script = Script::default();
        for (path, status, body) in answers {
            let mut all = script.answers.lock().unwrap();
            all.entry((*path).to_owned()).or_default().push_back((*status, (*body).to_owned()));
        }
        Arc::new(script)
    }

    /// A client of this server.
    pub(crate) fn client(self: &Arc<Self>) -> Kubernetes {
        let cluster = Cluster {
            name: "test".to_owned(),
            namespace: "default".to_owned(),
            address: "https://test.invalid".to_owned(),
        };
        let now: Timestamp = NOW.parse().unwrap();
        Kubernetes::over(Arc::clone(self) as Arc<dyn Transport>, cluster, Arc::new(move || now))
    }

    /// What was asked, in order, as `GET /api/v1/pods`.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|request| format!("{} {}", request.method(), request.uri())).collect()
    }

    /// What was asked last.
    pub(crate) fn last(&self) -> Request<Bytes> {
        self.asked.lock().unwrap().last().unwrap().clone()
    }
}

impl Transport for Script {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        let path = request.uri().to_string();
        self.asked.lock().unwrap().push(request);
        let mut answers = self.answers.lock().unwrap();
        let (status, body) = match answers.get_mut(&path) {
            Some(queue) if queue.len() > 1 => queue.pop_front().unwrap(),
            Some(queue) => queue.front().unwrap().clone(),
            None => (404, format!("the script has nothing for {path}")),
        };
        // In small pieces, as a network may deliver it.
        let pieces: Vec<_> = body.as_bytes().chunks(7).map(Bytes::copy_from_slice).collect();
        let response = Response::builder()
            .status(status)
            .header("date", "Sat, 21 Nov 2026 12:00:03 GMT")
            .body(stream::iter(pieces).map(Ok).boxed())
            .unwrap();
        async move { Ok(response) }.boxed()
    }
}
