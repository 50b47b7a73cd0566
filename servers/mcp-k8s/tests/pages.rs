//! Every tool has a page: calls against one small snapshot, and what they answer. `UPDATE=1` writes the answers anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test harness")]

use evidence::fact::Body;
use evidence::testimony::Testimony;
use mcp::client::Specialist;
use mcp::client::reply::Reply;
use mcp_k8s::server::Kubernetes;
use mcp_k8s::tools;
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

/// A page is prose with blocks in it: `call` holds arguments, `answer` what an agent reads then, and `testimony` what
/// the lead hears. `snapshot` names another folder beside this file for the calls that follow.
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
    let mut server = open("snapshot").await;
    let mut arguments = Map::new();
    let mut written = String::new();
    for (position, part) in text.split("~~~").enumerate() {
        if position > 0 {
            written.push_str("~~~");
        }
        let (tag, body) = part.split_once('\n').unwrap_or((part, ""));
        let in_fence = position % 2 == 1;
        match tag {
            "snapshot" if in_fence => {
                server = open(body.trim()).await;
                written.push_str(part);
            }
            "call" if in_fence => {
                arguments = serde_json::from_str(body).unwrap();
                written.push_str(part);
            }
            "answer" if in_fence => {
                let reply = ask(&server, tool, &arguments, false).await;
                let said = reply
                    .failure
                    .map(|it| format!("{}: {}\nhint: {}\n", it.code, it.message, it.hint));
                let said = said.unwrap_or(reply.text);
                write!(written, "answer\n{}", stable(&said)).unwrap();
            }
            "testimony" if in_fence => {
                let reply = ask(&server, tool, &arguments, true).await;
                let said = reply.testimony.map(|it| heard(&it)).unwrap_or_default();
                write!(written, "testimony\n{}", stable(&said)).unwrap();
            }
            _ => written.push_str(part),
        }
    }
    written
}

async fn open(snapshot: &str) -> Specialist {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(snapshot);
    let snapshot = Arc::new(Snapshot::load(&folder).unwrap());
    let (cluster, now) = (snapshot.about.cluster.clone(), snapshot.about.captured_at);
    let wire = Arc::new(replay::kubernetes::Kubernetes::of(snapshot));
    let kubernetes = Kubernetes::replaying(wire, &cluster, now);
    Specialist::in_memory(tools::server(Arc::new(kubernetes))).await.unwrap()
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

/// A testimony in short: what each fact is about, where it looked, and what it could not see.
fn heard(testimony: &Testimony) -> String {
    let mut text = String::new();
    for source in &testimony.sources {
        writeln!(text, "{} {}", source.method, source.path).unwrap();
    }
    for fact in &testimony.facts {
        match &fact.body {
            Body::Event(it) => writeln!(text, "fact: event {} about {}", it.reason, it.subject),
            Body::Log(it) => {
                let run = if it.previous { ", previous run" } else { "" };
                let cut = if it.truncated { ", truncated" } else { "" };
                let (read, lines) = (it.read, it.lines.len());
                writeln!(
                    text,
                    "fact: log of {} in {}/{}{run}: {read} read, {lines} kept{cut}",
                    it.container, it.namespace, it.pod
                )
            }
            body => writeln!(text, "fact: {}", body.entity()),
        }
        .unwrap();
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
