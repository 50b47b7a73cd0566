//! What a server says it can do.

use crate::fixture::{LONG, connected, seen, server};
use rmcp::ServiceExt;
use rmcp::model::CacheScope;
use serde_json::json;

#[test]
fn tools_are_listed_in_the_order_given_and_without_a_backend() {
    let names: Vec<String> = server(&seen()).list().into_iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["greet", "wait", "hold", "panic", "recite", "count", "deny", "testify"]);
}

#[tokio::test]
async fn the_client_reads_the_same_list() {
    let specialist = connected().await;
    assert_eq!(specialist.list(LONG).await.expect("a list"), server(&seen()).list());
}

#[tokio::test]
async fn every_tool_says_that_it_only_reads() {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let serving = tokio::spawn(async move { server(&seen()).serve(far).await.expect("served") });
    let client = ().serve(near).await.expect("connected");
    let _serving = serving.await.expect("served");
    let listed = client.list_tools(None).await.expect("a list");
    assert_eq!(listed.next_cursor, None);
    assert!(listed.ttl_ms.is_some_and(|ms| ms > 0));
    assert_eq!(listed.cache_scope, Some(CacheScope::Public));
    for tool in listed.tools {
        let annotations = serde_json::to_value(tool.annotations).expect("JSON");
        let expected = json!({
            "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": true,
        });
        assert_eq!(annotations, expected, "{}", tool.name);
        assert_eq!(tool.output_schema, None);
    }
}

#[test]
fn a_schema_costs_few_bytes_and_has_no_references() {
    for tool in server(&seen()).list() {
        let schema = serde_json::to_string(&tool.schema).expect("JSON");
        assert!(schema.len() < 600, "{schema}");
        for noise in ["$ref", "$schema", "$defs", "uint32", "null", "anyOf"] {
            assert!(!schema.contains(noise), "{noise} in {schema}");
        }
    }
}
