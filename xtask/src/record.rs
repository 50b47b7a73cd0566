//! `cargo xtask record`: plays scenario scripts on a real control plane and records snapshots of them.

use crate::cluster::{Cluster, Lifetime};
use crate::inquest::Inquest;
use crate::scenario::{Scenario, metrics};
use crate::{program, settings};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How many nodes a scenario has.
const NODES: u16 = 3;
/// What is recorded; the rest of a scenario's folder is written by hand.
const RECORDED: &str = "snapshot.tar.zst";
/// The folders in a snapshot that are written of `metrics`.
const MEASURED: [&str; 2] = ["prometheus", "alertmanager"];
/// Where the recordings stand that are bundled with `inquest demo`.
const DEMOS: &str = "servers/inquest/demos";
/// The level of zstd: a demo is packed once and unpacked often.
const LEVEL: i32 = 19;

/// Which scenarios.
#[derive(clap::Args)]
pub struct Arguments {
    /// Names of folders somewhere below tests/scenarios.
    #[arg(required_unless_present = "all")]
    names: Vec<String>,
    /// All that have a scenario.yaml.
    #[arg(long)]
    all: bool,
    /// Only play the steps, each scenario on a fresh cluster, and record nothing.
    #[arg(long)]
    play: bool,
    /// Only write the metrics anew into what was recorded before.
    #[arg(long, conflicts_with = "play")]
    metrics: bool,
    /// The program to capture with; built from this checkout unless it is said.
    #[arg(long, value_name = "PATH")]
    inquest: Option<PathBuf>,
}

/// Records them, one after the other.
pub fn run(arguments: &Arguments) -> Result<()> {
    let scenarios = chosen(arguments)?;
    if arguments.metrics {
        let demos = demos();
        return scenarios.iter().try_for_each(|scenario| {
            measure(scenario, &demos)
                .with_context(|| format!("could not measure {}", scenario.name))
        });
    }
    let inquest = match (&arguments.inquest, arguments.play) {
        (_, true) => None,
        (Some(path), false) => Some(Inquest { path: path.canonicalize()? }),
        (None, false) => Some(Inquest::build()?),
    };
    for scenario in scenarios {
        let began = Instant::now();
        record(&scenario, inquest.as_ref())
            .with_context(|| format!("could not record {}", scenario.name))?;
        program::say(&format!("{}: {} s", scenario.name, began.elapsed().as_secs()));
    }
    Ok(())
}

fn chosen(arguments: &Arguments) -> Result<Vec<Scenario>> {
    let folder = settings::repository().join("tests/scenarios");
    if arguments.all {
        return Scenario::all(&folder);
    }
    arguments.names.iter().map(|name| Scenario::find(&folder, name)).collect()
}

fn record(scenario: &Scenario, inquest: Option<&Inquest>) -> Result<()> {
    if !scenario.folder.join("truth.yaml").exists() {
        bail!("write truth.yaml first: what is right is decided before the engine is asked");
    }
    let folder = tempfile::tempdir()?;
    let cluster = Cluster::start(&folder.path().join("cluster"), NODES, Lifetime::Ours)?;
    scenario.play(&cluster)?;
    let Some(inquest) = inquest else { return Ok(()) };
    let snapshot = folder.path().join("snapshot");
    let reader = inquest.reader(&cluster, &scenario.script.denied)?;
    inquest.capture(&reader, scenario.script.namespace.as_deref(), &snapshot)?;
    metrics::write(&scenario.metrics(), &scenario.folder, &snapshot)?;
    keep(scenario, &snapshot, &demos())
}

/// Writes the metrics of a recorded scenario anew; there are none where it has no such step any more.
fn measure(scenario: &Scenario, demos: &Path) -> Result<()> {
    let packed = scenario.folder.join(RECORDED);
    let folder = tempfile::tempdir()?;
    let archive = zstd::decode_all(fs::File::open(&packed)?)?;
    tar::Archive::new(archive.as_slice()).unpack(folder.path())?;
    for measured in MEASURED.map(|name| folder.path().join(name)) {
        if measured.is_dir() {
            fs::remove_dir_all(measured)?;
        }
    }
    metrics::write(&scenario.metrics(), &scenario.folder, folder.path())?;
    keep(scenario, folder.path(), demos)
}

fn demos() -> PathBuf {
    settings::repository().join(DEMOS)
}

/// Packs a snapshot as what was recorded of a scenario, and as a demo if it is one.
fn keep(scenario: &Scenario, snapshot: &Path, demos: &Path) -> Result<()> {
    let packed = scenario.folder.join(RECORDED);
    pack(snapshot, &packed)?;
    if scenario.script.demo {
        fs::copy(&packed, demos.join(format!("{}.tar.zst", scenario.name)))?;
    }
    Ok(())
}

/// Packs a snapshot so that the same files always give the same bytes.
fn pack(folder: &Path, to: &Path) -> Result<()> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    files.sort();
    let mut archive = tar::Builder::new(Vec::new());
    archive.mode(tar::HeaderMode::Deterministic);
    for file in files {
        archive.append_path_with_name(&file, file.strip_prefix(folder)?)?;
    }
    let packed = zstd::bulk::compress(&archive.into_inner()?, LEVEL)?;
    fs::write(to, packed).with_context(|| format!("could not write {}", to.display()))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scenario that is a demo and measures nothing, and was recorded with metrics before.
    fn recorded_with_metrics(folder: &Path) -> Scenario {
        let snapshot = folder.join("before");
        for name in ["snapshot.yaml", "prometheus/metrics.om", "alertmanager/alerts.json"] {
            fs::create_dir_all(snapshot.join(name).parent().unwrap()).unwrap();
            fs::write(snapshot.join(name), "").unwrap();
        }
        fs::write(folder.join("scenario.yaml"), "title: Nothing.\ndemo: true\nsteps: []\n")
            .unwrap();
        let scenario = Scenario::read(folder).unwrap();
        fs::create_dir(folder.join("demos")).unwrap();
        pack(&snapshot, &folder.join(RECORDED)).unwrap();
        scenario
    }

    fn packed(archive: &Path) -> Vec<String> {
        let archive = zstd::decode_all(fs::File::open(archive).unwrap()).unwrap();
        let mut archive = tar::Archive::new(archive.as_slice());
        let entries = archive.entries().unwrap();
        entries.map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
    }

    #[test]
    fn metrics_that_a_scenario_has_no_more_are_taken_out_of_its_recording_and_its_demo() {
        let folder = tempfile::tempdir().unwrap();
        let scenario = recorded_with_metrics(folder.path());
        let demos = folder.path().join("demos");
        measure(&scenario, &demos).unwrap();
        assert_eq!(packed(&folder.path().join(RECORDED)), ["snapshot.yaml"]);
        assert_eq!(packed(&demos.join(format!("{}.tar.zst", scenario.name))), ["snapshot.yaml"]);
    }
}
