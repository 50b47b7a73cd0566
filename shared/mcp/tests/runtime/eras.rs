//! Over HTTP, in the old handshake and in the new one.

use crate::fixture::{LONG, Seen, arguments, call, failure, seen, server};
use mcp::client::Specialist;
use mcp::failure::Code;
use mcp::http::{self, settings::HttpSettings};
use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt};
use rmcp::transport::StreamableHttpClientTransport;
use serde_json::json;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

struct Serving {
    url: String,
    stop: CancellationToken,
    done: JoinHandle<()>,
}

async fn serving(seen: &Arc<Seen>) -> Serving {
    let settings = HttpSettings { http: "127.0.0.1:0".parse().ok(), ..HttpSettings::default() };
    let door = http::bind(&settings).await.expect("bound");
    let url = format!("http://{}/mcp", door.address());
    let stop = CancellationToken::new();
    let done = http::serve(door, server(seen), axum::Router::new(), stop.clone());
    Serving { url, stop, done: tokio::spawn(done) }
}

#[tokio::test]
async fn both_eras_list_and_call() {
    let serving = serving(&seen()).await;
    let modern = vec![ProtocolVersion::V_2026_07_28];
    for era in [
        ClientLifecycleMode::Initialize,
        ClientLifecycleMode::Discover { preferred_versions: modern },
    ] {
        let transport = StreamableHttpClientTransport::from_uri(serving.url.as_str());
        let client = ().serve_with_lifecycle(transport, era.clone()).await.expect("connected");
        assert_eq!(client.list_all_tools().await.expect("a list").len(), 8, "{era:?}");
        let asked = arguments(json!({"name": "Ada"}));
        let call = CallToolRequestParams::new("greet").with_arguments(asked);
        let result = client.call_tool(call).await.expect("a result");
        let text = result.content[0].as_text().expect("text").text.clone();
        assert_eq!(text, "hello Ada x1\nscope: all namespaces; complete\n", "{era:?}");
        client.cancel().await.expect("closed");
    }
}

#[tokio::test]
async fn the_lead_calls_over_http_and_gets_facts() {
    let serving = serving(&seen()).await;
    let specialist = Specialist::http(&serving.url, None).await.expect("connected");
    let asked = arguments(json!({"facts": 3}));
    let never = CancellationToken::new();
    let reply = specialist.call("testify", asked, true, LONG, &never).await.expect("a reply");
    assert_eq!(reply.testimony.expect("a testimony").facts.len(), 3);
    let refused = failure(&specialist, "greet", json!({"name": 1})).await;
    assert_eq!(refused.code, Code::InvalidArgument);
}

#[tokio::test]
async fn a_caller_that_goes_away_over_http_drops_the_tool() {
    let seen = seen();
    let serving = serving(&seen).await;
    let specialist = Specialist::http(&serving.url, None).await.expect("connected");
    let never = CancellationToken::new();
    tokio::select! {
        asked = specialist.call("wait", arguments(json!({})), false, LONG, &never) => panic!("{asked:?}"),
        begun = seen.begun.acquire() => begun.expect("open").forget(),
    }
    tokio::time::timeout(LONG, seen.dropped.acquire())
        .await
        .expect("in time")
        .expect("open")
        .forget();
}

#[tokio::test]
async fn a_caller_of_the_old_era_that_hangs_up_drops_the_tool() {
    let seen = seen();
    let serving = serving(&seen).await;
    let address = serving.url.trim_start_matches("http://").trim_end_matches("/mcp");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait"}}"#;
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("written");
    tokio::time::timeout(LONG, seen.begun.acquire())
        .await
        .expect("in time")
        .expect("open")
        .forget();
    drop(stream);
    tokio::time::timeout(LONG, seen.dropped.acquire())
        .await
        .expect("in time")
        .expect("open")
        .forget();
}

#[tokio::test]
async fn a_stopped_server_finishes_the_running_call_first() {
    let seen = seen();
    let serving = serving(&seen).await;
    let specialist = Specialist::http(&serving.url, None).await.expect("connected");
    let stopping = async {
        seen.begun.acquire().await.expect("open").forget();
        serving.stop.cancel();
        seen.released.add_permits(1);
    };
    let (reply, ()) = tokio::join!(call(&specialist, "hold", json!({})), stopping);
    assert!(reply.text.starts_with("released: true\n"), "{}", reply.text);
    drop(specialist);
    tokio::time::timeout(LONG, serving.done).await.expect("it ends").expect("it ended");
}

#[tokio::test]
async fn nobody_there_is_an_error_that_names_the_address() {
    let refused = Specialist::http("http://127.0.0.1:9/mcp", None).await.expect_err("nobody there");
    assert_eq!(refused.to_string(), "could not speak MCP with http://127.0.0.1:9/mcp");
}

#[tokio::test]
async fn a_server_that_comes_back_is_called_on_the_same_connection() {
    let seen = seen();
    let first = serving(&seen).await;
    let specialist = Specialist::http(&first.url, None).await.expect("connected");
    assert!(call(&specialist, "greet", json!({"name": "Ada"})).await.failure.is_none());
    first.stop.cancel();
    first.done.await.expect("it ended");
    let address = first.url.trim_start_matches("http://").trim_end_matches("/mcp").parse().ok();
    let settings = HttpSettings { http: address, ..HttpSettings::default() };
    let door = http::bind(&settings).await.expect("bound again");
    let stop = CancellationToken::new();
    tokio::spawn(http::serve(door, server(&seen), axum::Router::new(), stop));
    assert!(call(&specialist, "greet", json!({"name": "Ada"})).await.failure.is_none());
}
