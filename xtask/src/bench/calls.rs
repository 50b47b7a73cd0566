//! One cheap tool call, over both ways in, against the request to the API server that it makes; and a server at rest.

use super::floor;
use super::heard::Mark;
use super::investigation::Bench;
use super::mcp::{Calls, Door, Pipe};
use super::samples::{Samples, memory};
use super::sheet::{Sheet, number};
use crate::listening::Listening;
use anyhow::{Context, Result, bail};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How many clients call at once, and how often in all.
const CROWDS: [(usize, usize); 2] = [(1, 500), (16, 3_200)];
/// Before anything is measured, connections are opened and kinds discovered.
const TO_WARM_UP: usize = 32;
/// How often a server is started.
const STARTS: usize = 20;

/// Measures calls.
pub(super) fn measure(bench: &Bench<'_>, sheet: &mut Sheet) -> Result<()> {
    let columns = [
        "over",
        "clients",
        "call ms, median",
        "p99",
        "raw GET ms, median",
        "p99",
        "added ms, median",
        "p99",
    ];
    sheet.table("`k8s_get_resources` of one pod by name", &columns);
    let params = params(bench)?;
    let uri = bench.runtime.block_on(what_it_reads(bench, &params))?;
    let url = format!("{}{uri}", bench.cluster.address());
    let request = floor::request(&floor::client(bench.cluster)?, &url);
    for (at_once, count) in CROWDS {
        let calls = Calls { params: params.clone(), at_once, count };
        let raw = bench.runtime.block_on(raw(&request, &calls))?;
        let ours = bench.runtime.block_on(over_stdio(server(bench), &calls))?;
        sheet.row(&row("stdio", at_once, &ours, &raw));
        let ours = bench.runtime.block_on(over_http(server(bench), &calls))?;
        sheet.row(&row("HTTP", at_once, &ours, &raw));
    }
    sheet.note(&format!("The raw request: `GET {uri}`"));
    Ok(())
}

/// Measures a server that has just been started.
pub(super) fn start(bench: &Bench<'_>, sheet: &mut Sheet) -> Result<()> {
    sheet.table(
        "`inquest mcp k8s` at its start",
        &["over", "first answer ms, median", "p90", "idle MB", "of it not mapped from files"],
    );
    let (mut pipes, mut doors) = (Samples::default(), Samples::default());
    let (mut of_pipe, mut of_door) = ([f64::NAN; 2], [f64::NAN; 2]);
    for _ in 0..STARTS {
        let began = Instant::now();
        let pipe = bench.runtime.block_on(Pipe::open(server(bench)))?;
        pipes.add(began.elapsed());
        of_pipe = pipe.pid().map_or(of_pipe, idle);
        let began = Instant::now();
        let (process, _door) = bench.runtime.block_on(listen(server(bench)))?;
        doors.add(began.elapsed());
        of_door = idle(process.pid());
    }
    for (over, samples, [all, own]) in [("stdio", pipes, of_pipe), ("HTTP", doors, of_door)] {
        let row = [
            over.to_owned(),
            sheet.goal(&format!("first answer over {over} in ms"), samples.median(), 50.0),
            number(samples.percentile(90)),
            sheet.goal(&format!("idle memory over {over} in MB"), all, 15.0),
            number(own),
        ];
        sheet.row(&row);
    }
    Ok(())
}

/// Measures the same list again and again, which a server over HTTP keeps up to date by watching.
pub(super) fn kept(bench: &Bench<'_>, sheet: &mut Sheet) -> Result<()> {
    let columns = ["clients", "call ms, median", "p99", "peak MB"];
    sheet.table("`k8s_get_resources` of all pods over HTTP, as they are kept", &columns);
    let params = json!({"name": "k8s_get_resources", "arguments": {"resource_type": "pods"}});
    let (process, door) = bench.runtime.block_on(listen(server(bench)))?;
    // The first call begins to keep the list, and those after it may still read it.
    let first = Calls { params: params.clone(), at_once: 1, count: TO_WARM_UP };
    bench.runtime.block_on(door.call(&first))?;
    for (at_once, count) in CROWDS {
        let mark = Mark::now(bench.cluster)?;
        let mut samples = Samples::default();
        let calls = Calls { params: params.clone(), at_once, count };
        samples.extend(bench.runtime.block_on(door.call(&calls))?);
        if let Some(read) = mark.heard()?.iter().find(|one| one.verb == "list") {
            bail!("a call read {} though it is kept", read.uri);
        }
        let most = samples.percentile(99);
        let peak = memory(process.pid(), "VmHWM").unwrap_or(f64::NAN);
        let most = match at_once {
            1 => sheet.goal("p99 of what is kept in ms", most, 5.0),
            _ => number(most),
        };
        let peak = sheet.goal(&format!("peak memory with {at_once} clients in MB"), peak, 256.0);
        sheet.row(&[at_once.to_string(), number(samples.median()), most, peak]);
    }
    Ok(())
}

