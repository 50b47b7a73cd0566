//! The lead's own tools, called over MCP as an agent host calls them. The pages beside say what each answers.
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

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");

async fn lead() -> Specialist {
    let snapshot = Snapshot::load(&Path::new(HERE).join("scenarios/image_not_found")).unwrap();
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
    let question = json!({"question": "why is the pod in terranetes namespace not running?"});
    let reply = call(lead, "investigate", question).await;
    let (_, rest) = reply.text.split_once("get_report(id=").unwrap();
    rest.split(')').next().unwrap().to_owned()
}

/// The page's call answers with the page's lines, in their order. `REPORT` stands for the report's id.
async fn answers_as_its_page(tool: &str) {
    let page = std::fs::read_to_string(Path::new(HERE).join(format!("pages/{tool}.md"))).unwrap();
    let lead = lead().await;
    let page = page.replace("REPORT", &investigated(&lead).await);
    let block = |fence: &str| {
        let (_, rest) = page.split_once(&format!("```{fence}\n")).unwrap();
        rest.split_once("\n```").unwrap().0.to_owned()
    };
    let reply = call(&lead, tool, serde_json::from_str(&block("json")).unwrap()).await;
    let mut rest = reply.text.as_str();
    for expected in block("text").lines() {
        let found = rest.split_once(expected);
        rest = found.unwrap_or_else(|| panic!("{tool}: no {expected:?} in {}", reply.text)).1;
    }
}

#[tokio::test]
async fn each_tool_answers_as_its_page() {
    for tool in lead().await.list(Duration::from_secs(5)).await.unwrap() {
        answers_as_its_page(&tool.name).await;
    }
}

#[tokio::test]
async fn a_section_is_only_that_section() {
    let lead = lead().await;
    let id = investigated(&lead).await;
    let whole = call(&lead, "get_report", json!({"id": id})).await.text;
    let part = call(&lead, "get_report", json!({"id": id, "section": "timeline"})).await.text;
    assert!(whole.contains("What to do") && whole.contains("Timeline"), "{whole}");
    assert!(!part.contains("What to do") && part.contains("Timeline"), "{part}");
}

#[tokio::test]
async fn unknown_evidence_is_told_with_what_there_is() {
    let lead = lead().await;
    let id = investigated(&lead).await;
    let reply = call(&lead, "get_evidence", json!({"id": id, "evidence": "E99"})).await;
    assert!(reply.failure.unwrap().hint.starts_with("there are E1"));
}

#[tokio::test]
async fn all_evidence_of_a_snapshot_verifies_as_unchanged() {
    let lead = lead().await;
    let id = investigated(&lead).await;
    let reply = call(&lead, "verify_evidence", json!({"id": id})).await;
    let (same, rest) = reply.text.split_once(" of ").unwrap();
    assert!(rest.starts_with(&format!("{same} pieces of evidence")), "{}", reply.text);
}

#[tokio::test]
async fn an_unknown_investigation_is_not_found() {
    let reply = call(&lead().await, "get_investigation", json!({"id": "inv-9"})).await;
    assert_eq!(reply.failure.unwrap().code, Code::NotFound);
}

#[tokio::test]
async fn a_wrong_argument_is_named() {
    for (name, wrong) in [("since", "soon"), ("at", "yesterday"), ("at", "2999-01-01T00:00:00Z")] {
        let reply = call(&lead().await, "investigate", json!({name: wrong})).await;
        let failure = reply.failure.unwrap();
        assert_eq!(failure.code, Code::InvalidArgument);
        assert!(failure.message.starts_with(&format!("{name}: ")), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_past_moment_is_looked_at_where_one_is_given() {
    let reply = call(&lead().await, "investigate", json!({"at": "now-20m"})).await;
    assert!(reply.text.contains("to 2026-05-03T09:52:00Z; complete"), "{}", reply.text);
}

#[tokio::test]
async fn an_unknown_namespace_is_told_with_the_nearest() {
    let reply = call(&lead().await, "investigate", json!({"namespace": "teranetes"})).await;
    let failure = reply.failure.unwrap();
    assert_eq!(failure.code, Code::NotFound);
    assert!(failure.message.contains("terranetes"), "{}", failure.message);
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
