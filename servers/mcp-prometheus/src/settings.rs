//! What this server must be told: where Prometheus and Alertmanager are.

use clients::alertmanager::settings::AlertmanagerSettings;
use clients::prometheus::settings::PrometheusSettings;

/// The settings of the Prometheus server: the sum of those of its clients.
#[derive(Clone, Debug, Default, clap::Args)]
// Other servers' settings are called so, too, and one command may take both.
#[group(id = "prometheus")]
pub struct Settings {
    /// Where Prometheus is.
    #[command(flatten)]
    pub prometheus: PrometheusSettings,
    /// Where Alertmanager is.
    #[command(flatten)]
    pub alertmanager: AlertmanagerSettings,
}
