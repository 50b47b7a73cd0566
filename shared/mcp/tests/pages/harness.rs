//! Every tool of a server has a page: calls against small snapshots, and what they answer. `UPDATE=1` writes the answers
//! anew.
//!
//! A page is prose with blocks in it: `call` holds arguments, `answer` what an agent reads then, and `testimony` what the
//! lead hears. `snapshot` names another folder of objects for what follows; `call without secrets` is one by an identity
//! that may not list these.

use evidence::fact::Body;
use evidence::testimony::Testimony;
use mcp::client::Specialist;
use mcp::client::reply::Reply;
use replay::snapshot::Snapshot;
use replay::snapshot::about::Source;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Far more than any call takes.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Where a page names no other.
const FOLDER: &str = "snapshot";
/// Stands before what an identity may not list.
const DENIED: &str = "call without ";

/// Holds a page to what its tool answers; `open` makes the server over a snapshot, whose folder it is given as well.
pub(crate) fn hold(
    path: &Path,
    text: String,
    open: impl AsyncFn(Snapshot, &Path) -> Specialist,
) -> datatest_stable::Result<()> {
    let tool = path.file_stem().unwrap().to_str().unwrap();
    assert_eq!(text.lines().next(), Some(format!("# {tool}").as_str()), "the page's first line");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let written = runtime.block_on(answered(tool, &text, open));
    if option_env!("UPDATE").is_some() {
        fs::write(path, written)?;
        return Ok(());
    }
    assert_eq!(text, written, "the page of {tool}; UPDATE=1 writes it anew");
    Ok(())
}

/// The page as it should be: its blocks filled in with what the tool answers.
async fn answered(
    tool: &str,
    text: &str,
    open: impl AsyncFn(Snapshot, &Path) -> Specialist,
) -> String {
    let mut folder = FOLDER;
    let mut server = None;
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
                let reply = ask(server.as_ref().unwrap(), tool, &arguments, false).await;
                let said = reply
                    .failure
                    .map(|it| format!("{}: {}\nhint: {}\n", it.code, it.message, it.hint));
                let said = said.unwrap_or(reply.text);
                write!(written, "answer\n{}", stable(&said)).unwrap();
            }
            "testimony" => {
                let reply = ask(server.as_ref().unwrap(), tool, &arguments, true).await;
                let said = reply.testimony.map(|it| heard(&it)).unwrap_or_default();
                write!(written, "testimony\n{}", stable(&said)).unwrap();
            }
            "snapshot" => {
                folder = body.trim();
                written.push_str(part);
            }
            call => {
                let denied = call.strip_prefix(DENIED).unwrap_or_default();
                let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
                server = Some(open(snapshot(&place, denied), &place).await);
                arguments = serde_json::from_str(body).unwrap();
                written.push_str(part);
            }
        }
    }
    written
}

/// The snapshot in a folder, of which some kinds could not be read.
fn snapshot(folder: &Path, denied: &str) -> Snapshot {
    let mut snapshot = Snapshot::load(folder).unwrap();
    for plural in denied.split_whitespace() {
        let reason = Some("the identity may not list them".to_owned());
        let source = Source { available: false, reason, left_out: None };
        snapshot.about.sources.insert(plural.to_owned(), source);
    }
    snapshot
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
