//! A snapshot: what a cluster looked like at one moment, as it was read.

pub mod about;
pub mod alertmanager;
mod document;
pub mod error;
pub mod exchanges;
mod files;
mod identity;
pub mod log;
pub mod metrics;
pub mod object;
pub mod resources;
pub mod rules;

use crate::snapshot::about::{API_VERSION, About};
use crate::snapshot::alertmanager::Alertmanager;
use crate::snapshot::error::LoadError;
use crate::snapshot::exchanges::Exchanges;
use crate::snapshot::files::Files;
use crate::snapshot::log::Logs;
use crate::snapshot::metrics::Metrics;
use crate::snapshot::object::Objects;
use crate::truth::Truth;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::Path;

/// What a scenario keeps its snapshot in.
const PACKED: &str = "snapshot.tar.zst";

/// Folders whose files are read whole, into fields of their own.
const SERVED: [&str; 5] = ["kubernetes/", "logs/", "prometheus/", "alertmanager/", "http/"];

/// A snapshot in memory.
#[derive(Debug)]
pub struct Snapshot {
    /// `snapshot.yaml`: where and when; `about.captured_at` is the frozen now.
    pub about: About,
    /// The Kubernetes objects.
    pub objects: Objects,
    /// What containers logged.
    pub logs: Logs,
    /// What Prometheus had measured; none if that was not recorded.
    pub metrics: Option<Metrics>,
    /// The rules of Prometheus; none if they were not recorded.
    pub rules: Option<Vec<rules::Group>>,
    /// What Alertmanager said.
    pub alertmanager: Alertmanager,
    /// What was exchanged with each other system.
    pub exchanges: Exchanges,
    /// The right answer, in a scenario.
    pub truth: Option<Truth>,
    /// Every other file by its path: the parts of systems that are not served yet, and alerts.
    pub aside: BTreeMap<String, Bytes>,
}

impl Snapshot {
    /// Reads a directory, a `.tar.zst` file, or the folder of a scenario with one in it.
    ///
    /// # Errors
    /// One line that names the file, and the line in it where there is one.
    pub fn load(path: &Path) -> Result<Snapshot, LoadError> {
        let name = path.display().to_string();
        let packed = path.join(PACKED);
        if path.is_dir() && !packed.is_file() {
            return Snapshot::of_files(&name, files::of_directory(path)?);
        }
        if path.is_dir() {
            // A scenario: what is right stands beside what was recorded.
            let mut files = files::of_archive(&name, open(&packed)?)?;
            if let Ok(truth) = std::fs::read(path.join("truth.yaml")) {
                files.insert("truth.yaml".to_owned(), Bytes::from(truth));
            }
            return Snapshot::of_files(&name, files);
        }
        Snapshot::of_files(&name, files::of_archive(&name, open(path)?)?)
    }

    /// Reads the bytes of a `.tar.zst` file; `name` stands for it in messages.
    ///
    /// # Errors
    /// As [`Snapshot::load`].
    pub fn unpack(name: &str, archive: &[u8]) -> Result<Snapshot, LoadError> {
        Snapshot::of_files(name, files::of_archive(name, archive)?)
    }

    fn of_files(name: &str, mut files: Files) -> Result<Snapshot, LoadError> {
        let Some(about) = files.remove("snapshot.yaml") else {
            return Err(LoadError::new(name, "is not a snapshot: it has no snapshot.yaml"));
        };
        let about = read_about(&about)?;
        let truth = match files.remove("truth.yaml") {
            Some(truth) => Some(document::document::<Truth>("truth.yaml", &truth)?),
            None => None,
        };
        let objects = Objects::read(&files)?;
        let logs = log::read(&files)?;
        let metrics = metrics::read(&files)?;
        let rules = rules::read(&files)?;
        if rules.is_some() && metrics.is_none() {
            let reason = "cannot be judged: there is no prometheus/*.om beside it";
            return Err(LoadError::new(rules::FILE, reason));
        }
        let alertmanager = alertmanager::read(&files)?;
        let exchanges = exchanges::read(&files)?;
        files.retain(|path, _| !SERVED.iter().any(|folder| path.starts_with(folder)));
        Ok(Snapshot {
            about,
            objects,
            logs,
            metrics,
            rules,
            alertmanager,
            exchanges,
            truth,
            aside: files,
        })
    }
}

fn open(path: &Path) -> Result<std::fs::File, LoadError> {
    std::fs::File::open(path)
        .map_err(|error| LoadError::new(&path.display().to_string(), error.to_string()))
}

fn read_about(bytes: &[u8]) -> Result<About, LoadError> {
    let about: About = document::document("snapshot.yaml", bytes)?;
    let refuse = |reason: String| Err(LoadError::new("snapshot.yaml", reason));
    if about.api_version != API_VERSION {
        return refuse(format!("apiVersion is {:?}, not {API_VERSION:?}", about.api_version));
    }
    if about.kind != "Snapshot" {
        return refuse(format!("kind is {:?}, not \"Snapshot\"", about.kind));
    }
    if about.window.is_some_and(|window| window.start > window.end) {
        return refuse("window.start is after window.end".to_owned());
    }
    Ok(about)
}
