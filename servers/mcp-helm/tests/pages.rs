//! Every tool has a page: calls against one small cluster, and what they answer. `UPDATE=1` writes the answers anew.
//!
//! Its releases stand in files that can be read, and are packed as Helm packs them before they are served.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test harness")]

#[path = "../../../shared/mcp/tests/pages/harness.rs"]
mod harness;
#[path = "kept/pack.rs"]
mod pack;

use mcp::client::Specialist;
use mcp_helm::server::Helm;
use mcp_helm::tools;
use replay::snapshot::Snapshot;
use std::path::Path;
use std::sync::Arc;

fn page(path: &Path, text: String) -> datatest_stable::Result<()> {
    harness::hold(path, text, open)
}

async fn open(mut snapshot: Snapshot, folder: &Path) -> Specialist {
    pack::into(&mut snapshot, &folder.join("releases"));
    let (cluster, now) = (snapshot.about.cluster.clone(), snapshot.about.captured_at);
    let wire = Arc::new(replay::kubernetes::Kubernetes::of(Arc::new(snapshot)));
    let helm = Helm::replaying(wire, &cluster, now);
    Specialist::in_memory(tools::server(Arc::new(helm))).await.unwrap()
}

datatest_stable::harness! {
    { test = page, root = "tests/pages", pattern = r"\.md$" },
}
