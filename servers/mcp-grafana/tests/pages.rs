//! Every tool has a page: calls against one small Grafana, and what they answer. `UPDATE=1` writes the answers anew.
//!
//! Its answers are written by hand after Grafana's documents and its source, as no real one could be had: see
//! `snapshot/README.md`.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test harness")]

#[path = "../../../shared/mcp/tests/pages/harness.rs"]
mod harness;

use mcp::client::Specialist;
use mcp_grafana::server::Grafana;
use replay::recorded::Recorded;
use replay::snapshot::Snapshot;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

fn page(path: &Path, text: String) -> datatest_stable::Result<()> {
    harness::hold(path, text, open)
}

/// The server over a snapshot. `call without datasources` is one whose identity may not read paths with this word in them;
/// `404:rules` is one where there is no such path.
async fn open(mut snapshot: Snapshot, _folder: &Path) -> Specialist {
    let without: Vec<String> =
        snapshot.about.sources.iter().filter(|it| !it.1.available).map(|it| it.0.clone()).collect();
    for exchange in snapshot.exchanges.get_mut("grafana").into_iter().flatten() {
        for word in &without {
            let (status, word) =
                word.strip_prefix("404:").map_or((403, word.as_str()), |it| (404, it));
            let asked = format!("{}?{}", exchange.path, exchange.query);
            if asked.contains(word) {
                exchange.status = status;
                exchange.body = json!({"message": "You'll need additional permissions to perform this action."});
            }
        }
    }
    let now = snapshot.about.captured_at;
    let wire = Arc::new(Recorded::of(Arc::new(snapshot), "grafana"));
    let server = Grafana::replaying(wire, now);
    Specialist::in_memory(mcp_grafana::tools::server(Arc::new(server))).await.unwrap()
}

datatest_stable::harness! {
    { test = page, root = "tests/pages", pattern = r"\.md$" },
}
