//! What `kubectl logs` shows of a simulated container.

use super::Cluster;
use super::kubelet::account::Workload;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use std::fs;
use std::path::PathBuf;

/// Lines of a container of every pod of a workload.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    /// Whose pods.
    pub workload: &'a Workload,
    /// Only pods in this phase.
    pub only: Option<&'a str>,
    /// Which container; none means all.
    pub container: Option<&'a str>,
    /// The lines of the present run; one a second, the last one at `until`.
    pub current: &'a str,
    /// The lines of the run before; none if there was none.
    pub previous: Option<&'a str>,
    /// When the last line was written.
    pub until: Timestamp,
}

/// `spec.logs[]` of kwok's `Logs`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    containers: Vec<&'a str>,
    logs_file: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_logs_file: Option<PathBuf>,
}

impl Cluster {
    /// Makes the simulated kubelet answer with these lines; empty text is a log without a line.
    pub fn logs(&self, lines: &Lines<'_>) -> Result<()> {
        fs::create_dir_all(self.folder().join("podlogs"))?;
        for pod in self.pods_of(lines.workload, lines.only)? {
            let name = &pod.metadata.name;
            let previous = lines.previous.map(|text| self.write_log(name, "previous", text, lines));
            let log = Log {
                containers: lines.container.into_iter().collect(),
                logs_file: self.write_log(name, "current", lines.current, lines)?,
                previous_logs_file: previous.transpose()?,
            };
            let object = json!({
                "apiVersion": "kwok.x-k8s.io/v1alpha1",
                "kind": "Logs",
                "metadata": {"namespace": lines.workload.namespace, "name": name},
                "spec": {"logs": [log]},
            });
            self.apply(&object.to_string(), "kwokctl")?;
        }
        Ok(())
    }

    fn write_log(&self, pod: &str, run: &str, text: &str, lines: &Lines<'_>) -> Result<PathBuf> {
        let container = lines.container.unwrap_or("all");
        let file = format!("{}.{pod}.{container}.{run}.log", lines.workload.namespace);
        let path = self.folder().join("podlogs").join(file);
        let count = i64::try_from(text.lines().count())?;
        let mut written = String::new();
        for (number, line) in (1..).zip(text.lines()) {
            let time = lines.until - SignedDuration::from_secs(count - number);
            written.push_str(&format!("{time:.9} stdout F {line}\n"));
        }
        fs::write(&path, written)?;
        Ok(path)
    }
}
