//! Which plugins are installed.

use crate::grafana::connection::Grafana;
use crate::grafana::reads::PLUGINS;
use crate::web::said::Said;
use crate::web::tolerant::or_nothing;
use readonly::refusal::Refusal;
use serde::Deserialize;

/// A plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Plugin {
    /// What dashboards call it, such as `timeseries`.
    #[serde(deserialize_with = "or_nothing")]
    pub id: String,
    /// Whether it is switched on.
    pub enabled: bool,
}

impl Grafana {
    /// The plugins for panels that are installed.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn panel_plugins(&self) -> Result<Said<Vec<Plugin>>, Refusal> {
        self.get(PLUGINS, &[("type", "panel".to_owned())]).await
    }
}
