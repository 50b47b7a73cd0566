//! Every tool has a page: calls against one small shop, and what they answer. `UPDATE=1` writes the answers anew.
//!
//! `call without` takes away `prometheus` or `alertmanager`, which are then not configured, or `rules`, `targets`, `alerts`
//! or `silences`, which are then refused.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test harness")]

#[path = "../../../shared/mcp/tests/pages/harness.rs"]
mod harness;
#[path = "written/series.rs"]
mod series;
#[path = "written/shop.rs"]
mod shop;

use mcp::client::Specialist;
use replay::snapshot::Snapshot;
use std::path::Path;

fn page(path: &Path, text: String) -> datatest_stable::Result<()> {
    harness::hold(path, text, open)
}

async fn open(mut snapshot: Snapshot, folder: &Path) -> Specialist {
    shop::measured(&mut snapshot, folder);
    shop::served(snapshot).await
}

datatest_stable::harness! {
    { test = page, root = "tests/pages", pattern = r"\.md$" },
}
