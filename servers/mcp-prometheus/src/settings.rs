//! What this server must be told: where Prometheus and Alertmanager are.

use clients::alertmanager::settings::AlertmanagerSettings;
use clients::prometheus::settings::PrometheusSettings;

/// The settings of the Prometheus server: the sum of those of its clients.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Settings {
    /// Where Prometheus is.
    #[command(flatten)]
    pub prometheus: PrometheusSettings,
    /// Where Alertmanager is.
    #[command(flatten)]
    pub alertmanager: AlertmanagerSettings,
}
