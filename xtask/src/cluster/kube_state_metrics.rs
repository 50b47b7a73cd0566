//! kube-state-metrics beside a cluster: its objects as metrics.

use super::api::Api;
use super::{Cluster, PATIENCE, ports};
use crate::install::component;
use crate::program;
use anyhow::{Result, bail};
use std::process::Command;

const NAME: &str = component::KUBE_STATE_METRICS.name;

impl Cluster {
    /// Starts kube-state-metrics and waits until it answers; `HOST:PORT` where it is scraped. It is built if it is not there.
    pub fn kube_state_metrics(&self) -> Result<String> {
        self.cache.install(&[component::KUBE_STATE_METRICS])?;
        let mut command = Command::new(self.cache.program(NAME));
        command.arg(format!("--kubeconfig={}", self.admin().display()));
        command.args(["--host=127.0.0.1", "--telemetry-host=127.0.0.1"]);
        let port = self.port + ports::KUBE_STATE_METRICS;
        command.arg(format!("--port={port}")).arg(format!("--telemetry-port={}", port + 1));
        self.processes().start(NAME, &mut command)?;
        let target = format!("127.0.0.1:{port}");
        let api = Api::at(&format!("http://{target}"))?;
        program::retry(PATIENCE, || match api.get("/metrics", "*/*")? {
            (200, _) => Ok(()),
            (status, said) => bail!("{NAME} answers {status}: {said}"),
        })?;
        Ok(target)
    }
}