/// What a process takes, and what of it would not be there without it: pages of its program are shared with the others
/// that run it.
fn idle(pid: u32) -> [f64; 2] {
    ["VmRSS", "RssAnon"].map(|line| memory(pid, line).unwrap_or(f64::NAN))
}

fn row(over: &str, at_once: usize, ours: &Samples, raw: &Samples) -> [String; 8] {
    let [ours_most, raw_most] = [ours, raw].map(|samples| samples.percentile(99));
    [
        over.to_owned(),
        at_once.to_string(),
        number(ours.median()),
        number(ours_most),
        number(raw.median()),
        number(raw_most),
        number(ours.median() - raw.median()),
        number(ours_most - raw_most),
    ]
}

/// The call: any pod that is well.
fn params(bench: &Bench<'_>) -> Result<Value> {
    let namespace = "team-00";
    let asked = ["get", "pods", "-n", namespace, "-o", "jsonpath={.items[0].metadata.name}"];
    let name = bench.cluster.kubectl(&asked)?;
    let arguments = json!({"resource_type": "pods", "resource_name": name, "namespace": namespace});
    Ok(json!({"name": "k8s_get_resources", "arguments": arguments}))
}

/// The one request that a call makes once the server is warm.
async fn what_it_reads(bench: &Bench<'_>, params: &Value) -> Result<String> {
    let mut pipe = Pipe::open(server(bench)).await?;
    let once = Calls { params: params.clone(), at_once: 1, count: 1 };
    pipe.call(&once).await?;
    let mark = Mark::now(bench.cluster)?;
    pipe.call(&once).await?;
    let heard = mark.heard()?;
    match heard.as_slice() {
        [one] => Ok(one.uri.clone()),
        _ => bail!("a call made {} requests, not one", heard.len()),
    }
}

/// Times one request as often as the calls are made, by as many clients at once.
pub(super) async fn raw(request: &RequestBuilder, calls: &Calls) -> Result<Samples> {
    let mut samples = Samples::default();
    for (count, counts) in [(TO_WARM_UP, false), (calls.count, true)] {
        let mut clients = JoinSet::new();
        for _ in 0..calls.at_once {
            let request = request.try_clone().context("a request with a body that flows")?;
            let count = count / calls.at_once;
            clients.spawn(async move {
                let mut times = Vec::new();
                for _ in 0..count {
                    let again = request.try_clone().context("a request with a body that flows")?;
                    let began = Instant::now();
                    again.send().await?.error_for_status()?.bytes().await?;
                    times.push(began.elapsed());
                }
                Ok::<Vec<Duration>, anyhow::Error>(times)
            });
        }
        while let Some(client) = clients.join_next().await {
            let times = client??;
            samples.extend(times.into_iter().filter(|_| counts));
        }
    }
    Ok(samples)
}

/// Calls a server over its standard input and output.
pub(super) async fn over_stdio(server: Command, calls: &Calls) -> Result<Samples> {
    let mut pipe = Pipe::open(server).await?;
    pipe.call(&Calls { count: TO_WARM_UP, ..calls.clone() }).await?;
    let mut samples = Samples::default();
    samples.extend(pipe.call(calls).await?);
    Ok(samples)
}

/// Calls a server over HTTP.
pub(super) async fn over_http(server: Command, calls: &Calls) -> Result<Samples> {
    let (_process, door) = listen(server).await?;
    door.call(&Calls { count: TO_WARM_UP, ..calls.clone() }).await?;
    let mut samples = Samples::default();
    samples.extend(door.call(calls).await?);
    Ok(samples)
}

async fn listen(mut command: Command) -> Result<(Listening, Door)> {
    // What a call costs is asked, not how many one caller may make.
    command.args(["--http", "127.0.0.1:0", "--rate-limit", "0", "--calls-at-once", "0"]);
    let server = Listening::start(&mut command)?;
    let door = Door::open(server.address).await?;
    Ok((server, door))
}

fn server(bench: &Bench<'_>) -> Command {
    let mut command = bench.inquest.command(&["mcp", "k8s"]);
    command.env("KUBECONFIG", bench.reader);
    command
}
