//! An API server with a list or two, whose watches say what a test lets them say.

use crate::script::NOW;
use bytes::Bytes;
use clients::kubernetes::connection::{Cluster, Kubernetes};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use http::{Request, Response};
use jiff::Timestamp;
use readonly::refusal::{Kind, Refusal};
use readonly::transport::{Body, Transport};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Piece = Result<Bytes, Refusal>;

/// An API server with a list or two.
pub(crate) struct Watched {
    state: Mutex<State>,
}

struct State {
    now: Timestamp,
    items: Vec<Value>,
    nodes: Vec<Value>,
    told: VecDeque<UnboundedReceiver<Piece>>,
    list_status: u16,
    watch_status: u16,
    watches: VecDeque<UnboundedReceiver<Piece>>,
    asked: Vec<String>,
}

/// The API server's end of one watch, or of a list that is told piece by piece; dropping it ends either in order.
pub(crate) struct Watch(UnboundedSender<Piece>);

/// A pod as it is listed.
pub(crate) fn pod(namespace: &str, name: &str, version: u64) -> Value {
    json!({"metadata": {"namespace": namespace, "name": name, "resourceVersion": version.to_string()}})
}

impl Watched {
    /// One that lists these, in version 10.
    pub(crate) fn listing(items: &[Value]) -> Arc<Watched> {
        let state = State {
            now: NOW.parse().unwrap(),
            items: items.to_vec(),
            nodes: Vec::new(),
            told: VecDeque::new(),
            list_status: 200,
            watch_status: 200,
            watches: VecDeque::new(),
            asked: Vec::new(),
        };
        Arc::new(Watched { state: Mutex::new(state) })
    }

    /// A client of it.
    pub(crate) fn client(self: &Arc<Self>) -> Kubernetes {
        let cluster = Cluster {
            name: "test".to_owned(),
            namespace: "default".to_owned(),
            address: "https://test.invalid".to_owned(),
        };
        let api = Arc::clone(self);
        let now = move || api.state.lock().unwrap().now;
        Kubernetes::over(Arc::clone(self) as Arc<dyn Transport>, cluster, Arc::new(now))
    }

    /// What the next watch will say.
    pub(crate) fn watch(&self) -> Watch {
        let (sender, receiver) = unbounded_channel();
        self.state.lock().unwrap().watches.push_back(receiver);
        Watch(sender)
    }

    pub(crate) fn now_lists(&self, items: &[Value]) {
        self.state.lock().unwrap().items = items.to_vec();
    }

    /// What it lists of nodes.
    pub(crate) fn has_nodes(&self, nodes: &[Value]) {
        self.state.lock().unwrap().nodes = nodes.to_vec();
    }

    /// What the next list of anything but nodes will say.
    pub(crate) fn tells_list(&self) -> Watch {
        let (sender, receiver) = unbounded_channel();
        self.state.lock().unwrap().told.push_back(receiver);
        Watch(sender)
    }

    pub(crate) fn refuses_lists(&self, status: u16) {
        self.state.lock().unwrap().list_status = status;
    }

    pub(crate) fn refuses_watches(&self, status: u16) {
        self.state.lock().unwrap().watch_status = status;
    }

    /// Time goes on.
    pub(crate) fn pass(&self, time: Duration) {
        let mut state = self.state.lock().unwrap();
        state.now = state.now.checked_add(time).unwrap();
    }

    /// The paths that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// How often the list was read.
    pub(crate) fn lists(&self) -> usize {
        self.asked().iter().filter(|path| !path.contains("watch=true")).count()
    }
}

impl Watch {
    pub(crate) fn event(&self, kind: &str, object: &Value) {
        let event = format!("{}\n", json!({"type": kind, "object": object}));
        let _ = self.0.send(Ok(Bytes::from(event)));
    }

    pub(crate) fn bookmark(&self, version: u64) {
        self.event("BOOKMARK", &json!({"metadata": {"resourceVersion": version.to_string()}}));
    }

    pub(crate) fn error(&self, code: u16) {
        self.event("ERROR", &json!({"kind": "Status", "code": code}));
    }

    /// A piece of a list.
    pub(crate) fn piece(&self, text: &str) {
        let _ = self.0.send(Ok(Bytes::from(text.to_owned())));
    }

    /// The connection breaks.
    pub(crate) fn breaks(&self) {
        let source = "connection reset".into();
        self.fails(Kind::Unreachable { address: "test".to_owned(), source });
    }

    /// Reading on fails.
    pub(crate) fn fails(&self, kind: Kind) {
        let _ = self.0.send(Err(Refusal { system: "kubernetes", request: String::new(), kind }));
    }
}

impl Transport for Watched {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        let path = request.uri().to_string();
        let mut state = self.state.lock().unwrap();
        state.asked.push(path.clone());
        let watches = path.contains("watch=true");
        let status = if watches { state.watch_status } else { state.list_status };
        let body: Body = match (watches, status) {
            (true, 200) => match state.watches.pop_front() {
                Some(receiver) => said(receiver),
                // A watch that nobody wrote ends at once.
                None => stream::empty().boxed(),
            },
            (false, 200) if path.starts_with("/api/v1/nodes") => listed(&state.nodes),
            (false, 200) => match state.told.pop_front() {
                Some(receiver) => said(receiver),
                None => listed(&state.items),
            },
            _ => stream::iter([Ok(Bytes::from_static(b"{}"))]).boxed(),
        };
        let response = Response::builder().status(status).body(body).unwrap();
        async move { Ok(response) }.boxed()
    }
}

fn listed(items: &[Value]) -> Body {
    let list = json!({"metadata": {"resourceVersion": "10"}, "items": items});
    stream::iter([Ok(Bytes::from(list.to_string()))]).boxed()
}

fn said(receiver: UnboundedReceiver<Piece>) -> Body {
    stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    })
    .boxed()
}
