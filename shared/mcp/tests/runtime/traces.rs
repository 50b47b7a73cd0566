//! Spans of calls, as an OTLP receiver on loopback gets them.

use crate::door::{loopback, post, status};
use crate::fixture::{call, seen, server};
use axum::routing::post as posted;
use axum::{Json, Router};
use mcp::answer::Answer;
use mcp::client::Specialist;
use mcp::failure::Failure;
use mcp::http;
use mcp::server::Server;
use mcp::tool::{Call, Tool};
use mcp::tools::Tools;
use mcp::trace::settings::TraceSettings;
use mcp::trace::{Traces, carried};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet","arguments":{"name":"Ada"}}}"#;
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const OTHER: &str = "1af7651916cd43dd8448eb211c80319c";

/// What a receiver got.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Vec<Value>>>);

impl Receiver {
    /// Starts one, and what sends to it.
    async fn start() -> (Receiver, Traces) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = listener.local_addr().expect("an address");
        let receiver = Receiver::default();
        let got = receiver.0.clone();
        let take = async move |Json(body): Json<Value>| {
            got.lock().expect("whole").push(body);
            Json(json!({}))
        };
        let router = Router::new().route("/v1/traces", posted(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let endpoint = format!("http://{address}").parse().ok();
        let traces = Traces::open(&TraceSettings { otlp_endpoint: endpoint });
        (receiver, traces.expect("an address").expect("a receiver"))
    }

    fn spans(&self) -> Vec<Value> {
        let got = self.0.lock().expect("whole");
        let spans = got.iter().filter_map(|it| {
            it.pointer("/resourceSpans/0/scopeSpans/0/spans").and_then(Value::as_array)
        });
        spans.flatten().cloned().collect()
    }
}

async fn serving(traces: &Traces) -> SocketAddr {
    let door = http::bind(&loopback()).await.expect("bound");
    let address = door.address();
    let server = server(&seen()).with_traces(Some(traces.clone()));
    tokio::spawn(http::serve(door, server, Router::new(), CancellationToken::new()));
    address
}

fn traceparent(trace: &str, flags: &str) -> String {
    format!("Host: localhost\r\ntraceparent: 00-{trace}-b7ad6b7169203331-{flags}\r\n")
}

#[tokio::test]
async fn a_call_is_part_of_its_callers_trace() {
    let (receiver, traces) = Receiver::start().await;
    let address = serving(&traces).await;
    assert_eq!(status(address, &post(&traceparent(TRACE, "01"), CALL)).await.0, 200);
    traces.flush().await;
    let spans = receiver.spans();
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0]["traceId"], TRACE);
    assert_eq!(spans[0]["parentSpanId"], "b7ad6b7169203331");
    assert_eq!(spans[0]["name"], "tools/call greet");
    assert_eq!(spans[0]["status"], json!({}));
    assert!(!spans[0].to_string().contains("Ada"), "no argument leaves");
}

