//! The lead's own tools, called over MCP as an agent host calls them.
#![cfg(test)]

use inquest::tools::{Lead, server};
use inquest::witnesses::kubernetes;
use mcp::client::Specialist;
use mcp::client::reply::Reply;
use mcp::failure::Code;
use replay::snapshot::Snapshot;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/image_not_found");

async fn lead() -> Specialist {
    let snapshot = Snapshot::load(Path::new(SNAPSHOT)).unwrap();
    let witnesses = Arc::new(kubernetes::replaying(Arc::new(snapshot)).await);
    let lead = Lead::new(witnesses, Duration::from_secs(10));
    Specialist::in_memory(server(Arc::new(lead))).await.unwrap()
}

async fn call(lead: &Specialist, tool: &str, arguments: Value) -> Reply {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    let stop = CancellationToken::new();
    lead.call(tool, arguments, false, Duration::from_secs(20), &stop).await.unwrap()
}

/// Investigates, and gives the report's id.
async fn investigated(lead: &Specialist) -> String {
    let reply =
        call(lead, "investigate", json!({"question": "why is web in terranetes down?"})).await;
    let (_, rest) = reply.text.split_once("get_report(id=").unwrap();
    rest.split(')').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_investigation_answers_in_one_call() {
    let reply = call(&lead().await, "investigate", json!({"namespace": "terranetes"})).await;
    assert!(reply.text.starts_with("Root cause found: "), "{}", reply.text);
    assert!(
        reply.text.contains("IMG-01 image_not_found in Deployment terranetes/web"),
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn the_report_can_be_asked_for_whole_or_by_section() {
    let lead = lead().await;
    let id = investigated(&lead).await;
    let whole = call(&lead, "get_report", json!({"id": id})).await;
    assert!(whole.text.contains("Timeline") && whole.text.contains("Evidence"), "{}", whole.text);
    let part = call(&lead, "get_report", json!({"id": id, "section": "timeline"})).await;
    assert!(part.text.contains("Timeline") && !part.text.contains("What to do"), "{}", part.text);
}

#[tokio::test]
async fn evidence_is_shown_with_its_read_and_its_fact() {
    let lead = lead().await;
    let id = investigated(&lead).await;
    let reply = call(&lead, "get_evidence", json!({"id": id, "evidence": "E1"})).await;
    assert!(reply.text.contains("GET /api/v1/namespaces/terranetes/"), "{}", reply.text);
    assert!(reply.text.contains("the fact as it was seen"), "{}", reply.text);
    let unknown = call(&lead, "get_evidence", json!({"id": id, "evidence": "E99"})).await;
    assert!(unknown.failure.unwrap().hint.starts_with("there are E1"));
}

#[tokio::test]
async fn what_stands_still_verifies_as_unchanged() {
    let lead = lead().await;
    let id = investigated(&lead).await;
    let reply = call(&lead, "verify_evidence", json!({"id": id})).await;
    let (same, rest) = reply.text.split_once(" of ").unwrap();
    assert!(rest.starts_with(&format!("{same} pieces of evidence")), "{}", reply.text);
}

#[tokio::test]
async fn an_unknown_investigation_is_not_found() {
    let failure =
        call(&lead().await, "get_investigation", json!({"id": "inv-9"})).await.failure.unwrap();
    assert_eq!(failure.code, Code::NotFound);
}

#[tokio::test]
async fn a_wrong_argument_is_named() {
    let reply = call(&lead().await, "investigate", json!({"since": "soon"})).await;
    let failure = reply.failure.unwrap();
    assert_eq!(failure.code, Code::InvalidArgument);
    assert!(failure.message.starts_with("since: "), "{}", failure.message);
}

#[tokio::test]
async fn capabilities_name_each_server_and_its_tools() {
    let reply = call(&lead().await, "list_capabilities", json!({})).await;
    assert!(reply.text.starts_with("1 of 1 servers answer"), "{}", reply.text);
    assert!(reply.text.contains("k8s_survey"), "{}", reply.text);
}

#[tokio::test]
async fn schemas_stay_small() {
    let tools = lead().await.list(Duration::from_secs(5)).await.unwrap();
    let bytes = |tool: &mcp::tools::Listed| {
        Value::Object(tool.schema.clone()).to_string().len() + tool.about.len()
    };
    let total: usize = tools.iter().map(bytes).sum();
    assert_eq!(tools.len(), 6);
    assert!(total / 4 <= 6 * 200, "{total} bytes");
}
