//! `cargo xtask bench`: how fast, how frugal and how small, on a real control plane, beside the goals.

mod calls;
mod engine;
mod floor;
mod heard;
mod investigation;
mod load;
pub(crate) mod mcp;
mod metrics;
mod peers;
mod relay;
mod samples;
mod sheet;

use crate::cluster::Lifetime;
use crate::inquest::{Inquest, READER};
use crate::{image, program, settings};
use anyhow::{Result, bail};
use investigation::Bench;
use samples::Samples;
use sheet::{Sheet, number};
use std::path::PathBuf;
use std::process::Command;

/// How often a demo is run.
const DEMOS: usize = 10;

/// What the floor is.
const FLOOR: &str = "\
The floor is a bare HTTP client with the same certificate that asks for the same paths, all of a round at once. Goals: \
wall time ≤ 2.0 x the floor, and ≤ 3.0 x the floor that also decodes.";

/// What to measure.
#[derive(clap::Args)]
pub struct Arguments {
    /// Sizes of the cluster.
    #[arg(long, value_delimiter = ',', default_values_t = [100, 1_000, 10_000])]
    pods: Vec<usize>,
    /// How often each investigation and its floor are measured.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Fail if a goal is missed.
    #[arg(long)]
    check: bool,
    /// Keep the cluster running in this folder, and go on with one that is there.
    #[arg(long, value_name = "PATH")]
    folder: Option<PathBuf>,
    /// The program to measure; built from this checkout unless it is said.
    #[arg(long, value_name = "PATH")]
    inquest: Option<PathBuf>,
    /// What to measure it against; the floor unless it is said.
    against: Option<Against>,
}

/// What to measure against.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Against {
    /// Other servers that people use, on the largest of the sizes.
    Peers,
    /// The same queries to Prometheus itself.
    Metrics,
}

/// Measures everything and prints the tables.
pub fn run(arguments: &Arguments) -> Result<()> {
    if cfg!(debug_assertions) {
        // The floor would be slow for no reason but our own profile.
        return again_optimised();
    }
    let inquest = match &arguments.inquest {
        Some(path) => Inquest { path: path.canonicalize()? },
        None => build()?,
    };
    let mut sheet = Sheet::default();
    if arguments.against.is_none() {
        engine::measure(&mut sheet)?;
        demo(&inquest, &mut sheet)?;
    }
    let measured = match arguments.against {
        Some(Against::Metrics) => metrics::measure(&inquest, &mut sheet),
        Some(Against::Peers) | None => on_a_cluster(arguments, &inquest, &mut sheet),
    };
    // What was measured before a failure took minutes.
    program::print(sheet.text())?;
    measured?;
    for missed in &sheet.missed {
        program::say(&format!("MISSED {missed}"));
    }
    if arguments.check && !sheet.missed.is_empty() {
        bail!("{} goals were missed", sheet.missed.len());
    }
    Ok(())
}

/// Builds the program of the image.
fn build() -> Result<Inquest> {
    image::build(&[])?;
    Inquest::in_image()
}

/// Runs the optimised build of this program with the same arguments.
fn again_optimised() -> Result<()> {
    let mut command = Command::new(settings::cargo());
    command.current_dir(settings::repository());
    command.args(["run", "--quiet", "--release", "--package", "xtask", "--"]);
    program::run(command.args(std::env::args_os().skip(1)))
}

fn on_a_cluster(arguments: &Arguments, inquest: &Inquest, sheet: &mut Sheet) -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let (folder, lifetime) = match &arguments.folder {
        Some(folder) => (folder.clone(), Lifetime::Detached),
        None => (temporary.path().join("cluster"), Lifetime::Ours),
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let cluster = load::start(&folder, lifetime)?;
    let reader = match cluster.folder().join(format!("{READER}.kubeconfig")) {
        there if there.exists() => there,
        _ => inquest.reader(&cluster, &[])?,
    };
    let bench = Bench {
        cluster: &cluster,
        inquest,
        reader: &reader,
        runtime: &runtime,
        runs: arguments.runs,
    };
    let mut sizes = arguments.pods.clone();
    sizes.sort_unstable();
    if arguments.against == Some(Against::Peers) {
        load::grow(&cluster, sizes.last().copied().unwrap_or_default(), peers::CROWD)?;
        return peers::measure(&bench, sheet);
    }
    investigation::table(sheet);
    for pods in sizes {
        load::grow(&cluster, pods, 0)?;
        investigation::measure(&bench, pods, sheet)?;
    }
    sheet.note(FLOOR);
    calls::measure(&bench, sheet)?;
    calls::kept(&bench, sheet)?;
    calls::start(&bench, sheet)
}

/// From the start of the process to the report.
fn demo(inquest: &Inquest, sheet: &mut Sheet) -> Result<()> {
    sheet.table("`demo` from start to report", &["ms, median", "longest"]);
    let listed = program::output(&mut inquest.command(&["demo", "--list"]))?;
    if listed.trim().is_empty() {
        program::say("SKIPPED demo: no incident is bundled");
        sheet.note("SKIPPED: no incident is bundled");
        return Ok(());
    }
    let mut samples = Samples::default();
    for _ in 0..DEMOS {
        samples.add(investigation::time(&mut inquest.command(&["demo"]))?);
    }
    let median = sheet.goal("demo in ms", samples.median(), 300.0);
    sheet.row(&[median, number(samples.percentile(100))]);
    Ok(())
}
