//! What this server must be told: the cluster whose releases to read.

use clients::kubernetes::settings::KubernetesSettings;

/// The settings of the Helm server: the sum of those of its clients.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Which cluster, and how to reach it.
    #[command(flatten)]
    pub kubernetes: KubernetesSettings,
}
