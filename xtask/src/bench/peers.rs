//! The same questions to our server and to another one, over stdio, on the same API server in the same run.

use super::floor::{self, Reading, Rounds};
use super::heard::Mark;
use super::investigation::{Bench, tokens};
use super::load;
use super::mcp::{Calls, Pipe};
use super::relay::Relay;
use super::samples::{Samples, memory};
use super::sheet::{Sheet, number};
use crate::install::Cache;
use crate::npm;
use crate::program;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;

/// The other server, from npm, which brings its binary.
const PACKAGE: &str = "kubernetes-mcp-server@0.0.67";
/// Its folder in the cache.
const FOLDER: &str = "kubernetes-mcp-server";
/// Where the binary is in it.
const BINARY: &str =
    "node_modules/kubernetes-mcp-server-linux-amd64/bin/kubernetes-mcp-server-linux-amd64";
/// How often each question is asked.
const CALLS: usize = 15;
/// The pods of the namespace that has many.
pub(super) const CROWD: usize = 1_000;
/// The bytes of the log that is long.
const LOG: usize = 50_000_000;

/// One question in the words of both.
struct Question {
    what: &'static str,
    ours: Value,
    theirs: Value,
}

/// What one server made of a question.
struct Answered {
    times: Samples,
    tokens: usize,
    peak: f64,
    /// From the API server for the first call, with what a server reads once.
    received: u64,
}

/// Asks both servers everything.
pub(super) fn measure(bench: &Bench<'_>, sheet: &mut Sheet) -> Result<()> {
    let theirs = installed()?;
    load::crowd(bench.cluster, CROWD)?;
    load::chatty(bench.cluster, LOG)?;
    let relay = bench.runtime.block_on(Relay::open(&bench.cluster.address(), bench.reader))?;
    let title = format!("`mcp-k8s` and `{PACKAGE}`, medians of {CALLS} calls over stdio");
    sheet.table(
        &title,
        &[
            "question",
            "ours ms",
            "the same requests, bare ms",
            "theirs ms",
            "our tokens",
            "their tokens",
            "theirs / ours",
            "our peak MB",
            "their peak MB",
            "our MB read",
            "their MB read",
        ],
    );
    for question in questions(bench)? {
        let mut command = bench.inquest.command(&["mcp", "k8s"]);
        command.env("KUBECONFIG", &relay.kubeconfig);
        let ours = bench.runtime.block_on(asked(command, &question.ours, &relay));
        let ours = ours.with_context(|| format!("ours: {}", question.what))?;
        let bare = bench.runtime.block_on(bare(bench, &question.ours));
        let bare = bare.with_context(|| format!("bare: {}", question.what))?;
        let mut command = Command::new(&theirs);
        command.args(["--read-only", "--toolsets", "core"]).env("KUBECONFIG", &relay.kubeconfig);
        let theirs = bench.runtime.block_on(asked(command, &question.theirs, &relay));
        let theirs = theirs.with_context(|| format!("theirs: {}", question.what))?;
        let [own, other] = [ours.tokens, theirs.tokens].map(|it| it as f64);
        sheet.row(&[
            question.what.to_owned(),
            number(ours.times.median()),
            number(bare.median()),
            number(theirs.times.median()),
            ours.tokens.to_string(),
            theirs.tokens.to_string(),
            number(other / own),
            number(ours.peak),
            number(theirs.peak),
            number(ours.received as f64 / 1e6),
            number(theirs.received as f64 / 1e6),
        ]);
    }
    let size =
        |path: &PathBuf| Ok::<f64, anyhow::Error>(std::fs::metadata(path)?.len() as f64 / 1e6);
    let (own, other) = (size(&bench.inquest.path)?, size(&theirs)?);
    sheet.note(&format!("The programs are {} MB and {} MB.", number(own), number(other)));
    Ok(())
}

