//! Every tool has a page: calls against small snapshots, and what they answer. `UPDATE=1` writes the answers anew.
#![allow(clippy::unwrap_used, reason = "a test harness")]

#[path = "../../../shared/mcp/tests/pages/harness.rs"]
mod harness;

use mcp::client::Specialist;
use mcp_k8s::server::Kubernetes;
use mcp_k8s::tools;
use replay::snapshot::Snapshot;
use std::path::Path;
use std::sync::Arc;

fn page(path: &Path, text: String) -> datatest_stable::Result<()> {
    harness::hold(path, text, open)
}

async fn open(snapshot: Snapshot, _: &Path) -> Specialist {
    let (cluster, now) = (snapshot.about.cluster.clone(), snapshot.about.captured_at);
    let wire = Arc::new(replay::kubernetes::Kubernetes::of(Arc::new(snapshot)));
    let kubernetes = Kubernetes::replaying(wire, &cluster, now);
    Specialist::in_memory(tools::server(Arc::new(kubernetes))).await.unwrap()
}

datatest_stable::harness! {
    { test = page, root = "tests/pages", pattern = r"\.md$" },
}
