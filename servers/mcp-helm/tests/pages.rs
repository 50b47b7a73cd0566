//! Every tool has a page: calls against one small cluster, and what they answer. `UPDATE=1` writes the answers anew.
//!
//! Its releases stand in files that can be read, and are packed as Helm packs them before they are served.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test harness")]

#[path = "kept/pack.rs"]
mod pack;

use evidence::testimony::Testimony;
use mcp::client::Specialist;
use mcp::client::reply::Reply;
use mcp_helm::server::Helm;
use mcp_helm::tools;
use replay::snapshot::Snapshot;
use replay::snapshot::about::Source;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Far more than any call takes.
const TIMEOUT: Duration = Duration::from_secs(30);
/// An identity that may not read this says so by a word behind `call`.
const DENIED: &str = "call without ";

/// A page is prose with blocks in it: `call` holds arguments, `answer` what an agent reads then, and `testimony` what
/// the lead hears.
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
    let mut server = open(&[]).await;
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
                let reply = ask(&server, tool, &arguments, false).await;
                let said = reply
                    .failure
                    .map(|it| format!("{}: {}\nhint: {}\n", it.code, it.message, it.hint));
                let said = said.unwrap_or(reply.text);
                write!(written, "answer\n{}", stable(&said)).unwrap();
            }
            "testimony" => {
                let reply = ask(&server, tool, &arguments, true).await;
                let said = reply.testimony.map(|it| heard(&it)).unwrap_or_default();
                write!(written, "testimony\n{}", stable(&said)).unwrap();
            }
            call => {
                let denied: Vec<&str> = match call.strip_prefix(DENIED) {
                    Some(denied) => denied.split(' ').collect(),
                    None => Vec::new(),
                };
                server = open(&denied).await;
                arguments = serde_json::from_str(body).unwrap();
                written.push_str(part);
            }
        }
    }
    written
}

async fn open(denied: &[&str]) -> Specialist {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster");
    let mut snapshot = Snapshot::load(&folder).unwrap();
    pack::into(&mut snapshot, &folder.join("releases"));
    for plural in denied {
        let reason = Some("the identity may not list them".to_owned());
        let source = Source { available: false, reason, left_out: None };
        snapshot.about.sources.insert((*plural).to_owned(), source);
    }
    let (cluster, now) = (snapshot.about.cluster.clone(), snapshot.about.captured_at);
    let wire = Arc::new(replay::kubernetes::Kubernetes::of(Arc::new(snapshot)));
    let helm = Helm::replaying(wire, &cluster, now);
    Specialist::in_memory(tools::server(Arc::new(helm))).await.unwrap()
}

async fn ask(
    server: &Specialist,
    tool: &str,
    arguments: &Map<String, Value>,
    facts: bool,
) -> Reply {
    let stop = CancellationToken::new();
    server.call(tool, arguments.clone(), facts, TIMEOUT, &stop).await.unwrap()
}

/// A testimony in short: where it looked, and what it could not see.
fn heard(testimony: &Testimony) -> String {
    let mut text = String::new();
    for source in &testimony.sources {
        writeln!(text, "{} {}", source.method, source.path).unwrap();
    }
    for look in &testimony.looks {
        let whole = if look.complete { "all" } else { "not all" };
        let place = if look.namespace.is_empty() { "the cluster" } else { &look.namespace };
        writeln!(text, "look: {whole} of {} in {place}", look.kind).unwrap();
    }
    for gap in &testimony.gaps {
        writeln!(text, "gap: {}: {}\n  {}", gap.what, gap.why, gap.remedy).unwrap();
    }
    text
}

/// The key of redactions is another one in each process.
fn stable(text: &str) -> String {
    let mut parts = text.split("hmac=");
    let mut stable = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        write!(stable, "hmac=....{}", part.get(4..).unwrap_or_default()).unwrap();
    }
    stable
}

datatest_stable::harness! {
    { test = page, root = "tests/pages", pattern = r"\.md$" },
}
