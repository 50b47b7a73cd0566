//! What this server costs an agent, in tokens of `o200k`: its tools in every conversation, and the answer that peers make dear.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test")]

#[path = "written/series.rs"]
mod series;
#[expect(dead_code, reason = "its own series are put into the shop")]
#[path = "written/shop.rs"]
mod shop;

use replay::snapshot::Snapshot;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

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

/// What the last hour of twenty pods takes, of which each has requests that change from minute to minute; after `grows`
/// minutes of the ninety there are half as many again.
fn pods_take(name: impl Fn(usize) -> String, grows: usize) -> usize {
    let mut words = "# TYPE http_requests counter\n".to_owned();
    for series in 0..20 {
        let name = name(series);
        write!(words, "http_requests_total{{namespace=\"shop\",pod=\"{name}\",code=\"200\"}}")
            .unwrap();
        let mut requests = 0;
        for minute in 0..90 {
            let rate = 100 + (minute * (series + 3) * 7) % 23;
            requests += if minute < grows { rate } else { rate * 3 / 2 };
            write!(words, " {requests}").unwrap();
        }
        words.push('\n');
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshot");
    let mut snapshot = Snapshot::load(&folder).unwrap();
    shop::put(&mut snapshot, &words, "groups: []\n");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let text = runtime.block_on(async {
        let server = shop::served(snapshot).await;
        let Value::Object(ask) = json!({"query": "rate(http_requests_total[5m])"}) else {
            panic!()
        };
        let timeout = Duration::from_secs(30);
        server.call("run_promql_range", ask, false, timeout, &CancellationToken::new()).await
    });
    let text = text.unwrap().text;
    assert!(text.starts_with("20 series"), "{text}");
    tokens(&text)
}

#[test]
fn twenty_pods_over_an_hour_fit() {
    let of_one = |at: usize| format!("web-6d8f7c9b4-{:05x}", 0xb7c4d + at * 7919);
    let of_many = |at: usize| {
        format!(
            "{}-{:09x}-{:05x}",
            ["web", "orders", "mail"][at % 3],
            at * 0x5d8f_7c9b,
            0xb7c4d + at * 7919
        )
    };
    let cases = [
        ("pods of one workload", pods_take(of_one, 90)),
        ("pods of three", pods_take(of_many, 90)),
        ("pods of one, all of which changed", pods_take(of_one, 60)),
        ("pods of three, all of which changed", pods_take(of_many, 60)),
    ];
    let dear: Vec<_> = cases.iter().filter(|it| it.1 > MOST_OF_TWENTY_SERIES).collect();
    assert!(dear.is_empty(), "more than {MOST_OF_TWENTY_SERIES} tokens: {dear:?}");
}
