//! What the list of tools costs an agent in every conversation: 120 tokens for a tool, 2,000 for all.
#![allow(clippy::unwrap_used, reason = "a test")]

use mcp_k8s::server::Kubernetes;
use mcp_k8s::tools;
use replay::snapshot::Snapshot;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// A tool costs at most this many tokens of `o200k`.
const MOST_OF_ONE: usize = 120;
/// All tools of the server.
const MOST_OF_ALL: usize = 2_000;

/// Name, description and schema of each tool as they stand in `tools/list`, in tokens.
fn costs() -> Vec<(String, usize)> {
    let tokens = tiktoken_rs::o200k_base().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshot");
    let snapshot = Arc::new(Snapshot::load(&folder).unwrap());
    let (cluster, now) = (snapshot.about.cluster.clone(), snapshot.about.captured_at);
    let wire = Arc::new(replay::kubernetes::Kubernetes::of(snapshot));
    let server = tools::server(Arc::new(Kubernetes::replaying(wire, &cluster, now)));
    let cost = |tool: mcp::tools::Listed| {
        let listed =
            json!({"name": tool.name, "description": tool.about, "inputSchema": tool.schema});
        (tool.name, tokens.encode_ordinary(&listed.to_string()).len())
    };
    server.list().into_iter().map(cost).collect()
}

#[test]
fn no_tool_costs_more_than_its_share() {
    let dear: Vec<_> = costs().into_iter().filter(|(_, tokens)| *tokens > MOST_OF_ONE).collect();
    assert!(dear.is_empty(), "more than {MOST_OF_ONE} tokens: {dear:?}");
}

#[test]
fn all_tools_together_fit() {
    let costs = costs();
    let all: usize = costs.iter().map(|(_, tokens)| tokens).sum();
    assert!(all <= MOST_OF_ALL, "{all} tokens, not {MOST_OF_ALL}: {costs:?}");
}
