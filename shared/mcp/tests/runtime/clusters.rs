//! One server over several clusters: which is asked, and what is said where none is named.

use crate::fixture::{Seen, call, failure, greeter, seen};
use mcp::client::Specialist;
use mcp::clusters::Clusters;
use mcp::failure::Code;
use mcp::server::Server;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

fn clusters() -> BTreeMap<String, Arc<Seen>> {
    ["prod", "test"].map(|name| (name.to_owned(), seen())).into()
}

async fn over(clusters: BTreeMap<String, Arc<Seen>>) -> Specialist {
    let server = Server::of_several("mcp-test", "Read-only.", &Clusters::new(clusters), greeter());
    Specialist::in_memory(server).await.expect("connected")
}

#[tokio::test]
async fn the_answer_says_which_cluster_was_asked() {
    let clusters = clusters();
    let specialist = over(clusters.clone()).await;
    clusters["test"].released.add_permits(1);
    let reply = call(&specialist, "hold", json!({"cluster": "test"})).await;
    assert!(reply.text.contains("scope: cluster test; "), "{}", reply.text);
    assert_eq!(clusters["test"].begun.available_permits(), 1);
    assert_eq!(clusters["prod"].begun.available_permits(), 0);
}

#[tokio::test]
async fn a_cluster_that_is_not_named_or_not_there_is_told_the_valid_ones() {
    let specialist = over(clusters()).await;
    for (given, says) in [
        (json!({}), "argument `cluster` is required; valid: prod, test"),
        (json!({"cluster": "dev"}), "argument `cluster` must be one of prod, test, not \"dev\""),
    ] {
        let refused = failure(&specialist, "hold", given).await;
        assert_eq!((refused.code, refused.message.as_str()), (Code::InvalidArgument, says));
    }
}

#[tokio::test]
async fn what_is_worth_calling_next_can_be_called_as_it_stands() {
    let specialist = over(clusters()).await;
    let reply =
        call(&specialist, "greet", json!({"cluster": "prod", "name": "Ada", "next": true})).await;
    assert_eq!(reply.structured["next"], json!(["greet(cluster=prod, name=Ada)"]));
    assert!(reply.text.contains("next: greet(cluster=prod, name=Ada)\n"), "{}", reply.text);
}

#[tokio::test]
async fn every_tool_lists_the_argument() {
    let listed = over(clusters()).await.list(crate::fixture::LONG).await.expect("a list");
    for tool in listed {
        let schema = Value::Object(tool.schema);
        assert_eq!(schema["properties"]["cluster"]["enum"], json!(["prod", "test"]));
        let required = schema["required"].as_array().expect("a list");
        assert!(required.contains(&json!("cluster")), "{}", tool.name);
    }
}
