//! Every tool has a page: calls against one small shop, and what they answer. `UPDATE=1` writes the answers anew.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test harness")]

#[path = "written/series.rs"]
mod series;

use mcp::client::Specialist;
use mcp_prometheus::server::Prometheus;
use mcp_prometheus::tools;
use replay::snapshot::Snapshot;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Far more than any call takes.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A server for which a system is not configured says so behind `call`.
const WITHOUT: &str = "call without ";

/// A page is prose with blocks in it: `call` holds arguments, and `answer` what an agent reads then.
fn page(path: &Path, text: String) -> datatest_stable::Result<()> {
    let tool = path.file_stem().unwrap().to_str().unwrap();
    assert_eq!(text.lines().next(), Some(format!("# {tool}").as_str()), "the page's first line");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let written = runtime.block_on(answered(tool, &text));
    if option_env!("UPDATE").is_some() {
        fs::write(path, written)?;
        return Ok(());
    }
    assert_eq!(text, written, "the page of {tool}; UPDATE=1 writes it anew");
    Ok(())
}

/// The page as it should be: its blocks filled in with what the tool answers.
async fn answered(tool: &str, text: &str) -> String {
    let mut server = open("").await;
    let mut arguments = Map::new();
    let mut written = String::new();
    for (position, part) in text.split("~~~").enumerate() {
        if position > 0 {
            written.push_str("~~~");
        }
        let (tag, body) = part.split_once('\n').unwrap_or((part, ""));
        match tag {
            _ if position % 2 == 0 => written.push_str(part),
            "answer" => {
                let stop = CancellationToken::new();
                let reply =
                    server.call(tool, arguments.clone(), false, TIMEOUT, &stop).await.unwrap();
                let said = reply
                    .failure
                    .map(|it| format!("{}: {}\nhint: {}\n", it.code, it.message, it.hint));
                write!(written, "answer\n{}", said.unwrap_or(reply.text)).unwrap();
            }
            call => {
                server = open(call.strip_prefix(WITHOUT).unwrap_or_default()).await;
                arguments = serde_json::from_str::<Map<String, Value>>(body).unwrap();
                written.push_str(part);
            }
        }
    }
    written
}

/// The server over the shop, without the systems that are named.
async fn open(without: &str) -> Specialist {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shop");
    let folder = tempfile::tempdir().unwrap();
    let copy = |file: &str| {
        let to = folder.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(shop.join(file), to).unwrap();
    };
    copy("snapshot.yaml");
    copy("prometheus/rules.yaml");
    copy("alertmanager/alerts.json");
    copy("alertmanager/silences.json");
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let metrics = series::written(&fs::read_to_string(shop.join("series.txt")).unwrap(), now);
    fs::write(folder.path().join("prometheus/shop.om"), metrics).unwrap();
    let snapshot = Arc::new(Snapshot::load(folder.path()).unwrap());
    assert_eq!(snapshot.about.captured_at, now);
    let prometheus: clients::web::wire::Wire =
        Arc::new(replay::prometheus::Prometheus::of(Arc::clone(&snapshot)));
    let alertmanager: clients::web::wire::Wire =
        Arc::new(replay::alertmanager::Alertmanager::of(snapshot));
    let server = Prometheus::replaying(
        (!without.contains("prometheus")).then_some(prometheus),
        (!without.contains("alertmanager")).then_some(alertmanager),
        now,
    );
    Specialist::in_memory(tools::server(Arc::new(server))).await.unwrap()
}

datatest_stable::harness! {
    { test = page, root = "tests/pages", pattern = r"\.md$" },
}
