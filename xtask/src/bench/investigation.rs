//! A whole investigation of a cluster, against the floor.

use super::floor::{self, Reading, Rounds};
use super::heard::Mark;
use super::load::{BROKEN, CAUSE};
use super::samples::{self, Samples};
use super::sheet::{Sheet, number};
use crate::cluster::Cluster;
use crate::inquest::Inquest;
use crate::program;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// What is asked: it names no namespace.
const QUESTION: &str = "what is broken in this cluster?";
/// Between two looks at a process's memory.
const BLINK: Duration = Duration::from_millis(1);

/// What is measured on a cluster.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) inquest: &'a Inquest,
    pub(super) reader: &'a Path,
    pub(super) runtime: &'a Runtime,
    pub(super) runs: usize,
}

/// Begins the table that `measure` adds a row to.
pub(super) fn table(sheet: &mut Sheet) {
    let columns = [
        "pods",
        "inquest ms",
        "floor ms",
        "ratio",
        "floor, decoded ms",
        "ratio to decoded",
        "requests",
        "MB read",
        "peak MB",
        "tokens",
        "verdict",
    ];
    sheet.table("`investigate`, the broken namespace not named", &columns);
}

/// Measures one size: inquest, the bare floor and the decoded floor in turn.
pub(super) fn measure(bench: &Bench<'_>, pods: usize, sheet: &mut Sheet) -> Result<()> {
    let mark = Mark::now(bench.cluster)?;
    let verdict = verdict(bench)?;
    let heard = mark.heard()?;
    let rounds = Rounds::of(&heard);
    program::say(&format!(
        "{pods} pods: {} requests in rounds of {:?}",
        heard.len(),
        rounds.widths()
    ));
    let (mut ours, mut bare, mut decoded) = Default::default();
    let mut bytes = 0;
    for _ in 0..bench.runs {
        Samples::add(&mut ours, time(&mut investigate(bench, "text"))?);
        let floor = |reading| bench.runtime.block_on(floor::fetch(bench.cluster, &rounds, reading));
        let (time, size) = floor(Reading::Bare)?;
        Samples::add(&mut bare, time);
        bytes = size;
        Samples::add(&mut decoded, floor(Reading::Decoded)?.0);
    }
    let requests = u32::try_from(heard.len())?;
    let tokens = u32::try_from(tokens(&program::output(&mut investigate(bench, "text"))?)?)?;
    let peak = peak(&mut investigate(bench, "text"))?;
    let (ours, bare, decoded) = (ours.median(), bare.median(), decoded.median());
    let of = |what: &str| format!("{what} at {pods} pods");
    let row = [
        pods.to_string(),
        number(ours),
        number(bare),
        sheet.goal(&of("ratio to the floor"), ours / bare, 2.0),
        number(decoded),
        sheet.goal(&of("ratio to the floor with decoding"), ours / decoded, 3.0),
        sheet.goal(&of("requests"), f64::from(requests), 25.0),
        number(f64::from(u32::try_from(bytes)?) / 1e6),
        sheet.goal(&of("peak memory in MB"), peak, 96.0),
        sheet.goal(&of("tokens of the report"), f64::from(tokens), 2500.0),
        verdict,
    ];
    sheet.row(&row);
    Ok(())
}

fn investigate(bench: &Bench<'_>, format: &str) -> Command {
    let mut command = bench.inquest.command(&["investigate", QUESTION, "--format", format]);
    command.env("KUBECONFIG", bench.reader);
    command
}

/// What is found; numbers of an investigation that finds nothing are worth nothing.
fn verdict(bench: &Bench<'_>) -> Result<String> {
    let printed = program::output(&mut investigate(bench, "json"))?;
    let report: Value = serde_json::from_str(&printed).context("the report is no JSON")?;
    let text = |pointer: &str| report.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let mode = text("/root_causes/0/failure_mode");
    let namespace = text("/root_causes/0/subject/namespace");
    if (mode, namespace) != (CAUSE, BROKEN) {
        bail!(
            "the verdict is {:?}: {mode} in {namespace}, not {CAUSE} in {BROKEN}",
            text("/verdict")
        );
    }
    Ok(format!("{mode} in {namespace}"))
}

/// From the start of a program to its end.
pub(super) fn time(command: &mut Command) -> Result<Duration> {
    let began = Instant::now();
    program::output(command)?;
    Ok(began.elapsed())
}

/// The most memory that a program takes: the kernel keeps it, and it is gone with the program.
fn peak(command: &mut Command) -> Result<f64> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak = f64::NAN;
    while child.try_wait()?.is_none() {
        peak = samples::memory(child.id(), "VmHWM").unwrap_or(peak);
        std::thread::sleep(BLINK);
    }
    Ok(peak)
}

/// Tokens of a text, as o200k counts them.
pub(super) fn tokens(text: &str) -> Result<usize> {
    Ok(tiktoken_rs::o200k_base()?.encode_ordinary(text).len())
}
