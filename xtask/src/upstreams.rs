//! `cargo xtask upstreams`: builds, starts and stops real upstream servers, for trying things by hand.

use crate::cluster::{Cluster, Lifetime};
use crate::install::{Cache, component};
use crate::scenario::Scenario;
use crate::{monitoring, program};
use anyhow::{Context, Result};
use std::path::PathBuf;

/// The name of Prometheus and what stands beside it, which come from packages.
const PROMETHEUS: &str = "prometheus";

/// What to do.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Builds what is missing in the cache (`INQUEST_UPSTREAMS`, else ~/.cache/inquest-upstreams).
    Install {
        /// Only these: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl, kwok, helm3, helm4,
        /// prometheus (with Alertmanager and exporters), prometheus3, victoria-metrics,
        /// vmalert, kube-state-metrics.
        names: Vec<String>,
    },
    /// Starts a Kubernetes control plane with simulated nodes, which goes on until `down`.
    Up {
        /// Keeps its data, logs and kubeconfigs.
        folder: PathBuf,
        /// How many nodes.
        #[arg(long, default_value_t = 3)]
        nodes: u16,
    },
    /// Stops what `up` started in a folder.
    Down {
        /// The folder of the cluster.
        folder: PathBuf,
    },
    /// Shows what runs.
    Status {
        /// The folder of the cluster.
        folder: PathBuf,
    },
    /// Makes a user without rights and prints its kubeconfig.
    User {
        /// The folder of the cluster.
        folder: PathBuf,
        /// The user's name, such as `system:serviceaccount:inquest:inquest`.
        name: String,
        /// A group that the user is in.
        #[arg(long)]
        group: Option<String>,
    },
    /// Says which tags of an image repository exist: pods with any other go to ImagePullBackOff.
    Tags {
        /// The folder of the cluster.
        folder: PathBuf,
        /// Such as `georgeezejiofor/echo-pod`.
        repository: String,
        /// The tags that exist.
        tags: Vec<String>,
    },
    /// Moves everything that exists into the past.
    Later {
        /// The folder of the cluster.
        folder: PathBuf,
        /// Such as `25m` or `6d`.
        duration: String,
    },
    /// Does the steps of a scenario.
    Play {
        /// The folder of the cluster.
        folder: PathBuf,
        /// The folder of the scenario, with its scenario.yaml.
        scenario: PathBuf,
    },
}

/// Does it.
pub fn run(command: &Command) -> Result<()> {
    match command {
        Command::Install { names } => install(names),
        Command::Up { folder, nodes } => {
            let cluster = Cluster::start(folder, *nodes, Lifetime::Detached)?;
            program::print(&format!("export KUBECONFIG={}", cluster.admin().display()))
        }
        Command::Down { folder } => {
            Cluster::open(folder)?.stop();
            Ok(())
        }
        Command::Status { folder } => {
            let cluster = Cluster::open(folder)?;
            program::print(&format!("{} {}", cluster.folder().display(), cluster.address()))?;
            cluster.status().iter().try_for_each(|line| program::print(line))
        }
        Command::User { folder, name, group } => {
            let kubeconfig = Cluster::open(folder)?.user(name, group.as_deref())?;
            program::print(&kubeconfig.display().to_string())
        }
        Command::Tags { folder, repository, tags } => Cluster::open(folder)?.tags(repository, tags),
        Command::Later { folder, duration } => Cluster::open(folder)?.later(duration),
        Command::Play { folder, scenario } => {
            Scenario::read(&scenario.canonicalize()?)?.play(&Cluster::open(folder)?)
        }
    }
}

fn install(names: &[String]) -> Result<()> {
    let cache = Cache::of_the_user()?;
    if names.is_empty() {
        cache.install(component::ALL)?;
        cache.install(component::METRICS)?;
        return monitoring::install(&cache);
    }
    for name in names {
        if name == PROMETHEUS {
            monitoring::install(&cache)?;
            continue;
        }
        let component = component::named(name).with_context(|| {
            let built = component::every().map(|component| component.name);
            let known: Vec<&str> = built.chain([PROMETHEUS]).collect();
            format!("unknown component {name:?}; known: {}", known.join(", "))
        })?;
        cache.install(std::slice::from_ref(component))?;
    }
    Ok(())
}
