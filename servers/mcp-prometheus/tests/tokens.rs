//! What this server costs an agent, in tokens of `o200k`: its tools in every conversation, and the answer that peers make dear.
#![allow(clippy::unwrap_used, reason = "a test")]

use serde_json::json;
use std::path::Path;

/// A tool costs at most this much in `tools/list`.
const MOST_OF_ONE: usize = 120;
/// All tools of the server.
const MOST_OF_ALL: usize = 2_000;
/// Twenty series over an hour; a peer takes 51,867.
const MOST_OF_TWENTY_SERIES: usize = 1_100;

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base().unwrap().encode_ordinary(text).len()
}

#[test]
fn tools_cost_their_share() {
    let cost = |tool: mcp::tools::Listed| {
        let listed =
            json!({"name": tool.name, "description": tool.about, "inputSchema": tool.schema});
        (tool.name, tokens(&listed.to_string()))
    };
    let costs: Vec<(String, usize)> =
        mcp_prometheus::lead::unconnected().list().into_iter().map(cost).collect();
    let dear: Vec<_> = costs.iter().filter(|(_, tokens)| *tokens > MOST_OF_ONE).collect();
    assert!(dear.is_empty(), "more than {MOST_OF_ONE} tokens: {dear:?}");
    let all: usize = costs.iter().map(|(_, tokens)| tokens).sum();
    assert!(all <= MOST_OF_ALL, "{all} tokens, not {MOST_OF_ALL}: {costs:?}");
}

#[test]
fn twenty_series_over_an_hour_fit() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/run_promql_range.md");
    let page = std::fs::read_to_string(page).unwrap();
    let answer = page.split("~~~").find(|it| it.starts_with("answer\n20 series")).unwrap();
    let tokens = tokens(answer.trim_start_matches("answer\n"));
    assert!(tokens <= MOST_OF_TWENTY_SERIES, "{tokens} tokens");
}