#[tokio::test]
async fn the_request_itself_says_more_than_the_head_that_a_proxy_may_have_written() {
    let (receiver, traces) = Receiver::start().await;
    let address = serving(&traces).await;
    let meta = format!(r#""_meta":{{"traceparent":"00-{OTHER}-b7ad6b7169203331-01"}},"name""#);
    let body = CALL.replacen(r#""name""#, &meta, 1);
    assert_eq!(status(address, &post(&traceparent(TRACE, "01"), &body)).await.0, 200);
    traces.flush().await;
    assert_eq!(receiver.spans()[0]["traceId"], OTHER);
}

#[tokio::test]
async fn a_trace_that_nobody_records_is_not_sent() {
    let (receiver, traces) = Receiver::start().await;
    let address = serving(&traces).await;
    assert_eq!(status(address, &post(&traceparent(TRACE, "00"), CALL)).await.0, 200);
    traces.flush().await;
    assert!(receiver.spans().is_empty());
}

#[tokio::test]
async fn a_call_without_a_trace_begins_one_and_says_how_it_ended() {
    let (receiver, traces) = Receiver::start().await;
    let server = server(&seen()).with_traces(Some(traces.clone()));
    let specialist = Specialist::in_memory(server).await.expect("connected");
    assert!(call(&specialist, "deny", json!({})).await.failure.is_some());
    traces.flush().await;
    let spans = receiver.spans();
    assert!(spans[0].get("parentSpanId").is_none());
    assert_eq!(spans[0]["status"], json!({"code": 2}));
    assert!(spans[0]["attributes"].to_string().contains("forbidden"));
}

/// Asks another server, on a task of its own.
struct Relay;

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

impl Tool<Specialist> for Relay {
    const NAME: &'static str = "relay";
    const ABOUT: &'static str = "Relays.";
    type Ask = Nothing;

    async fn answer(other: &Specialist, _: Nothing, _: &Call) -> Result<Answer, Failure> {
        let other = other.clone();
        let asking = carried(async move { call(&other, "greet", json!({"name": "Ada"})).await });
        let reply = tokio::spawn(asking).await.expect("no panic");
        Ok(Answer { summary: reply.text, ..Answer::default() })
    }
}

#[tokio::test]
async fn what_a_call_asks_of_others_on_another_task_stays_in_its_trace() {
    let (receiver, traces) = Receiver::start().await;
    let asked = server(&seen()).with_traces(Some(traces.clone()));
    let asked = Arc::new(Specialist::in_memory(asked).await.expect("connected"));
    let lead = Server::new("mcp-lead", "Read-only.", asked, Tools::new().with::<Relay>());
    let lead = lead.with_traces(Some(traces.clone()));
    let lead = Specialist::in_memory(lead).await.expect("connected");
    assert!(call(&lead, "relay", json!({})).await.failure.is_none());
    traces.flush().await;
    let spans = receiver.spans();
    let named = |name: &str| {
        let mut spans = spans.iter().filter(|span| span["name"] == format!("tools/call {name}"));
        spans.next().cloned().expect("a span")
    };
    let (relay, greet) = (named("relay"), named("greet"));
    assert_eq!(greet["traceId"], relay["traceId"]);
    assert_eq!(greet["parentSpanId"], relay["spanId"]);
}

/// What happened to a receiver that never answers: one permit for each time.
struct Mute {
    taken: Semaphore,
    let_go: Semaphore,
}

struct LetsGo(Arc<Mute>);

impl Drop for LetsGo {
    fn drop(&mut self) {
        self.0.let_go.add_permits(1);
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_keeps_nobody_waiting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address")).parse().ok();
    let mute = Arc::new(Mute { taken: Semaphore::new(0), let_go: Semaphore::new(0) });
    let holding = Arc::clone(&mute);
    let hold = async move || {
        let _held = LetsGo(Arc::clone(&holding));
        holding.taken.add_permits(1);
        std::future::pending::<()>().await;
    };
    let router = Router::new().route("/v1/traces", posted(hold));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let traces = Traces::open(&TraceSettings { otlp_endpoint: endpoint });
    let traces = traces.expect("an address").expect("a receiver");
    let server = server(&seen()).with_traces(Some(traces.clone()));
    let specialist = Specialist::in_memory(server).await.expect("connected");
    let greet = async || call(&specialist, "greet", json!({"name": "Ada"})).await.failure;
    assert_eq!(greet().await, None);
    let flush = || {
        let traces = traces.clone();
        tokio::spawn(async move { traces.flush().await })
    };
    let _sending = flush();
    mute.taken.acquire().await.expect("open").forget();
    let waiting = flush();
    assert_eq!(greet().await, None);
    assert!(!waiting.is_finished(), "who waits for the receiver waits still");
    assert_eq!(mute.let_go.available_permits(), 0, "which holds on");
}