fn installed() -> Result<PathBuf> {
    let cache = Cache::of_the_user()?;
    npm::install(&cache, FOLDER, PACKAGE)?;
    let binary = cache.folder.join(FOLDER).join(BINARY);
    binary.is_file().then_some(binary).with_context(|| format!("{PACKAGE} has no {BINARY}"))
}

fn questions(bench: &Bench<'_>) -> Result<Vec<Question>> {
    let first = ["get", "pods", "-n", load::CROWDED, "-o", "jsonpath={.items[0].metadata.name}"];
    let (crowded, pod) = (load::CROWDED, bench.cluster.kubectl(&first)?);
    let chatty = load::CHATTY;
    let talker = bench.cluster.kubectl(&first.map(|it| if it == crowded { chatty } else { it }))?;
    let one = |tool: &str, ours: Value| json!({"name": tool, "arguments": ours});
    let named = json!({"resource_type": "pods", "resource_name": pod, "namespace": crowded});
    let get = one("pods_get", json!({"name": pod, "namespace": crowded}));
    Ok(vec![
        Question {
            what: "pods of a namespace of 1,000",
            ours: one("k8s_get_resources", json!({"resource_type": "pods", "namespace": crowded})),
            theirs: one("pods_list_in_namespace", json!({"namespace": crowded})),
        },
        Question {
            what: "pods of all namespaces",
            ours: one(
                "k8s_get_resources",
                json!({"resource_type": "pods", "all_namespaces": true}),
            ),
            theirs: one("pods_list", json!({})),
        },
        Question {
            what: "one pod",
            ours: one("k8s_get_resources", named.clone()),
            theirs: get.clone(),
        },
        Question {
            what: "one pod, described",
            ours: one("k8s_describe_resource", named),
            theirs: get,
        },
        Question {
            what: "events of a namespace",
            ours: one("k8s_get_events", json!({"namespace": crowded})),
            theirs: one("events_list", json!({"namespace": crowded})),
        },
        Question {
            what: "end of a log of 50 MB",
            ours: one(
                "k8s_get_pod_logs",
                json!({"pod_name": talker, "namespace": chatty, "container": "app"}),
            ),
            theirs: one(
                "pods_log",
                json!({"name": talker, "namespace": chatty, "container": "app"}),
            ),
        },
    ])
}

/// The requests that one call makes once our server is warm, by a client that is.
async fn bare(bench: &Bench<'_>, params: &Value) -> Result<Samples> {
    let mut command = bench.inquest.command(&["mcp", "k8s"]);
    command.env("KUBECONFIG", bench.reader);
    let mut server = Pipe::open(command).await?;
    let once = Calls { params: params.clone(), at_once: 1, count: 1 };
    server.call(&once).await?;
    let mark = Mark::now(bench.cluster)?;
    server.call(&once).await?;
    let rounds = Rounds::of(&mark.heard()?);
    let client = floor::client(bench.cluster)?;
    let mut samples = Samples::default();
    for count in 0..=CALLS {
        let (time, _) = floor::fetch_by(&client, bench.cluster, &rounds, Reading::Bare).await?;
        // The first one opens the connections.
        if count > 0 {
            samples.add(time);
        }
    }
    Ok(samples)
}

/// Asks a server of its own, so that its peak is of this question.
async fn asked(command: Command, params: &Value, relay: &Relay) -> Result<Answered> {
    relay.received();
    let mut server = Pipe::open(command).await?;
    let text = server.text(params).await?;
    let received = relay.received();
    let calls = Calls { params: params.clone(), at_once: 1, count: CALLS };
    let mut times = Samples::default();
    times.extend(server.call(&calls).await?);
    let pid = server.pid().context("the server has ended")?;
    let peak = memory(pid, "VmHWM").context("no memory")?;
    program::say(&format!(
        "{}: {} characters",
        params.get("name").unwrap_or(&Value::Null),
        text.len()
    ));
    Ok(Answered { times, tokens: tokens(&text)?, peak, received })
}
