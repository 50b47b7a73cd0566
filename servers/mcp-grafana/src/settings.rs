//! What this server must be told: where Grafana is.

use clients::grafana::settings::GrafanaSettings;

/// The settings of the Grafana server: those of its client.
#[derive(Clone, Debug, Default, clap::Args)]
// Other servers' settings are called so, too, and one command may take both.
#[group(id = "grafana")]
pub struct Settings {
    /// Where Grafana is.
    #[command(flatten)]
    pub grafana: GrafanaSettings,
}
