//! A real Kubernetes control plane without containers, on loopback ports; several may run side by side.

pub mod api;
pub mod audit;
mod certificates;
mod control_plane;
mod etcd;
mod kube_state_metrics;
pub mod kubelet;
pub mod later;
mod nodes;
pub mod pod_logs;
pub(crate) mod ports;
pub(crate) mod process;
mod stages;

use crate::install::Cache;
use crate::install::component;
use crate::program;
use anyhow::{Context, Result};
use certificates::Authority;
use process::Processes;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long anything in the cluster may take to become ready, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(180);

/// Whether the servers outlive the program that started them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// They end with the `Cluster`, and with Ctrl-C.
    Ours,
    /// They go on until `Cluster::stop`.
    Detached,
}

/// A running control plane with simulated nodes.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    cache: Cache,
    port: u16,
    lifetime: Lifetime,
}

impl Cluster {
    /// Starts etcd, the API server, the controller manager, the scheduler and `nodes` simulated nodes, and waits until
    /// they are ready. What is not built is built first. `folder` keeps their data, logs and kubeconfigs; starting
    /// again in the same folder goes on with its data.
    pub fn start(folder: &Path, nodes: u16, lifetime: Lifetime) -> Result<Cluster> {
        let cache = Cache::of_the_user()?;
        cache.install(component::ALL)?;
        std::fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let port = ports::block_of(&folder, &cache)?;
        let cluster = Cluster { folder, cache, port, lifetime };
        certificates::write_all(&cluster)?;
        audit::write_policy(&cluster.folder)?;
        let started = control_plane::start(&cluster)
            .and_then(|()| nodes::start(&cluster, nodes))
            .and_then(|()| cluster.processes().all_alive());
        match started {
            Ok(()) => Ok(cluster),
            Err(error) => {
                let error = cluster.processes().explain(error);
                cluster.stop();
                Err(error)
            }
        }
    }

    /// The cluster that was started detached in a folder.
    pub fn open(folder: &Path) -> Result<Cluster> {
        let folder = folder
            .canonicalize()
            .with_context(|| format!("there is no cluster in {}", folder.display()))?;
        let cache = Cache::of_the_user()?;
        let port = ports::known(&folder)?;
        Ok(Cluster { folder, cache, port, lifetime: Lifetime::Detached })
    }

    /// Stops its servers; the folder stays.
    pub fn stop(&self) {
        self.processes().stop_all();
    }

    /// The folder of its data, logs and kubeconfigs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address of the API server.
    pub fn address(&self) -> String {
        format!("https://127.0.0.1:{}", self.api_port())
    }

    /// A loopback port where a test may start a server that others must know before.
    pub fn spare_port(&self) -> u16 {
        self.port + ports::SPARE
    }

    /// The kubeconfig of the administrator.
    pub fn admin(&self) -> PathBuf {
        self.folder.join("admin.kubeconfig")
    }

    /// One line for each of its servers: name, process, memory.
    pub fn status(&self) -> Vec<String> {
        self.processes().status()
    }

    /// A kubeconfig for a user with a client certificate and no rights but those bound to its name or group.
    pub fn user(&self, name: &str, group: Option<&str>) -> Result<PathBuf> {
        let authority = Authority::open(&self.folder.join("pki"), "ca")?;
        // A service account's name has colons, which are awkward in file names.
        let file = name.replace(':', "-");
        let identity = authority.issue(&file, name, group, &[])?;
        let path = self.folder.join(format!("{file}.kubeconfig"));
        certificates::write_kubeconfig(&path, &self.address(), &authority, &identity)?;
        Ok(path)
    }

    /// Runs kubectl as the administrator and gives back what it printed.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        program::output(self.kubectl_command().args(arguments))
    }

    /// Applies manifests, server-side, as whoever `manager` says.
    pub fn apply(&self, manifests: &str, manager: &str) -> Result<()> {
        let mut command = self.kubectl_command();
        command.args(["apply", "--server-side", "--force-conflicts", "--field-manager", manager]);
        program::output_of_input(command.args(["-f", "-"]), manifests)?;
        Ok(())
    }

    /// Tries kubectl until it succeeds, for at most three minutes.
    pub fn eventually(&self, arguments: &[&str]) -> Result<String> {
        program::retry(PATIENCE, || self.kubectl(arguments))
    }

    /// kubectl as the administrator, for what the other functions do not do.
    pub fn kubectl_command(&self) -> Command {
        let mut command = Command::new(self.cache.program("kubectl"));
        command.env("KUBECONFIG", self.admin());
        command.env("KUBECACHEDIR", self.folder.join("kubectl-cache"));
        command
    }

    fn processes(&self) -> Processes<'_> {
        Processes { folder: &self.folder, lifetime: self.lifetime }
    }

    fn api_port(&self) -> u16 {
        self.port + ports::API_SERVER
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.lifetime == Lifetime::Ours {
            self.processes().kill_all();
        }
    }
}
