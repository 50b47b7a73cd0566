//! What `kubectl logs` shows of a simulated container.

use super::Cluster;
use super::kubelet::Workload;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
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

impl Cluster {
    /// Makes the simulated kubelet answer with these lines; empty text is a log without a line.
    pub fn logs(&self, lines: &Lines<'_>) -> Result<()> {
        fs::create_dir_all(self.folder().join("podlogs"))?;
        for pod in self.pods_of(lines.workload)? {
            if !pod.is_in(lines.only) {
                continue;
            }
            let name = pod.name()?;
            let mut log = json!({"logsFile": self.write_log(&name, "current", lines.current, lines)?});
            if let Some(container) = lines.container {
                log["containers"] = json!([container]);
            }
            if let Some(previous) = lines.previous {
                let path = self.write_log(&name, "previous", previous, lines)?;
                log["previousLogsFile"] = json!(path);
            }
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
        let namespace = &lines.workload.namespace;
        let file = format!("{namespace}.{pod}.{container}.{run}.log");
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
