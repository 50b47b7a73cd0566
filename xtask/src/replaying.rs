//! A recorded incident, served as the Kubernetes API that it was read from.

use crate::inquest::Inquest;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use tempfile::TempDir;

/// The line that ends the kubeconfig that it prints.
const LAST: &str = "current-context:";

/// A server that ends with this.
#[derive(Debug)]
pub struct Replaying {
    process: Child,
    folder: TempDir,
}

impl Replaying {
    /// Serves what was recorded into an archive.
    pub fn start(inquest: &Inquest, packed: &Path) -> Result<Replaying> {
        let folder = tempfile::tempdir()?;
        let archive = fs::File::open(packed)
            .with_context(|| format!("could not open {}", packed.display()))?;
        let snapshot = folder.path().join("snapshot");
        tar::Archive::new(zstd::Decoder::new(archive)?).unpack(&snapshot)?;
        let snapshot = snapshot.display().to_string();
        let mut command = inquest.command(&["replay", "--snapshot", &snapshot]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let process = command.spawn().context("could not start it")?;
        let mut server = Replaying { process, folder };
        let stdout = server.process.stdout.take().context("no standard output")?;
        let mut page = String::new();
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            page.push_str(&line);
            page.push('\n');
            if line.starts_with(LAST) {
                fs::write(server.kubeconfig(), page)?;
                return Ok(server);
            }
        }
        bail!("it printed no kubeconfig: {page}")
    }

    /// The kubeconfig with which it is asked.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    /// What was recorded beside Kubernetes, as `prometheus/metrics.om`; nothing where there is no such file.
    pub fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join("snapshot").join(name)).unwrap_or_default()
    }
}

impl Drop for Replaying {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
