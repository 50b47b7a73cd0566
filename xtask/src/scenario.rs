//! Scenario scripts: incidents made on a real control plane, step by step, so that they can be recorded.

pub mod metrics;
mod play;

use crate::cluster::kubelet::Regarding;
use crate::cluster::kubelet::account::{Account, Said, Workload};
use crate::scenario::metrics::Metrics;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

/// A scenario: a folder somewhere below `tests/scenarios`.
#[derive(Debug)]
pub struct Scenario {
    /// The folder's name.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// What `scenario.yaml` in it says.
    pub script: Script,
}

/// `scenario.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What happens, in one sentence.
    pub title: String,
    /// Whether the recording is bundled with `inquest demo`.
    #[serde(default)]
    pub demo: bool,
    /// The namespace that is recorded; the whole cluster unless it is said.
    pub namespace: Option<String>,
    /// Resources, in the plural, that the identity which records may not read: `events`, `nodes`.
    #[serde(default)]
    pub denied: Vec<String>,
    /// What is done on a fresh cluster, in this order.
    pub steps: Vec<Step>,
}

/// `application.yaml`: how an application that several scenarios share is brought up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// What it is, in one sentence.
    pub title: String,
    /// What is done, in the application's folder.
    pub steps: Vec<Step>,
}

/// One thing that is done.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Brings up the application of this name: the steps of `tests/scenarios/applications/NAME/application.yaml`.
    Application(String),
    /// Runs kubectl, in the scenario's folder, with these words; quotes keep words together.
    Kubectl(String),
    /// The same until it succeeds, for at most three minutes.
    Eventually(String),
    /// Lets time pass: `25m`, `6d`.
    Later(String),
    /// Only these tags of an image repository exist.
    Tags {
        /// `docker.io` is not written.
        repository: String,
        /// The tags that exist.
        tags: Vec<String>,
    },
    /// New pods of this workload are left as the scheduler leaves them, for `kubelet`.
    Hold(Workload),
    /// What the kubelet reports of a workload's pods.
    Kubelet(Box<Account>),
    /// What containers of a workload have written.
    Logs(Box<Log>),
    /// Events about an object that may be gone.
    Events(Box<Events>),
    /// What Prometheus measured until the recording, wherever this stands among the steps.
    Metrics(Box<Metrics>),
    /// What must be seen before the next step; else the scenario is broken.
    Expect(Box<Expectation>),
}

/// `logs`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Whose pods.
    pub pods: Workload,
    /// Only pods in this phase, such as `Pending`: the new ones of a rollout.
    pub only: Option<String>,
    /// Which container; all unless it is said.
    pub container: Option<String>,
    /// The lines, one a second.
    pub lines: String,
    /// The lines of the run before.
    pub previous: Option<String>,
    /// When the last line was written: `5m ago`; now unless it is said.
    pub until: Option<String>,
}

/// `events`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// What the events are about.
    pub regarding: Regarding,
    /// Who says so: `kubelet`, `default-scheduler`, ...
    pub component: String,
    /// What was said.
    pub said: Vec<Said>,
}

/// `expect`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// What kubectl is asked, within three minutes.
    pub kubectl: String,
    /// What it must print.
    pub prints: Vec<String>,
}

impl Scenario {
    /// Reads a scenario from its folder.
    pub fn read(folder: &Path) -> Result<Scenario> {
        let script = document(&folder.join("scenario.yaml"))?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Scenario { name, folder: folder.to_path_buf(), script })
    }

    /// What Prometheus measured.
    pub fn metrics(&self) -> Vec<&Metrics> {
        let mut metrics = Vec::new();
        for step in &self.script.steps {
            if let Step::Metrics(it) = step {
                metrics.push(&**it);
            }
        }
        metrics
    }

    /// All scenarios with a script somewhere below a folder, by name.
    pub fn all(folder: &Path) -> Result<Vec<Scenario>> {
        let mut scenarios = Vec::new();
        for folder in folders(folder)? {
            scenarios.push(Scenario::read(&folder)?);
        }
        scenarios.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(scenarios)
    }

    /// The one of this name somewhere below a folder. The others need not be readable.
    pub fn find(folder: &Path, name: &str) -> Result<Scenario> {
        let found = folders(folder)?.into_iter().find(|it| it.ends_with(name));
        let found = found
            .with_context(|| format!("there is no scenario {name} below {}", folder.display()))?;
        Scenario::read(&found)
    }
}

/// The folders with a script, somewhere below a folder.
fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    if folder.join("scenario.yaml").exists() {
        return Ok(vec![folder.to_path_buf()]);
    }
    let entries = fs::read_dir(folder)
        .with_context(|| format!("there are no scenarios in {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(folders(&path)?);
        }
    }
    Ok(found)
}

/// Reads a document written by hand.
fn document<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text =
        fs::read_to_string(path).with_context(|| format!("there is no {}", path.display()))?;
    serde_saphyr::from_str(&text).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
}
